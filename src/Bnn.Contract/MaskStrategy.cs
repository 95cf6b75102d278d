using Bnn.Core;

namespace Bnn.Contract;

/// <summary>Describes a strategy. The host reads it from the DLL's metadata, without running any of the plugin's code.</summary>
/// <param name="name">The name for <c>--strategy</c>: lower-case letters, digits and hyphens.</param>
/// <param name="description">One line for people: what the strategy ranks weights by.</param>
/// <param name="keep">Whether the highest or the lowest values of the criterion are kept.</param>
[AttributeUsage(AttributeTargets.Class, Inherited = false)]
public sealed class MaskStrategyAttribute(string name, string description, Keep keep) : Attribute
{
    public string Name { get; } = name;

    public string Description { get; } = description;

    public Keep Keep { get; } = keep;

    /// <summary>What the host must compute before it asks for scores. What is not requested is empty in <see cref="LayerView"/>.</summary>
    public Needs Needs { get; init; }

    /// <summary>The heading under which it is listed: bayesian, magnitude, gradient, control, or one of your own.</summary>
    public string Group { get; init; } = "other";

    /// <summary>The criterion as a formula.</summary>
    public string Formula { get; init; } = "";

    /// <summary>Where the criterion was proposed.</summary>
    public string Reference { get; init; } = "";
}

/// <summary>
/// Makes a property of a strategy a parameter: <c>--strategy name:parameter=value</c>. The property is a double, int, bool or string with a
/// setter. Values are part of the tickets' keys.
/// </summary>
/// <param name="name">Lower-case letters, digits and hyphens.</param>
/// <param name="description">One line for people.</param>
[AttributeUsage(AttributeTargets.Property, Inherited = false)]
public sealed class StrategyParameterAttribute(string name, string description) : Attribute
{
    public string Name { get; } = name;

    public string Description { get; } = description;

    /// <summary>The value if none is given, as it would be typed on the command line.</summary>
    public string Default { get; init; } = "";

    /// <summary>The smallest number allowed.</summary>
    public double Least { get; init; } = double.NegativeInfinity;

    /// <summary>The largest number allowed.</summary>
    public double Most { get; init; } = double.PositiveInfinity;

    /// <summary>For a string: the values it may have, comma-separated.</summary>
    public string Choices { get; init; } = "";

    /// <summary>For a string: whether it names another strategy, whose criterion is then in <see cref="LayerView.Other"/>.</summary>
    public bool IsStrategy { get; init; }
}

/// <summary>
/// A criterion that scores one layer at a time. Give the class a <see cref="MaskStrategyAttribute"/> and a constructor without parameters.
/// </summary>
public interface IMaskStrategy
{
    /// <summary>
    /// Writes the raw criterion of each weight of one layer: for variance σ², not its rank and not a mask. The host ranks, cuts and breaks
    /// ties.
    /// </summary>
    /// <param name="layer">What the strategy requested, read-only.</param>
    /// <param name="criterion">
    /// [inputs, outputs], row-major. Every element must be written, and be finite where <see cref="LayerView.Kept"/> is 1.
    /// </param>
    void Score(in LayerView layer, Span<double> criterion);
}

/// <summary>A criterion that scores all layers together.</summary>
/// <remarks>Since contract 1.1.</remarks>
public interface INetworkMaskStrategy
{
    /// <summary>Writes the raw criterion of every layer to <see cref="INetworkView.Criterion"/>.</summary>
    void Score(INetworkView network);
}

/// <summary>All layers of a network.</summary>
public interface INetworkView
{
    int Layers { get; }

    /// <summary>What the strategy requested of a layer.</summary>
    /// <param name="index">The layer's number, from 0.</param>
    LayerView Layer(int index);

    /// <summary>
    /// Where to write that layer's criterion, [inputs, outputs]. Every element must be written, and be finite where
    /// <see cref="LayerView.Kept"/> is 1.
    /// </summary>
    /// <param name="index">The layer's number, from 0.</param>
    Span<double> Criterion(int index);
}
