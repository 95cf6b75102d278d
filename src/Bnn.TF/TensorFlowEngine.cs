using Bnn.Core;

namespace Bnn.TF;

/// <summary>Trains on TensorFlow's native library.</summary>
/// <param name="threads">Threads inside an operation.</param>
/// <param name="noise">The noise of a seed: the streams of the default engine, so that the two can be compared step by step; null for the
/// graph's own noise.</param>
public sealed class TensorFlowEngine(TensorFlowLibrary library, int threads, Func<NoiseSource.OfSeed, INoise>? noise) : ITrainingEngine
{
    /// <summary>Includes version and noise, since they change a training's bits.</summary>
    public string Name => $"tensorflow-{library.Version}{(noise is null ? "-graph-noise" : "")}";

    public int Numerics => 1;

    public string Description =>
        $"TensorFlow {library.Version}, {threads} thread{(threads == 1 ? "" : "s")} a training, "
        + $"noise drawn by {(noise is null ? "the graph" : "the host")}";

    public bool CanFreeze => true;

    public IBayesianStepper Bayesian(BayesianSetup setup, Samples train)
    {
        setup.Check();
        return new BayesianTensorFlowStepper(setup, NoiseOf(setup.Noise), train, threads);
    }

    public IStepper Ordinary(OrdinarySetup setup, Samples train)
    {
        setup.Check();
        return TensorFlowStepper.Ordinary(setup, train, threads);
    }

    public Evaluation Evaluate(PointWeights weights, Samples samples)
    {
        using var stepper = Ordinary(new OrdinarySetup(weights, Mask: null, new Optimizer.Sgd(1), Batch: 1), samples);
        return stepper.Evaluate(samples, []);
    }

    public float[] Logits(PointWeights weights, Samples samples)
    {
        using var stepper =
            TensorFlowStepper.Ordinary(new OrdinarySetup(weights, Mask: null, new Optimizer.Sgd(1), Batch: 1), samples, threads);
        return stepper.Logits(samples, []);
    }

    public NetworkProbe Probe(PointWeights weights, Samples samples, ReadOnlySpan<int> items)
    {
        const int Most = 100;
        var count = items.Length;
        double[][] Zeros(Func<LayerShape, int> size) => [.. weights.Layers.Select(layer => new double[size(layer.Shape)])];
        var (sums, biases, squares) = (Zeros(shape => shape.Weights), Zeros(shape => shape.Outputs), Zeros(shape => shape.Inputs));
        while (!items.IsEmpty)
        {
            // Whole batches of one size, then the rest as a batch of its own.
            var size = Math.Min(Most, items.Length);
            using var stepper =
                TensorFlowStepper.Ordinary(new OrdinarySetup(weights, Mask: null, new Optimizer.Sgd(1), size), samples, threads);
            for (; items.Length >= size; items = items[size..]) stepper.AddTo(sums, biases, squares, items[..size]);
        }
        float[] Mean(double[] values) => Array.ConvertAll(values, value => (float)(value / count));
        return new NetworkProbe(
            new PointWeights([.. weights.Layers.Select((layer, l) => new LayerWeights(layer.Shape, Mean(sums[l]), Mean(biases[l])))]),
            [.. squares.Select(layer => Array.ConvertAll(layer, sum => (float)Math.Sqrt(sum / count)))]);
    }

    private GraphNoise NoiseOf(NoiseSource source) => source switch
    {
        NoiseSource.OfSeed ofSeed when noise is null => new GraphNoise.Drawn(new NoiseSeeds(ofSeed)),
        NoiseSource.OfSeed ofSeed => new GraphNoise.Fed(noise(ofSeed)),
        NoiseSource.Given(var given) => new GraphNoise.Fed(given),
        _ => throw new System.Diagnostics.UnreachableException(),
    };
}
