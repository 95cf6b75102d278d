using System.Collections.Immutable;

namespace Bnn.Core;

/// <summary>How the examples of a batch get the random part σ∘ε of their weights.</summary>
public enum Perturbation
{
    /// <summary>One ε for the batch, whose sign differs from example to example by the signs of the weight's input and output.</summary>
    Flipout,

    /// <summary>One ε for the batch: every example has the same weights.</summary>
    Shared,

    /// <summary>An ε for each example.</summary>
    Independent,
}

public static class Perturbations
{
    /// <summary>In the order of tables.</summary>
    public static ImmutableArray<Perturbation> All { get; } = [Perturbation.Flipout, Perturbation.Shared, Perturbation.Independent];

    /// <summary>As files have it.</summary>
    public static string Name(this Perturbation perturbation) => perturbation switch
    {
        Perturbation.Flipout => "flipout",
        Perturbation.Shared => "shared",
        Perturbation.Independent => "independent",
        _ => throw new System.Diagnostics.UnreachableException(),
    };
}
