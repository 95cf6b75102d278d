using System.Collections.Immutable;

namespace Bnn.Core;

/// <summary>Which weights of a layer stay: 1 kept, 0 pruned, [inputs, outputs]. Biases are never masked.</summary>
public sealed record LayerMask(LayerShape Shape, byte[] Kept)
{
    public int KeptCount => Kept.Sum(kept => kept);
}

/// <summary>Which weights of a network stay.</summary>
public sealed record Mask(ImmutableArray<LayerMask> Layers)
{
    public int KeptCount => Layers.Sum(layer => layer.KeptCount);

    public int Total => Layers.Sum(layer => layer.Kept.Length);

    /// <summary>The share of the prunable weights that is kept.</summary>
    public double Density => (double)KeptCount / Total;

    public static Mask All(Architecture net) => new([.. net.Layers.Select(shape =>
    {
        var kept = new byte[shape.Weights];
        kept.AsSpan().Fill(1);
        return new LayerMask(shape, kept);
    })]);
}
