namespace Bnn.Core;

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
    IStepper Ordinary(OrdinarySetup setup, Samples train);

    /// <summary>Gradient and input activity of an ordinary network with these weights over <paramref name="items"/> of the samples.</summary>
    NetworkProbe Probe(PointWeights weights, Samples samples, ReadOnlySpan<int> items);

    /// <summary>An ordinary network with these weights on all of <paramref name="samples"/>.</summary>
    Evaluation Evaluate(PointWeights weights, Samples samples);
}
