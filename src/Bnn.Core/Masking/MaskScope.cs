namespace Bnn.Core;

/// <summary>Which weights compete with one another, and which share of its weights each layer loses.</summary>
public enum MaskScope
{
    /// <summary>Each layer alone; hidden layers lose 1 − d, the output layer half of it (Frankle and Carbin 2018).</summary>
    Paper,

    /// <summary>Each layer alone; every layer loses 1 − d.</summary>
    Layerwise,

    /// <summary>All weights of the network together.</summary>
    Global,
}

/// <summary>The scopes' names in settings and files.</summary>
public static class MaskScopes
{
    public static string Name(this MaskScope scope) => scope switch
    {
        MaskScope.Paper => "paper",
        MaskScope.Layerwise => "layerwise",
        MaskScope.Global => "global",
        _ => throw new System.Diagnostics.UnreachableException(),
    };
}
