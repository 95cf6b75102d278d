using System.Collections.Immutable;

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
/// Does pieces of work that don't depend on each other, in any order, perhaps several at a time; returns when all are done.
/// </summary>
/// <param name="count">How many there are.</param>
/// <param name="piece">Does one, given its number from 0; may be called from several threads at once.</param>
public delegate void Pieces(int count, Action<int> piece);

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
    private readonly Samples _test = data.Test;

    /// <summary>How many times a posterior is drawn from.</summary>
    public const int DrawCount = 20;

    private SampledPredictions? _predictions, _secondPredictions;
    private double[]? _probabilities;
    private ImmutableDictionary<PrunedPoint, double>? _pruned;

    /// <summary>s₀ of a Bayesian net.</summary>
    public double PriorScale { get; init; } = 1;

    /// <summary>Does the forward passes of a net's draws, one after another unless something else is given; changes no number.</summary>
    public Pieces Pieces { get; init; } = OneAfterAnother;

    /// <summary>Images of another data set; null where none is asked about.</summary>
    public SecondSet? Second { get; init; }

    public TrainedTensors Tensors => tensors;

    /// <summary>The test images' classes.</summary>
    public int[] Labels { get; } = Array.ConvertAll(data.Test.Labels, label => (int)label);

    /// <summary>
    /// What is predicted for the test images after the last step: by an ordinary net's weights, or by <see cref="DrawCount"/> draws of a
    /// Bayesian net's.
    /// </summary>
    public SampledPredictions Predictions => _predictions ??= Predict(_test);

    /// <summary>The same for the images of the second data set.</summary>
    /// <exception cref="InvalidOperationException">There is none.</exception>
    public SampledPredictions SecondPredictions =>
        _secondPredictions ??= Predict((Second ?? throw new InvalidOperationException("no second data set")).Images);

    /// <summary>
    /// Spearman's correlation of a Bayesian net's σ² and its inputs' activity over the weights of the first layer; NaN where one of both
    /// is constant.
    /// </summary>
    public double VarianceWithActivity()
    {
        var layer = ((TrainedTensors.Posterior)tensors).Final.Layers[0];
        var squares = data.Train.SquareSums();
        // Ranks of squares, and of sums, are those of their roots and means.
        double[] variance = [.. layer.Sigma().Select(sigma => (double)sigma * sigma)];
        double[] activity = [.. Enumerable.Range(0, variance.Length).Select(w => squares[w / layer.Shape.Outputs])];
        return Ranks.Correlation(Ranks.Midranks(variance), Ranks.Midranks(activity));
    }

    /// <summary>A whole Bayesian net's test accuracies with some of its weights taken away.</summary>
    public ImmutableDictionary<PrunedPoint, double> Pruned => _pruned ??= PrunedPosterior.Accuracies(
        ((TrainedTensors.Posterior)tensors).Final, PriorScale, seed, weights => engine.Logits(weights, _test), Labels, Pieces);

    /// <summary>The class probabilities of the test images, [images, classes]: for a Bayesian net the mean over its draws.</summary>
    public double[] Probabilities => _probabilities ??= Predictions.Probabilities();

    /// <summary>An ordinary net with these weights on the test images.</summary>
    public Evaluation Evaluate(PointWeights weights) => engine.Evaluate(weights, _test);

    /// <inheritdoc cref="Bnn.Core.Pieces"/>
    public static void OneAfterAnother(int count, Action<int> piece)
    {
        for (var number = 0; number < count; number++) piece(number);
    }

    private SampledPredictions Predict(Samples images)
    {
        if (tensors is TrainedTensors.Weights { Final: var final }) return Together(images, [Predict(final, images)]);
        var posterior = (TrainedTensors.Posterior)tensors;
        var sampler = new PosteriorSampler(posterior.Final, posterior.Mask);
        var draws = new double[DrawCount][];
        Pieces(DrawCount, draw => draws[draw] = Predict(sampler.Draw(seed, draw + 1), images));
        return Together(images, draws);
    }

    private static SampledPredictions Together(Samples images, double[][] draws)
    {
        var predictions = new SampledPredictions(images.Count, draws[0].Length / images.Count);
        foreach (var draw in draws) predictions.Add(draw);
        return predictions;
    }

    private double[] Predict(PointWeights weights, Samples images)
    {
        double[] values = Array.ConvertAll(engine.Logits(weights, images), logit => (double)logit);
        var classes = values.Length / images.Count;
        for (var row = 0; row < images.Count; row++)
        {
            var own = values.AsSpan(row * classes, classes);
            CrossEntropy.Softmax(own, own);
        }
        return values;
    }
}
