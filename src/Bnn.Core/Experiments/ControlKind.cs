namespace Bnn.Core;

/// <summary>
/// What a ticket is compared with to see what in it matters: trainings at its count of weights in each layer, or from its mask, that lack
/// one thing it has.
/// </summary>
public enum ControlKind
{
    /// <summary>The places of the weights, chosen at random in each layer.</summary>
    Random,

    /// <summary>As random, but only among weights of pixels that aren't zero in every training image.</summary>
    RandomLive,

    /// <summary>Each input keeps its number of weights, at random outputs: does the mask know more than which inputs matter?</summary>
    ShuffleInputs,

    /// <summary>The weights that the strategy would prune first.</summary>
    Inverted,

    /// <summary>The ticket's mask, with weights and biases drawn anew.</summary>
    Reinit,

    /// <summary>The dense net from Glorot's start.</summary>
    GlorotStart,
}

/// <summary>The controls' names in settings and files.</summary>
public static class ControlKinds
{
    public static string Name(this ControlKind kind) => kind switch
    {
        ControlKind.Random => "random",
        ControlKind.RandomLive => "random-live",
        ControlKind.ShuffleInputs => "shuffle-inputs",
        ControlKind.Inverted => "inverted",
        ControlKind.Reinit => "reinit",
        ControlKind.GlorotStart => "glorot-start",
        _ => throw new System.Diagnostics.UnreachableException(),
    };
}
