namespace Bnn.Core;

/// <summary>What a setting belongs to, and so which keys it is part of.</summary>
public enum SettingPart
{
    /// <summary>Which trainings there are: strategies, where they cut, seeds. It enters keys through what is planned from it.</summary>
    Plan,

    /// <summary>Which replicate of its cell a training is: the seed. It is in every training's key and in no cell's.</summary>
    Replicate,

    /// <summary>Every training.</summary>
    Every,

    /// <summary>Bayesian nets.</summary>
    Bayesian,

    /// <summary>Ordinary nets, whole or masked.</summary>
    Ordinary,

    /// <summary>Masked nets, ordinary or Bayesian.</summary>
    Masked,

    /// <summary>Tickets: masked ordinary nets.</summary>
    Ticket,

    /// <summary>The data and the engine of the trainings, which have names of their own in keys.</summary>
    Source,

    /// <summary>Nothing that could change a result: where results go, how many trainings run at a time.</summary>
    Immaterial,
}
