using System.Collections.Immutable;
using Bnn.Core;

namespace Bnn.Tests;

/// <summary>Measures that are taken from rows and from stored tensors.</summary>
public sealed class MeasureTests
{
    private static readonly Architecture Net = new([1, 2]);
    private static readonly Seed Seed = new(5);

    /// <summary>Two images, of the input 1; logits are then weight plus bias.</summary>
    private static readonly Dataset Data = new(
        Samples.FromValues([], [], 1), Samples.FromValues([1, 1], [0, 1], 1), 1, 1, 2, new DataHashes("", "", "", ""));

    private static readonly Mask Whole = new([new LayerMask(Net.Layers[0], [1, 1])]);

    [Fact]
    public void Names_and_places_are_unique_and_each_measure_has_one_source()
    {
        Assert.Equal(Measures.All.Length, Measures.All.Select(measure => measure.Name).Distinct().Count());
        Assert.All(Measures.All, measure => Assert.True(
            new[]
            {
                measure.Of is not null, measure.OfRows is not null, measure.OfTensors is not null && measure.Of is null,
                measure.OfFinding is not null,
            }.Count(isSource => isSource) == 1,
            measure.Name));
        // A column among the first would move the others.
        Assert.All(Measures.All.SkipWhile(measure => !measure.AddedLater), measure => Assert.True(measure.AddedLater, measure.Name));
        Assert.All(Measures.All.Where(measure => measure.Of is null), measure => Assert.True(measure.AddedLater, measure.Name));
    }

    [Theory]
    [InlineData(new[] { 0.5, 0.96, 0.9699, 0.97, 0.98, 0.96 }, 30, 40, 40, 0.96)]
    [InlineData(new[] { 0.99, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6 }, 0, 0, 0, 0.55)]
    [InlineData(new[] { 0.5, 0.974 }, 10, null, null, 0.974)]
    [InlineData(new[] { 0.5 }, null, null, null, null)]
    public void Rows_tell_when_an_accuracy_was_reached_and_what_it_came_to(
        double[] accuracies, int? to97, int? to975, int? to98, double? lastFifth)
    {
        var record = Of([.. accuracies.Select((accuracy, i) => new MetricsRow(10 * i, null, null, null, 1, accuracy))]);
        Assert.Equal(
            (to97, to975, to98),
            ((int?)record[Measures.StepsTo97], (int?)record[Measures.StepsTo975], (int?)record[Measures.StepsTo98]));
        Assert.Equal(lastFifth, record[Measures.ValidationAccuracyLastFifth] is { } mean ? Math.Round(mean, 12) : null);
    }

    [Fact]
    public void Without_validation_rows_tell_nothing() =>
        Assert.Empty(Of([.. Enumerable.Range(0, 9).Select(i => new MetricsRow(i, 1, 1, null, null, null))]).Values);

    [Fact]
    public void An_ordinary_net_is_measured_by_its_last_weights()
    {
        // p = 3/4, 1/4 for both images: one right, one wrong.
        var engine = new Linear();
        var net = new StoredNetwork(
            Seed, new TrainedTensors.Weights(Whole, Weights(0, 0), null, Weights((float)Math.Log(3), 0)), engine, Data);
        var entropy = -(0.75 * Math.Log(0.75) + 0.25 * Math.Log(0.25));
        Assert.Equal((2 * 0.0625 + 2 * 0.5625) / 2, Measures.TestBrierLast.OfTensors!.Of(net)!.Value, 1e-6);
        Assert.Equal(0.25, Measures.TestEceLast.OfTensors!.Of(net)!.Value, 1e-6);
        Assert.Equal(entropy, Measures.TestEntropyLast.OfTensors!.Of(net)!.Value, 1e-6);
        Assert.Equal(0.5, Measures.TestAccuracyUntrained.OfTensors!.Of(net));
        Assert.Equal(1, engine.Passes);
        Assert.Equal(
            ["test_brier_last", "test_ece_last", "test_entropy_last", "auroc_entropy"],
            Measures.FromTensors(TrainingKind.Dense).Select(measure => measure.Name));
        Assert.Equal(
            ["test_accuracy_untrained", "test_brier_last", "test_ece_last", "test_entropy_last", "auroc_entropy"],
            Measures.FromTensors(TrainingKind.Ticket).Select(measure => measure.Name));
    }

    [Fact]
    public void A_Bayesian_net_is_measured_by_twenty_draws_of_its_last_posterior()
    {
        var engine = new Linear();
        var posterior = new PosteriorSnapshot([new LayerPosterior(Net.Layers[0], [1, 0], [0.5f, 0.5f], [0, 0])]);
        var net = new StoredNetwork(Seed, new TrainedTensors.Posterior(posterior, posterior, null), engine, Data);
        var sampler = new PosteriorSampler(posterior, null);
        double[] first = [.. Enumerable.Range(1, 20).Select(number =>
        {
            var weight = sampler.Draw(Seed, number).Layers[0].Weight;
            return 1 / (1 + Math.Exp(weight[1] - weight[0]));
        })];
        var mean = first.Average();
        static double Entropy(double p) => -(p * Math.Log(p) + (1 - p) * Math.Log(1 - p));
        Assert.Equal(Entropy(mean), Measures.TestEntropyLast.OfTensors!.Of(net)!.Value, 1e-6);
        Assert.Equal(Entropy(mean) - first.Average(Entropy), Measures.TestMutualInformation.OfTensors!.Of(net)!.Value, 1e-6);
        Assert.Equal(-(Math.Log(mean) + Math.Log(1 - mean)) / 2, Measures.TestNllSampled.OfTensors!.Of(net)!.Value, 1e-6);
        Assert.Equal(Square(mean) + Square(1 - mean), Measures.TestBrierLast.OfTensors!.Of(net)!.Value, 1e-6);
        Assert.Equal(StoredNetwork.DrawCount, engine.Passes);
        Assert.Equal(
            [
                "test_brier_last", "test_ece_last", "test_entropy_last", "test_nll_sampled", "test_mutual_information", "auroc_entropy",
                "auroc_mutual_information",
            ],
            Measures.FromTensors(TrainingKind.MaskedBayesian).Select(measure => measure.Name));
        // A posterior that is cut has to be whole before.
        Assert.Equal(
            [.. Measures.FromTensors(TrainingKind.MaskedBayesian), Measures.VarianceWithActivity, .. Measures.OfPrunedPosterior],
            Measures.FromTensors(TrainingKind.Bayesian));

        static double Square(double value) => value * value;
    }

    [Fact]
    public void In_whatever_order_a_nets_draws_are_done_its_measures_have_the_same_bits()
    {
        var posterior = new PosteriorSnapshot([new LayerPosterior(Net.Layers[0], [1, 0.3f], [0.5f, 0.7f], [0, 0.1f])]);
        StoredNetwork Stored(Pieces pieces) =>
            new(Seed, new TrainedTensors.Posterior(posterior, posterior, null), new Linear(), Data) { Pieces = pieces };
        var (forward, backward) = (Stored(StoredNetwork.OneAfterAnother), Stored((count, piece) =>
        {
            for (var number = count - 1; number >= 0; number--) piece(number);
        }));
        foreach (var measure in Measures.FromTensors(TrainingKind.Bayesian).Where(measure => !measure.NeedsSecondSet))
            Assert.Equal(measure.OfTensors!.Of(forward), measure.OfTensors!.Of(backward));
    }

    [Theory]
    [InlineData(new[] { -1f, -1, -2, -2, -3, -3 }, -1)]
    [InlineData(new[] { -3f, -3, -2, -2, -1, -1 }, 1)]
    [InlineData(new[] { -2f, -2, -2, -2, -2, -2 }, double.NaN)]
    public void Variance_is_compared_with_how_bright_pixels_are(float[] rho, double expected)
    {
        // Three pixels, each brighter than the one before.
        var data = Data with { Train = Samples.FromPixels([0, 2, 9, 1, 3, 7], [0, 1], 3) };
        var posterior = new PosteriorSnapshot([new LayerPosterior(new LayerShape(3, 2), new float[6], rho, [0, 0])]);
        var net = new StoredNetwork(Seed, new TrainedTensors.Posterior(posterior, posterior, null), new Linear(), data);
        Assert.Equal(expected, Measures.VarianceWithActivity.OfTensors!.Of(net)!.Value, 1e-12);
    }

    [Fact]
    public void Entropy_tells_a_second_data_set_from_the_first()
    {
        // An input of 0 leaves both classes alike, and one of 2 is surer than the test images' 1: one in four pairs is the wrong way round
        // for each of the two test images, which are equal.
        var net = new StoredNetwork(
            Seed, new TrainedTensors.Weights(Whole, Weights(0, 0), null, Weights(3, 0)), new Linear(), Data)
        {
            Second = new SecondSet(Samples.FromValues([0, 0, 0, 2], [0, 0, 0, 0], 1), "ab"),
        };
        Assert.Equal(0.75, Measures.AurocEntropy.OfTensors!.Of(net));
    }

    [Fact]
    public void What_a_result_says_goes_before_what_was_computed_from_tensors()
    {
        var record = Of([]) with { Values = ImmutableDictionary<string, double>.Empty.Add("test_accuracy_untrained", 0.5) };
        var stored = new Dictionary<string, double?>
        {
            ["test_accuracy_untrained"] = 0.1,
            ["test_brier_last"] = 0.2,
            ["test_ece_last"] = null,
        };
        Assert.Equal(
            (0.5, 0.2, null),
            (record.WithStored(stored)[Measures.TestAccuracyUntrained], record.WithStored(stored)[Measures.TestBrierLast],
                record.WithStored(stored)[Measures.TestEceLast]));
    }

    private static TrainingRecord Of(ImmutableArray<MetricsRow> rows) =>
        new TrainingRecord(new TrainingKey("0123456789ab"), [2], [2], ImmutableDictionary<string, double>.Empty).WithRows(rows);

    private static PointWeights Weights(float first, float second) => new([new LayerWeights(Net.Layers[0], [first, second], [0, 0])]);

    /// <summary>Forward passes of a net with one layer of one input.</summary>
    private sealed class Linear : ITrainingEngine
    {
        public int Passes { get; private set; }

        public string Name => "linear";

        public int Numerics => 1;

        public string Description => "forward passes alone";

        public bool CanFreeze => false;

        public IBayesianStepper Bayesian(BayesianSetup setup, Samples train) => throw new NotSupportedException();

        public IStepper Ordinary(OrdinarySetup setup, Samples train) => throw new NotSupportedException();

        public NetworkProbe Probe(PointWeights weights, Samples samples, ReadOnlySpan<int> items) => throw new NotSupportedException();

        public Evaluation Evaluate(PointWeights weights, Samples samples) => new(1, 1, samples.Count);

        public float[] Logits(PointWeights weights, Samples samples)
        {
            Passes++;
            var layer = weights.Layers[0];
            return [.. Enumerable.Range(0, samples.Count).SelectMany(row =>
                layer.Weight.Zip(layer.Bias, (weight, bias) => weight * samples.Values(row)[0] + bias))];
        }
    }
}
