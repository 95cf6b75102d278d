namespace Bnn.Core;

/// <summary>The tensors that a finished training left.</summary>
public abstract record TrainedTensors
{
    private TrainedTensors()
    {
    }

    /// <summary>Those of a Bayesian net.</summary>
    /// <param name="Initial">Before training.</param>
    /// <param name="Final">After the last step.</param>
    /// <param name="Mask">Null for a whole net.</param>
    public sealed record Posterior(PosteriorSnapshot Initial, PosteriorSnapshot Final, Mask? Mask) : TrainedTensors;

    /// <summary>Those of an ordinary net.</summary>
    /// <param name="Mask">All ones for a whole net.</param>
    /// <param name="Initial">What it started from.</param>
    /// <param name="EarlyStop">Null without validation.</param>
    /// <param name="Final">After the last step.</param>
    public sealed record Weights(Mask Mask, PointWeights Initial, PointWeights? EarlyStop, PointWeights Final) : TrainedTensors;
}

/// <summary>
/// A finished training's network with its data, for measures that are computed from what the training left. What several of them need is
/// computed once; one thread at a time.
/// </summary>
/// <param name="seed">The training's: draws of a posterior follow from it.</param>
/// <param name="tensors">What was stored.</param>
/// <param name="engine">Does the forward passes; all else is computed in double, in a fixed order.</param>
/// <param name="data">What the training was evaluated on.</param>
public sealed class StoredNetwork(Seed seed, TrainedTensors tensors, ITrainingEngine engine, Dataset data)
{
    /// <summary>How many times a posterior is drawn from.</summary>
    public const int Samples = 20;

    private SampledPredictions? _predictions;
    private double[]? _probabilities;

    public TrainedTensors Tensors => tensors;

    /// <summary>The test images' classes.</summary>
    public int[] Labels { get; } = Array.ConvertAll(data.Test.Labels, label => (int)label);

    /// <summary>
    /// What is predicted for the test images after the last step: by an ordinary net's weights, or by <see cref="Samples"/> draws of a
    /// Bayesian net's.
    /// </summary>
    public SampledPredictions Predictions => _predictions ??= Predict();

    /// <summary>The class probabilities of the test images, [images, classes]: for a Bayesian net the mean over its draws.</summary>
    public double[] Probabilities => _probabilities ??= Predictions.Probabilities();

    /// <summary>An ordinary net with these weights on the test images.</summary>
    public Evaluation Evaluate(PointWeights weights) => engine.Evaluate(weights, data.Test);

    private SampledPredictions Predict()
    {
        SampledPredictions? predictions = null;
        foreach (var weights in Draws())
        {
            double[] values = Array.ConvertAll(engine.Logits(weights, data.Test), logit => (double)logit);
            var classes = values.Length / data.Test.Count;
            for (var row = 0; row < data.Test.Count; row++)
            {
                var own = values.AsSpan(row * classes, classes);
                CrossEntropy.Softmax(own, own);
            }
            predictions ??= new SampledPredictions(data.Test.Count, classes);
            predictions.Add(values);
        }
        return predictions!;
    }

    private IEnumerable<PointWeights> Draws()
    {
        if (tensors is TrainedTensors.Weights weights) return [weights.Final];
        var posterior = (TrainedTensors.Posterior)tensors;
        var sampler = new PosteriorSampler(posterior.Final, posterior.Mask);
        return Enumerable.Range(1, Samples).Select(number => sampler.Draw(seed, number));
    }
}
