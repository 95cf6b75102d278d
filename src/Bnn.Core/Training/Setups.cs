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
    /// <summary>
    /// Steps of the whole net before the start, for a net that was rewound to there: step t of this net draws the noise, ε and both signs,
    /// of step t + StepsBefore, whatever its source. All else, such as Adam's t and the flush, goes by this net's own steps.
    /// </summary>
    public int StepsBefore { get; init; }

    /// <summary>Checks the setup; an engine calls it before it makes anything.</summary>
    /// <exception cref="ArgumentException">The parts don't fit each other.</exception>
    public void Check()
    {
        SetupCheck.Check(Batch, Mask, Start.Layers.Select(layer => layer.Shape));
        if (StepsBefore < 0) throw new ArgumentException($"{StepsBefore} steps before the start", nameof(StepsBefore));
    }
}

/// <summary>What a training of an ordinary net starts from.</summary>
/// <param name="Start">Where training starts; values at pruned weights are ignored, unless these are frozen.</param>
/// <param name="Mask">Which weights stay; null for all.</param>
/// <param name="Optimizer">Its moments start at 0.</param>
/// <param name="Batch">Items of a step, at least 1.</param>
public sealed record OrdinarySetup(PointWeights Start, Mask? Mask, Optimizer Optimizer, int Batch)
{
    /// <summary>
    /// Whether pruned weights stay at their values in <see cref="Start"/> instead of becoming +0: they enter the forward pass, the
    /// gradients of the inputs and evaluation, but take no update, have no moments and are never flushed. Where the start is 0 this is
    /// pruning as usual. An engine takes it if <see cref="ITrainingEngine.CanFreeze"/> says so.
    /// </summary>
    public bool FreezesPruned { get; init; }

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
