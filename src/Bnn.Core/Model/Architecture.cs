using System.Collections.Immutable;

namespace Bnn.Core;

/// <summary>A dense layer's size; its weights are [inputs, outputs], row-major.</summary>
public readonly record struct LayerShape(int Inputs, int Outputs)
{
    public int Weights => Inputs * Outputs;

    public override string ToString() => $"{Inputs}×{Outputs}";
}

/// <summary>
/// A multilayer perceptron: layer sizes from the inputs through the hidden units to the classes; ReLU between, logits at the end.
/// </summary>
public sealed class Architecture : IEquatable<Architecture>
{
    public Architecture(ImmutableArray<int> sizes)
    {
        if (sizes.Length < 2 || sizes.Any(size => size < 1))
            throw new ArgumentException("an architecture has inputs and outputs, none of size 0", nameof(sizes));
        Sizes = sizes;
        Layers = [.. sizes.Zip(sizes.Skip(1), (inputs, outputs) => new LayerShape(inputs, outputs))];
    }

    public ImmutableArray<int> Sizes { get; }

    public ImmutableArray<LayerShape> Layers { get; }

    /// <summary>Weights of all layers, biases not counted.</summary>
    public int Weights => Layers.Sum(layer => layer.Weights);

    public bool Equals(Architecture? other) => other is not null && Sizes.SequenceEqual(other.Sizes);

    public override bool Equals(object? obj) => Equals(obj as Architecture);

    public override int GetHashCode() => Sizes.Aggregate(17, HashCode.Combine);

    /// <summary>784-300-100-10.</summary>
    public override string ToString() => string.Join('-', Sizes);
}
