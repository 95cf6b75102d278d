using Bnn.Core;

namespace Bnn.Contract;

/// <summary>Says what a strategy is, readable without running it.</summary>
/// <param name="name">What <c>--strategy</c> takes: lower-case letters, digits and hyphens.</param>
/// <param name="description">One line for people: what it ranks by.</param>
/// <param name="keep">Which end of the criterion stays.</param>
[AttributeUsage(AttributeTargets.Class, Inherited = false)]
public sealed class MaskStrategyAttribute(string name, string description, Keep keep) : Attribute
{
    public string Name { get; } = name;

    public string Description { get; } = description;

    public Keep Keep { get; } = keep;

    /// <summary>What the host must have trained before; what is not asked for is not there to read.</summary>
    public Needs Needs { get; init; }
}

/// <summary>A criterion for weights. Give the class a <see cref="MaskStrategyAttribute"/> and a constructor without parameters.</summary>
public interface IMaskStrategy
{
    /// <summary>
    /// Writes the raw criterion of each weight of one layer: for variance σ², not its rank and not a mask. The host ranks, cuts and breaks ties.
    /// </summary>
    /// <param name="layer">What was asked for, read-only.</param>
    /// <param name="criterion">[inputs, outputs], row-major; every element must be written, none with NaN.</param>
    void Score(in LayerView layer, Span<double> criterion);
}
