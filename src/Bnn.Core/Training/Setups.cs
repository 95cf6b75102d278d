namespace Bnn.Core;

/// <summary>What a training of a Bayesian net starts from.</summary>
/// <param name="Start">Where training starts; values at pruned weights are ignored.</param>
/// <param name="Optimizer">Its moments start at 0.</param>
/// <param name="Batch">Items of a step, at least 1.</param>
/// <param name="KlFactor">What the summed KL is multiplied by in the loss: KL weight / number of training images.</param>
/// <param name="PriorScale">s₀ of the prior N(0, s₀²), above 0.</param>
/// <param name="ScaleEpsilon">Added to softplus(ρ) in σ.</param>
/// <param name="Noise">What ε and the signs are.</param>
/// <param name="Mask">Which weights stay; null for all. At pruned weights μ and ρ are stored as +0 and σ is 0 by definition: they draw
/// nothing, take no update and are not part of the KL. Kept weights draw the ε that they draw in the whole net.</param>
public sealed record BayesianSetup(
    PosteriorSnapshot Start, Optimizer Optimizer, int Batch, double KlFactor, double PriorScale, float ScaleEpsilon, NoiseSource Noise,
    Mask? Mask = null)
{
    /// <summary>Checks the setup; an engine calls it before it makes anything.</summary>
    /// <exception cref="ArgumentException">The parts don't fit each other.</exception>
    public void Check() => SetupCheck.Check(Batch, Mask, Start.Layers.Select(layer => layer.Shape));
}

/// <summary>What a training of an ordinary net starts from.</summary>
/// <param name="Start">Where training starts; values at pruned weights are ignored.</param>
/// <param name="Mask">Which weights stay; null for all.</param>
/// <param name="Optimizer">Its moments start at 0.</param>
/// <param name="Batch">Items of a step, at least 1.</param>
public sealed record OrdinarySetup(PointWeights Start, Mask? Mask, Optimizer Optimizer, int Batch)
{
    /// <inheritdoc cref="BayesianSetup.Check"/>
    public void Check() => SetupCheck.Check(Batch, Mask, Start.Layers.Select(layer => layer.Shape));
}

internal static class SetupCheck
{
    public static void Check(int batch, Mask? mask, IEnumerable<LayerShape> layers)
    {
        if (batch < 1) throw new ArgumentException($"a batch of {batch} items", nameof(batch));
        if (mask is null) return;
        var (expected, found) = (string.Join(", ", layers), string.Join(", ", mask.Layers.Select(layer => layer.Shape)));
        if (expected != found) throw new ArgumentException($"a mask of the layers {found} for a net of {expected}", nameof(mask));
        if (mask.Layers.FirstOrDefault(layer => layer.Kept.Length != layer.Shape.Weights) is { } layer)
            throw new ArgumentException($"a mask of {layer.Kept.Length} weights for a layer of {layer.Shape.Weights}", nameof(mask));
    }
}
