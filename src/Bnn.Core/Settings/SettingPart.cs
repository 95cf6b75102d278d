namespace Bnn.Core;

/// <summary>What a setting belongs to, and so whose keys it is part of.</summary>
public enum SettingPart
{
    /// <summary>Which trainings there are: strategies, where they cut, seeds. In keys through what is planned from it.</summary>
    Plan,

    /// <summary>Which replicate of its cell a training is: the seed. In every training's key, in no cell's.</summary>
    Replicate,

    /// <summary>Every training.</summary>
    Every,

    /// <summary>Bayesian nets.</summary>
    Bayesian,

    /// <summary>Ordinary nets, whole or masked.</summary>
    Ordinary,

    /// <summary>What the trainings are made on and by: the data and the engine, which have names of their own in keys.</summary>
    Source,

    /// <summary>Nothing that could change a result: where it goes, how many trainings run at a time.</summary>
    Immaterial,
}
