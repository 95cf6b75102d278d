using Bnn.Conformance;
using Bnn.Core;
using Bnn.Tests;
using CsCheck;
using Architecture = Bnn.Core.Architecture;

namespace Bnn.Simd.Tests;

/// <summary>What must hold of whole trainings.</summary>
public sealed class StepperTests
{
    /// <summary>
    /// Inputs, hidden layers, their units, classes, batch, whether the inputs are pixels, seed. A batch of 130 is three groups of lanes.
    /// </summary>
    private static readonly Gen<(int, int, int, int, int, bool, ulong)> Sizes = Gen.Select(
        Gen.Int[1, 40], Gen.Int[0, 2], Gen.Int[1, 70], Gen.Int[2, 20],
        Gen.Int[1, 75].Select(batch => batch > 70 ? 130 : batch), Gen.Bool, Gen.ULong);

    public static TheoryData<string> Engine => new(Engines.Names);

    [Fact]
    public void Both_sets_of_kernels_train_to_the_same_bits() =>
        Sizes.Sample((inputs, hiddenLayers, hidden, classes, batch, pixels, seed) =>
    {
        var net = new Architecture([inputs, .. Enumerable.Repeat(hidden, hiddenLayers), classes]);
        var task = new SmallTask(net, batch, new Seed(seed), count: batch + 20, pixels: pixels);
        return ((Mask?[])[null, task.Mask, .. task.Tickets]).All(mask =>
            Same(engine => engine.Ordinary(task.Setup(mask), task.Samples))
            && Same(engine => engine.Ordinary(task.Freezing(mask), task.Samples))
            && Same(engine => task.BayesianStepper(engine, mask)));

        bool Same(Func<ITrainingEngine, IStepper> start) =>
            task.Bits(start(Engines.Named("vector")), 3) == task.Bits(start(Engines.Named("scalar")), 3);
    }, iter: 30);

    [Fact]
    public void A_Bayesian_step_agrees_with_the_definition() => Gen
        .Select(Gen.Int[1, 20], Gen.Int[1, 40], Gen.Int[2, 12], Gen.Int[1, 9], Gen.ULong)
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
        foreach (var pixels in (bool[])[false, true])
        {
            var task = new SmallTask(new Architecture([30, 20, 10, 4]), batch: 6, new Seed(3), pixels: pixels);
            foreach (var stepper in Masked(task, engine)
                .SelectMany(pair => (IStepper[])[
                    pair.Stepper, task.BayesianStepper(Engines.Named(engine), pair.Mask),
                    Engines.Named(engine).Ordinary(task.Freezing(pair.Mask), task.Samples)])
                .Prepend(task.BayesianStepper(Engines.Named(engine))))
            {
                using var held = stepper;
                // Loops are replaced by compiled ones after some steps, on a busy machine after many, which allocates once. What a step
                // allocates itself comes at every step, or at every flush, which is each 64th.
                var quiet = 0;
                for (var t = 0; t < 5000 && quiet < 130; t++) quiet = AllocatedByStep(stepper, task.Items) == 0 ? quiet + 1 : 0;
                Assert.Equal(130, quiet);
            }
        }
    }

    /// <summary>The bytes that a step alone allocates: a loop around it may be recompiled meanwhile, which allocates.</summary>
    private static long AllocatedByStep(IStepper stepper, int[] items)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        stepper.Step(items);
        return GC.GetAllocatedBytesForCurrentThread() - before;
    }

    [Theory, MemberData(nameof(Engine))]
    public void Pruned_weights_are_positive_zero_after_every_step(string engine)
    {
        var task = new SmallTask(new Architecture([30, 20, 10, 4]), batch: 6, new Seed(4));
        foreach (var (mask, stepper) in Masked(task, engine))
        {
            using var held = stepper;
            var weights = PointWeights.Zero(task.Net);
            // The destination's values are overwritten.
            foreach (var layer in weights.Layers) layer.Weight.AsSpan().Fill(9f);
            for (var t = 0; t < 70; t++)
            {
                stepper.Step(task.Items);
                stepper.CopyWeightsTo(weights);
                foreach (var (layer, kept) in weights.Layers.Zip(mask.Layers))
                    for (var w = 0; w < kept.Kept.Length; w++)
                        if (kept.Kept[w] == 0) Assert.Equal(0, BitConverter.SingleToInt32Bits(layer.Weight[w]));
            }
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
        using var stepper = Engines.Named("vector")
            .Ordinary(new OrdinarySetup(start.Means(), null, new Optimizer.Adam(0.0012), 4), task.Samples);
        var weights = PointWeights.Zero(task.Net);
        for (var t = 1; t <= 64; t++)
        {
            stepper.Step(task.Items);
            stepper.CopyWeightsTo(weights);
            var tiny = weights.Layers[0].Weight[7 * 5 + 2];
            Assert.Equal(BitConverter.SingleToInt32Bits(t < 64 ? -1e-33f : 0f), BitConverter.SingleToInt32Bits(tiny));
        }
    }

    [Theory, MemberData(nameof(Engine))]
    public void Evaluation_counts_hits_and_averages_the_loss(string engine)
    {
        var task = new SmallTask(new Architecture([30, 20, 7]), batch: 5, new Seed(7), count: 233);
        var weights = Initialisation.Posterior(task.Seed, task.Net).Means();
        var evaluation = Engines.Named(engine).Evaluate(weights, task.Samples);

        var layers = weights.Layers
            .Select(layer => new DefinitionLayer(layer.Shape, EngineCase.Doubles(layer.Weight), null, EngineCase.Doubles(layer.Bias)))
            .ToList();
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
    public void What_does_not_fit_the_network_is_refused_before_any_memory_is_read()
    {
        var task = new SmallTask(new Architecture([30, 5, 2]), batch: 4, new Seed(1));
        var engine = Engines.Named("vector");
        var start = Initialisation.Posterior(task.Seed, task.Net);
        var wide = Samples.FromPixels(new byte[31 * 4], new byte[4], 31);
        var unknownClass = Samples.FromPixels(new byte[30 * 4], [0, 1, 2, 1], 30);
        foreach (var make in (Func<Samples, IStepper>[])[
            samples => engine.Bayesian(
                new BayesianSetup(start, new Optimizer.Sgd(0.1), 4, 1, 1, LayerPosterior.ScaleEpsilon, new NoiseSource.OfSeed(task.Seed)),
                samples),
            samples => engine.Bayesian(task.BayesianSetup(NothingKept(task.Net)), samples),
            samples => engine.Ordinary(new OrdinarySetup(start.Means(), null, new Optimizer.Sgd(0.1), 4), samples),
            samples => engine.Ordinary(new OrdinarySetup(start.Means(), NothingKept(task.Net), new Optimizer.Sgd(0.1), 4), samples)])
        {
            using var stepper = make(task.Samples);
            Assert.Throws<ArgumentException>(() => stepper.Step([0, 1, 2]));
            Assert.Throws<ArgumentOutOfRangeException>(() => stepper.Step([0, 1, 2, 2_000_000_000]));
            Assert.Throws<ArgumentOutOfRangeException>(() => stepper.Evaluate(task.Samples, [-1]));
            foreach (var stranger in (Samples[])[wide, unknownClass])
            {
                Assert.Throws<ArgumentException>(() => stepper.Evaluate(stranger, []));
                using var other = make(stranger);
                Assert.Throws<ArgumentException>(() => other.Step([0, 1, 2, 3]));
            }
        }
    }

    private static Mask NothingKept(Architecture net) =>
        new([.. net.Layers.Select(shape => new LayerMask(shape, new byte[shape.Weights]))]);

    [Theory, MemberData(nameof(Engine))]
    public void The_fingerprint_of_a_short_training_is_that_of_the_numerics_version(string engine)
    {
        var simd = (SimdEngine)Engines.Named(engine);
        var (expected, found) = (Fingerprint.Expected(simd.Numerics), Fingerprint.Of(simd));
        Assert.True(found == expected,
            $"The arithmetic of numerics {simd.Numerics} has the fingerprint {expected ?? "(none yet)"}; this is {found}. " +
            "If the bits were meant to change, raise SimdEngine.Numerics and add a line to Fingerprint.Expected, " +
            "so that no stored training is taken for one of the new arithmetic.");
    }

    [Fact]
    public void Another_fingerprint_is_a_fault_that_names_both()
    {
        var engine = new SimdEngine();
        var expected = Fingerprint.Expected(engine.Numerics)!;
        Assert.Equal(expected, Fingerprint.Check(engine, expected).Match(found => found, faults => faults[0].Describe()));
        var fault = Fingerprint.Check(engine, "0123456789abcdef").Match(found => found, faults => faults[0].Describe());
        string[] parts = ["engine simd", expected, $"numerics {engine.Numerics}", "found 0123456789abcdef", "BNN_KERNEL=scalar"];
        foreach (var part in parts) Assert.Contains(part, fault, StringComparison.Ordinal);
    }

    /// <summary>The steppers of a half-pruned net and of all tickets.</summary>
    private static IEnumerable<(Mask Mask, IStepper Stepper)> Masked(SmallTask task, string engine) =>
        task.Tickets.Prepend(task.Mask).Select(mask => (mask, Engines.Named(engine).Ordinary(task.Setup(mask), task.Samples)));
}
