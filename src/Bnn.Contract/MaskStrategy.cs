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

    /// <summary>What the host must have computed before; what is not asked for is not there to read.</summary>
    public Needs Needs { get; init; }

    /// <summary>Under which heading it is listed: bayesian, magnitude, gradient, control, or a heading of your own.</summary>
    public string Group { get; init; } = "other";

    /// <summary>The criterion as a formula.</summary>
    public string Formula { get; init; } = "";

    /// <summary>Who proposed it.</summary>
    public string Reference { get; init; } = "";
}

/// <summary>
/// Makes a property of a strategy a parameter: <c>--strategy name:parameter=value</c>. The property is double, int, bool or string, and has a setter.
/// Values are part of the tickets' keys.
/// </summary>
/// <param name="name">Lower-case letters, digits and hyphens.</param>
/// <param name="description">One line for people.</param>
[AttributeUsage(AttributeTargets.Property, Inherited = false)]
public sealed class StrategyParameterAttribute(string name, string description) : Attribute
{
    public string Name { get; } = name;

    public string Description { get; } = description;

    /// <summary>The value without one given, as it would be typed.</summary>
    public string Default { get; init; } = "";

    /// <summary>The smallest number allowed.</summary>
    public double Least { get; init; } = double.NegativeInfinity;

    /// <summary>The largest number allowed.</summary>
    public double Most { get; init; } = double.PositiveInfinity;

    /// <summary>For a string: what it may be, with commas between.</summary>
    public string Choices { get; init; } = "";

    /// <summary>For a string: it names another strategy, whose criterion <see cref="LayerView.Other"/> then holds.</summary>
    public bool IsStrategy { get; init; }
}

/// <summary>A criterion for weights, a layer at a time. Give the class a <see cref="MaskStrategyAttribute"/> and a constructor without parameters.</summary>
public interface IMaskStrategy
{
    /// <summary>
    /// Writes the raw criterion of each weight of one layer: for variance σ², not its rank and not a mask. The host ranks, cuts and breaks ties.
    /// </summary>
    /// <param name="layer">What was asked for, read-only.</param>
    /// <param name="criterion">[inputs, outputs], row-major; every element must be written, none with NaN or an infinity.</param>
    void Score(in LayerView layer, Span<double> criterion);
}

/// <summary>A criterion for weights that looks at all layers together.</summary>
/// <remarks>Since contract 1.1.</remarks>
public interface INetworkMaskStrategy
{
    /// <summary>Writes the raw criterion of every layer to <see cref="INetworkView.Criterion"/>.</summary>
    void Score(INetworkView network);
}

/// <summary>All layers at once.</summary>
public interface INetworkView
{
    int Layers { get; }

    /// <summary>What was asked for of a layer, from 0.</summary>
    LayerView Layer(int index);

    /// <summary>Where that layer's criterion goes, [inputs, outputs]; every element must be written.</summary>
    Span<double> Criterion(int index);
}
