namespace Bnn.Core;

/// <summary>What distribution a net's initial weights are drawn from.</summary>
public enum StartRule
{
    /// <summary>The Bayesian net's initial means and biases: N(0, 0.1²), as in TensorFlow Probability.</summary>
    Posterior,

    /// <summary>Keras' glorot_normal, cut at two standard deviations; biases are 0.</summary>
    Glorot,
}

/// <summary>The starts' names in settings and files.</summary>
public static class StartRules
{
    public static string Name(this StartRule start) => start switch
    {
        StartRule.Posterior => "posterior",
        StartRule.Glorot => "glorot",
        _ => throw new System.Diagnostics.UnreachableException(),
    };
}
