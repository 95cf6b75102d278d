using System.Collections.Immutable;
using Bnn.Core;

namespace Bnn.Contract;

/// <summary>Does the arithmetic of training. It makes steppers; the loop around them is <see cref="TrainingLoop"/>, the same for every engine.</summary>
public interface ITrainingEngine
{
    /// <summary>Part of every training's key.</summary>
    string Name { get; }

    /// <summary>Version of its arithmetic, part of every training's key: raised when a training gives other bits.</summary>
    int Numerics { get; }

    /// <summary>For people: how it computes here.</summary>
    string Description { get; }

    /// <summary>The noise of a Bayesian training from the seed's named streams.</summary>
    INoise Noise(Seed seed);

    /// <param name="train">The samples that steps take their items from.</param>
    IBayesianStepper Bayesian(BayesianSetup setup, Samples train);

    /// <inheritdoc cref="Bayesian"/>
    IStepper Deterministic(DeterministicSetup setup, Samples train);

    /// <summary>Gradient and input activity of an ordinary network with these weights over <paramref name="items"/> of the samples.</summary>
    NetworkProbe Probe(PointWeights weights, Samples samples, ReadOnlySpan<int> items);

    /// <summary>An ordinary network with these weights on all of <paramref name="samples"/>.</summary>
    Evaluation Evaluate(PointWeights weights, Samples samples);
}

/// <param name="Gradient">Of the mean cross entropy.</param>
/// <param name="InputActivity">√(mean of x²) of each input of each layer, [inputs].</param>
public sealed record NetworkProbe(PointWeights Gradient, ImmutableArray<float[]> InputActivity);

/// <summary>A stepper whose weights have a distribution.</summary>
public interface IBayesianStepper : IStepper
{
    /// <summary>A copy of the distribution as it is now.</summary>
    PosteriorSnapshot Posterior();
}

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
public sealed record DeterministicSetup(PointWeights Start, Mask? Mask, Optimizer Optimizer, int Batch);

/// <summary>Flipout's random numbers, a matrix row at a time; each a pure function of layer (from 0), step (from 1), row and column.</summary>
public interface INoise
{
    /// <summary>ε of the weights that leave input <paramref name="row"/>: standard normal, the first <paramref name="columns"/> of <paramref name="destination"/>,
    /// which has room for a whole number of 16; what is written beyond them is never used but must be finite.</summary>
    void Epsilon(int layer, int step, int row, int columns, Span<float> destination);

    /// <summary>Signs on the inputs of example <paramref name="row"/>, a bit each, set for −1 (<see cref="SignDraws"/>).</summary>
    void InputSigns(int layer, int step, int row, Span<uint> words);

    /// <summary>Signs on the outputs of example <paramref name="row"/>.</summary>
    void OutputSigns(int layer, int step, int row, Span<uint> words);
}
