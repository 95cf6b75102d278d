namespace Bnn.Core;

/// <param name="Start">Where training starts.</param>
/// <param name="Batch">Items of a step.</param>
/// <param name="KlFactor">What the summed KL is multiplied by in the loss: KL weight / number of training images.</param>
/// <param name="PriorScale">s₀ of the prior N(0, s₀²).</param>
/// <param name="ScaleEpsilon">Added to softplus(ρ) in σ.</param>
/// <param name="Noise">Where ε and the signs come from.</param>
public sealed record BayesianSetup(
    PosteriorSnapshot Start, Optimizer Optimizer, int Batch, double KlFactor, double PriorScale, float ScaleEpsilon, INoise Noise);

/// <param name="Start">Where training starts.</param>
/// <param name="Mask">Which weights stay; null for all.</param>
public sealed record OrdinarySetup(PointWeights Start, Mask? Mask, Optimizer Optimizer, int Batch);
