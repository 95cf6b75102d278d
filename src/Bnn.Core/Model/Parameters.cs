using System.Collections.Immutable;

namespace Bnn.Core;

/// <summary>
/// Gaussian weights of one layer: <paramref name="Mu"/> and <paramref name="Rho"/> are [inputs, outputs], σ = scale_eps + softplus(ρ); the
/// bias, [outputs], is a point.
/// </summary>
public sealed record LayerPosterior(LayerShape Shape, float[] Mu, float[] Rho, float[] Bias)
{
    /// <summary>What TensorFlow Probability adds to softplus in float32: 2⁻²³.</summary>
    public const float ScaleEpsilon = 1.1920929e-7f;

    /// <summary>σ = 2⁻²³ + ln(1 + e^ρ), [inputs, outputs].</summary>
    public float[] Sigma() => [.. Rho.Select(rho => ScaleEpsilon + PortableMath.Softplus(rho).Softplus)];
}

/// <summary>The distribution of the weights at one moment of a Bayesian training.</summary>
public sealed record PosteriorSnapshot(ImmutableArray<LayerPosterior> Layers)
{
    /// <summary>The posterior with every pruned weight's μ and ρ set to +0, where σ is 0 by definition. Biases are unchanged.</summary>
    public PosteriorSnapshot Masked(Mask mask) => new([.. Layers.Zip(mask.Layers, (layer, kept) => layer with
    {
        Mu = [.. layer.Mu.Select((mu, i) => kept.Kept[i] != 0 ? mu : 0f)],
        Rho = [.. layer.Rho.Select((rho, i) => kept.Kept[i] != 0 ? rho : 0f)],
    })]);

    /// <summary>The means as an ordinary network's weights.</summary>
    public PointWeights Means() => new([.. Layers.Select(layer => new LayerWeights(layer.Shape, layer.Mu, layer.Bias))]);
}

/// <summary>Weights, [inputs, outputs], and bias, [outputs], of an ordinary layer.</summary>
public sealed record LayerWeights(LayerShape Shape, float[] Weight, float[] Bias);

/// <summary>The weights of an ordinary network.</summary>
public sealed record PointWeights(ImmutableArray<LayerWeights> Layers)
{
    /// <summary>The same numbers in arrays of their own.</summary>
    public PointWeights Copy() => new([.. Layers.Select(layer => layer with { Weight = [.. layer.Weight], Bias = [.. layer.Bias] })]);

    public static PointWeights Zero(Architecture net) =>
        new([.. net.Layers.Select(shape => new LayerWeights(shape, new float[shape.Weights], new float[shape.Outputs]))]);

    /// <summary>The weights with those that the mask prunes set to +0; biases are unchanged.</summary>
    public PointWeights Masked(Mask mask) => new([.. Layers.Zip(mask.Layers, (layer, kept) =>
        layer with { Weight = [.. layer.Weight.Select((weight, i) => kept.Kept[i] != 0 ? weight : 0f)] })]);
}
