using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Bnn.Conformance;
using Bnn.Contract;
using Bnn.Core;
using Bnn.Tests;
using CsCheck;
using Architecture = Bnn.Core.Architecture;

namespace Bnn.Simd.Tests;

/// <summary>What must hold of whole trainings.</summary>
public sealed class StepperTests
{
    public static TheoryData<string> Engine => new(Engines.Names);

    [Fact]
    public void Both_sets_of_kernels_train_to_the_same_bits() => Gen.Select(Gen.Int[1, 40], Gen.Int[0, 2], Gen.Int[1, 70], Gen.Int[2, 20], Gen.Int[1, 9], Gen.ULong)
        .Sample((inputs, hiddenLayers, hidden, classes, batch, seed) =>
        {
            var task = new SmallTask(new Architecture([inputs, .. Enumerable.Repeat(hidden, hiddenLayers), classes]), batch, new Seed(seed));
            return task.Bayesian(Engines.Named("vector"), 3) == task.Bayesian(Engines.Named("scalar"), 3)
                && task.Masked(Engines.Named("vector"), 3) == task.Masked(Engines.Named("scalar"), 3);
        }, iter: 40);

    [Fact]
    public void A_Bayesian_step_agrees_with_the_definition() => Gen.Select(Gen.Int[1, 20], Gen.Int[1, 40], Gen.Int[2, 12], Gen.Int[1, 9], Gen.ULong)
        .Sample((inputs, hidden, classes, batch, seed) =>
        {
            var task = new SmallTask(new Architecture([inputs, hidden, classes]), batch, new Seed(seed));
            var definition = task.Definition();
            var optimizer = new Optimizer.Adam(0.0012);
            using var run = FlipoutRun.Start(definition, Engines.Named("vector"), optimizer);
            var train = definition.Train(optimizer);
            for (var t = 1; t <= 3; t++)
            {
                var (expected, actual) = (train(t), run.Step());
                Near.Check("nll", expected.Nll, actual.Nll, Near.Mixed(1e-5));
                Near.Check("kl", expected.Kl.Sum(), actual.Kl, Near.Relative(1e-5));
            }
        }, iter: 30);

    [Theory, MemberData(nameof(Engine))]
    public void A_step_allocates_nothing(string engine)
    {
        var task = new SmallTask(new Architecture([30, 20, 10, 4]), batch: 6, new Seed(3));
        foreach (var stepper in (IStepper[])[task.BayesianStepper(Engines.Named(engine)), task.MaskedStepper(Engines.Named(engine))])
        {
            using var held = stepper;
            for (var t = 0; t < 70; t++) stepper.Step(task.Items);
            var before = GC.GetAllocatedBytesForCurrentThread();
            for (var t = 0; t < 130; t++) stepper.Step(task.Items);
            Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
        }
    }

    [Theory, MemberData(nameof(Engine))]
    public void Pruned_weights_are_positive_zero_after_every_step(string engine)
    {
        var task = new SmallTask(new Architecture([30, 20, 10, 4]), batch: 6, new Seed(4));
        using var stepper = task.MaskedStepper(Engines.Named(engine));
        var weights = PointWeights.Zero(task.Net);
        for (var t = 0; t < 70; t++)
        {
            stepper.Step(task.Items);
            stepper.CopyWeightsTo(weights);
            foreach (var (layer, mask) in weights.Layers.Zip(task.Mask.Layers))
                for (var w = 0; w < mask.Kept.Length; w++)
                    if (mask.Kept[w] == 0) Assert.Equal(0, BitConverter.SingleToInt32Bits(layer.Weight[w]));
        }
    }

    [Fact]
    public void Leaving_out_the_noise_of_inactive_inputs_changes_nothing()
    {
        // The definition draws every row; the engine only those of active inputs. An input that is zero in the whole batch is such a row.
        var task = new SmallTask(new Architecture([12, 5, 3]), batch: 4, new Seed(5), zeroInput: 7);
        var definition = task.Definition();
        using var run = FlipoutRun.Start(definition, Engines.Named("vector"), new Optimizer.Sgd(0.5));
        var train = definition.Train(new Optimizer.Sgd(0.5));
        train(1);
        run.Step();
        Near.Check("mu", definition.Layers[0].Mu, EngineCase.Doubles(run.Stepper.Posterior().Layers[0].Mu), Near.Mixed(1e-5));
        Near.Check("rho", definition.Layers[0].Rho!, EngineCase.Doubles(run.Stepper.Posterior().Layers[0].Rho), Near.Mixed(1e-5));
    }

    [Fact]
    public void Tiny_weights_become_positive_zero_at_step_64_and_not_before()
    {
        var task = new SmallTask(new Architecture([12, 5, 3]), batch: 4, new Seed(6), zeroInput: 7);
        var start = Initialisation.Posterior(task.Seed, task.Net);
        start.Layers[0].Mu[7 * 5 + 2] = -1e-33f;
        using var stepper = Engines.Named("vector").Deterministic(new DeterministicSetup(start.Means(), null, new Optimizer.Adam(0.0012), 4), task.Samples);
        var weights = PointWeights.Zero(task.Net);
        for (var t = 1; t <= 64; t++)
        {
            stepper.Step(task.Items);
            stepper.CopyWeightsTo(weights);
            Assert.Equal(BitConverter.SingleToInt32Bits(t < 64 ? -1e-33f : 0f), BitConverter.SingleToInt32Bits(weights.Layers[0].Weight[7 * 5 + 2]));
        }
    }

    [Theory, MemberData(nameof(Engine))]
    public void Evaluation_counts_hits_and_averages_the_loss(string engine)
    {
        var task = new SmallTask(new Architecture([30, 20, 7]), batch: 5, new Seed(7), count: 233);
        var weights = Initialisation.Posterior(task.Seed, task.Net).Means();
        var evaluation = Engines.Named(engine).Evaluate(weights, task.Samples);

        var layers = weights.Layers.Select(layer => new DefinitionLayer(layer.Shape, EngineCase.Doubles(layer.Weight), null, EngineCase.Doubles(layer.Bias))).ToList();
        var labels = task.Samples.Labels.Select(label => (int)label).ToArray();
        var value = Elbo.Evaluate(layers, [], new ElboSettings(1, 0, 0, 1), task.X, labels);
        Assert.Equal(233, evaluation.Count);
        Assert.Equal(Classification.Accuracy(value.Logits, labels), evaluation.Accuracy, 12);
        Near.Check("nll", value.Nll, evaluation.Nll, Near.Relative(1e-6));
    }

    [Fact]
    public void Equal_logits_predict_the_lowest_class()
    {
        var net = new Architecture([3, 4]);
        var evaluation = Engines.Named("vector").Evaluate(PointWeights.Zero(net), Samples.FromValues(new float[6], [0, 1], 3));
        Assert.Equal(1, evaluation.Correct);
        Assert.Equal(Math.Log(4), evaluation.Nll, 6);
    }

    [Fact]
    public void A_batch_of_another_size_is_refused()
    {
        var task = new SmallTask(new Architecture([3, 2]), batch: 4, new Seed(1));
        using var stepper = task.MaskedStepper(Engines.Named("vector"));
        Assert.Throws<ArgumentException>(() => stepper.Step([0, 1, 2]));
    }

    [Theory, MemberData(nameof(Engine))]
    public void The_fingerprint_of_a_short_training_is_that_of_the_numerics_version(string engine)
    {
        var simd = (SimdEngine)Engines.Named(engine);
        var (expected, found) = (Fingerprint.Expected(simd.Numerics), Fingerprint.Of(simd));
        Assert.True(found == expected,
            $"The arithmetic of numerics {simd.Numerics} has the fingerprint {expected ?? "(none yet)"}; this is {found}. If the bits were meant to change, raise " +
            "SimdEngine.Numerics and add a line to Fingerprint.Expected, so that no stored training is taken for one of the new arithmetic.");
    }

    [Fact]
    public void Another_fingerprint_is_a_fault_that_names_both()
    {
        var engine = new SimdEngine();
        var expected = Fingerprint.Expected(engine.Numerics)!;
        Assert.Equal(expected, Fingerprint.Check(engine, expected).Match(found => found, faults => faults[0].Describe()));
        var fault = Fingerprint.Check(engine, "0123456789abcdef").Match(found => found, faults => faults[0].Describe());
        foreach (var part in (string[])["engine simd", expected, $"numerics {engine.Numerics}", "found 0123456789abcdef", "BNN_KERNEL=scalar"])
            Assert.Contains(part, fault, StringComparison.Ordinal);
    }

    /// <summary>A small problem made from a seed.</summary>
    private sealed class SmallTask
    {
        private readonly int _batch;

        public SmallTask(Architecture net, int batch, Seed seed, int? zeroInput = null, int? count = null)
        {
            (Net, _batch, Seed) = (net, batch, seed);
            var (width, rows) = (net.Sizes[0], count ?? batch);
            var values = new float[rows * width];
            NormalDraws.FillRow(seed.Stream(StreamName.Split, 9), 0, 0, values);
            for (var k = 0; k < values.Length; k++) values[k] = values[k] < 0.3f || k % width == zeroInput ? 0 : values[k];
            X = EngineCase.Doubles(values);
            Samples = Samples.FromValues(values, [.. Enumerable.Range(0, rows).Select(row => (byte)(seed.Stream(StreamName.Split, 8).Word(0, (uint)row) % (uint)net.Sizes[^1]))], width);
            Items = [.. Enumerable.Range(0, batch)];
            Mask = new Mask([.. net.Layers.Select((shape, l) => new LayerMask(shape,
                [.. Enumerable.Range(0, shape.Weights).Select(w => (byte)(seed.Stream(StreamName.Shuffle, l).Word(1, (uint)w) & 1))]))]);
        }

        public Architecture Net { get; }

        public Seed Seed { get; }

        public double[] X { get; }

        public Samples Samples { get; }

        public int[] Items { get; }

        public Mask Mask { get; }

        public IBayesianStepper BayesianStepper(ITrainingEngine engine) => engine.Bayesian(
            new BayesianSetup(Initialisation.Posterior(Seed, Net), new Optimizer.Adam(0.0012), _batch, 1.0 / 60, 1, LayerPosterior.ScaleEpsilon, engine.Noise(Seed)), Samples);

        public IStepper MaskedStepper(ITrainingEngine engine) => engine.Deterministic(
            new DeterministicSetup(Initialisation.Posterior(Seed, Net).Means().Masked(Mask), Mask, new Optimizer.Adam(0.0012), _batch), Samples);

        public string Bayesian(ITrainingEngine engine, int steps)
        {
            using var stepper = BayesianStepper(engine);
            var losses = Losses(stepper, steps);
            return Hash([.. stepper.Posterior().Layers.SelectMany(layer => layer.Mu.Concat(layer.Rho).Concat(layer.Bias))], losses);
        }

        public string Masked(ITrainingEngine engine, int steps)
        {
            using var stepper = MaskedStepper(engine);
            var losses = Losses(stepper, steps);
            var weights = PointWeights.Zero(Net);
            stepper.CopyWeightsTo(weights);
            return Hash([.. weights.Layers.SelectMany(layer => layer.Weight.Concat(layer.Bias))], losses);
        }

        /// <summary>The same training for the definition, with the noise of the engine's streams.</summary>
        public FlipoutNet Definition()
        {
            var start = Initialisation.Posterior(Seed, Net);
            return new FlipoutNet(
                [.. start.Layers.Select(layer => new DefinitionLayer(layer.Shape, EngineCase.Doubles(layer.Mu), EngineCase.Doubles(layer.Rho), EngineCase.Doubles(layer.Bias)))],
                step => [.. Net.Layers.Select((shape, l) => new LayerNoise(
                    [.. Enumerable.Range(0, shape.Inputs).SelectMany(i => Normals(l, step, i, shape.Outputs))],
                    [.. Enumerable.Range(0, _batch).SelectMany(b => SignRow(StreamName.InputSigns, l, step, b, shape.Inputs))],
                    [.. Enumerable.Range(0, _batch).SelectMany(b => SignRow(StreamName.OutputSigns, l, step, b, shape.Outputs))]))],
                new ElboSettings(1, LayerPosterior.ScaleEpsilon, 1, 60), X, [.. Samples.Labels.Take(_batch).Select(label => (int)label)]);
        }

        private List<StepLoss> Losses(IStepper stepper, int steps)
        {
            var batches = new Batches(Seed, [.. Enumerable.Range(0, Samples.Count)], _batch);
            var (items, losses) = (new int[_batch], new List<StepLoss>());
            for (var t = 1; t <= steps; t++)
            {
                batches.At(t, items);
                losses.Add(stepper.Step(items));
            }
            return losses;
        }

        private double[] Normals(int layer, int step, int row, int columns)
        {
            var values = new float[columns];
            NormalDraws.FillRow(Seed.Stream(StreamName.Epsilon, layer), step, row, values);
            return EngineCase.Doubles(values);
        }

        private IEnumerable<double> SignRow(StreamName name, int layer, int step, int row, int columns)
        {
            var words = new uint[SignDraws.WordsPerRow(columns)];
            SignDraws.FillRow(Seed.Stream(name, layer), step, row, words);
            return Enumerable.Range(0, columns).Select(c => SignDraws.IsNegative(words, c) ? -1.0 : 1.0);
        }

        private static string Hash(float[] parameters, List<StepLoss> losses) => Convert.ToHexStringLower(SHA256.HashData([
            .. MemoryMarshal.AsBytes(parameters.AsSpan()), .. MemoryMarshal.AsBytes(CollectionsMarshal.AsSpan(losses))]));
    }
}
