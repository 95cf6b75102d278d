using System.Collections.Concurrent;
using Bnn.Core;
using Bnn.Simd;
using Bnn.Tests;

namespace Bnn.Gpu.Tests;

/// <summary>Whole trainings, many at once, each on a thread of its own, compared with the same trainings on the cores.</summary>
public sealed class TrainingTests
{
    private const int Images = 120, Validation = 40, Batch = 10, Steps = 75, EvalEvery = 15;

    private static readonly Architecture Net = new([20, 33, 11, 4]);
    private static readonly Samples Data = Nets.Samples(Net, Images, arePixels: true);

    [Fact]
    public void Nets_of_every_kind_trained_at_once_end_as_on_the_cores()
    {
        using var engine = Engines.Open(new GpuOptions { Nets = 8, Fewest = 1, StretchSteps = 7 }, groupSize: 4);
        string[] kinds = [.. Nets.Kinds, .. Nets.Kinds];
        foreach (var (kind, (expected, actual)) in kinds.Zip(TrainAll(new SimdEngine(), kinds).Zip(TrainAll(engine, kinds))))
            Same(kind, expected, actual);
        Assert.Equal(kinds.Length * Steps, engine.StepsOnDevice);
    }

    [Fact]
    public void A_few_nets_stay_on_the_cores_and_more_go_to_the_device()
    {
        Assert.Equal((3, 17), (new GpuOptions { Cores = 1 }.Fewest, new GpuOptions { Cores = 16 }.Fewest));
        using var engine = Engines.Open(new GpuOptions { Nets = 8, Fewest = 3 });
        Same("dense", TrainAll(new SimdEngine(), ["dense", "dense"])[0], TrainAll(engine, ["dense", "dense"])[0]);
        Assert.Equal(0, engine.StepsOnDevice);
        string[] kinds = ["sparse", "sparse", "sparse", "Bayesian", "sparse", "sparse"];
        var expected = TrainAll(new SimdEngine(), kinds);
        var actual = TrainAll(engine, kinds);
        for (var n = 0; n < kinds.Length; n++) Same(kinds[n], expected[n], actual[n]);
    }

    [Fact]
    public void A_net_moves_between_device_and_cores_without_a_trace()
    {
        using var engine = Engines.Open(new GpuOptions { Nets = 2, Fewest = 2 });
        foreach (var kind in Nets.Kinds)
        {
            using var expected = Nets.Stepper(new SimdEngine(), kind, Net, Data, new Optimizer.Adam(0.01), Batch);
            using var actual = Nets.Stepper(engine, kind, Net, Data, new Optimizer.Adam(0.01), Batch);
            var batches = new Batches(Nets.Seed, [.. Enumerable.Range(0, Images)], Batch);
            Advance(expected, batches, 1, 30);
            var before = engine.StepsOnDevice;
            Advance(actual, batches, 1, 10);
            Assert.Equal(before, engine.StepsOnDevice);
            using (Nets.Stepper(engine, kind, Net, Data, new Optimizer.Adam(0.01), Batch)) Advance(actual, batches, 11, 20);
            Assert.Equal(before + 10, engine.StepsOnDevice);
            Advance(actual, batches, 21, 30);
            Assert.Equal(before + 10, engine.StepsOnDevice);
            EngineCase.Same(expected.State(), actual.State());
        }
    }

    [Fact]
    public void Where_there_is_no_room_nets_stay_on_the_cores()
    {
        using var engine = Engines.Open(new GpuOptions { Nets = 1, Fewest = 1 });
        string[] kinds = ["dense", "dense", "dense"];
        var (expected, actual) = (TrainAll(new SimdEngine(), kinds), TrainAll(engine, kinds));
        for (var n = 0; n < kinds.Length; n++) Same(kinds[n], expected[n], actual[n]);
        Assert.True(engine.StepsOnDevice > 0);
    }

    [Fact]
    public void What_a_failing_device_did_is_done_again_on_the_cores()
    {
        foreach (var after in (int[])[0, 30, 200])
        {
            var told = new ConcurrentQueue<string>();
            using var engine = Engines.Open(new GpuOptions
            {
                Nets = 8,
                Fewest = 1,
                StretchSteps = 5,
                OnLost = told.Enqueue,
                Training = steps =>
                {
                    if (steps >= after) throw new NotSupportedException("a test's");
                },
            });
            var (expected, actual) = (TrainAll(new SimdEngine(), Nets.Kinds), TrainAll(engine, Nets.Kinds));
            for (var n = 0; n < Nets.Kinds.Length; n++) Same(Nets.Kinds[n], expected[n], actual[n]);
            Assert.Contains("a test's", engine.Lost, StringComparison.Ordinal);
            Assert.Equal([engine.Lost], told);
            Assert.Equal(0, ((ITrainingEngine)engine).BesideCores);
        }
    }

    [Fact]
    public void A_net_that_continued_from_a_state_is_done_again_from_there()
    {
        var fails = false;
        using var engine = Engines.Open(new GpuOptions
        {
            Fewest = 1,
            Training = _ =>
            {
                if (fails) throw new NotSupportedException("a test's");
            },
        });
        using var expected = Nets.Stepper(new SimdEngine(), "Bayesian", Net, Data, new Optimizer.Adam(0.01), Batch);
        using var actual = Nets.Stepper(engine, "Bayesian", Net, Data, new Optimizer.Adam(0.01), Batch);
        var batches = new Batches(Nets.Seed, [.. Enumerable.Range(0, Images)], Batch);
        Advance(expected, batches, 1, 20);
        actual.Restore(expected.State());
        Advance(expected, batches, 21, 40);
        Advance(actual, batches, 21, 30);
        fails = true;
        Advance(actual, batches, 31, 40);
        EngineCase.Same(expected.State(), actual.State());
    }

    [Fact]
    public void Steps_taken_one_by_one_cannot_be_done_again_and_say_so()
    {
        using var engine = Engines.Open(new GpuOptions { Fewest = 1, Training = _ => throw new NotSupportedException("a test's") });
        using var stepper = Nets.Stepper(engine, "dense", Net, Data, new Optimizer.Adam(0.01), Batch);
        var failure = Assert.Throws<DeviceLostException>(() => stepper.Step([.. Enumerable.Range(0, Batch)]));
        Assert.Contains("a test's", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Divergence_is_found_at_the_same_step()
    {
        using var engine = Engines.Open(new GpuOptions { Nets = 8, Fewest = 1 });
        foreach (var kind in Nets.Kinds)
        {
            string[] faults = [.. ((ITrainingEngine[])[new SimdEngine(), engine]).Select(trainer =>
            {
                using var stepper = Nets.Stepper(trainer, kind, Net, Data, new Optimizer.Sgd(1e20), Batch);
                return Train(trainer, stepper, kind, CancellationToken.None).Match(_ => "", faults => faults[0].Describe());
            })];
            Assert.NotEqual("", faults[0]);
            Assert.Equal(faults[0], faults[1]);
        }
    }

    [Fact]
    public void A_training_is_stopped_within_an_interval_and_its_state_is_that_of_the_steps_that_count()
    {
        using var engine = Engines.Open(new GpuOptions { Fewest = 1, StretchSteps = 4 });
        using var stepper = Nets.Stepper(engine, "sparse", Net, Data, new Optimizer.Adam(0.01), Batch);
        using var stop = new CancellationTokenSource();
        var batches = new Batches(Nets.Seed, [.. Enumerable.Range(0, Images)], Batch);
        LossSums sums = default;
        Assert.Throws<OperationCanceledException>(() => stepper.Advance(batches, 1, 100, ref sums, (step, _) =>
        {
            if (step == 6) stop.Cancel();
        }, stop.Token));
        Assert.Equal(8, sums.Count);
        Assert.Equal(8, stepper.State().Steps);
        using var expected = Nets.Stepper(new SimdEngine(), "sparse", Net, Data, new Optimizer.Adam(0.01), Batch);
        Advance(expected, batches, 1, 8);
        EngineCase.Same(expected.State(), stepper.State());
    }

    [Fact]
    public void Noise_that_is_given_is_given_to_the_cores()
    {
        using var engine = Engines.Open(new GpuOptions { Fewest = 1 });
        var start = Initialisation.Posterior(Nets.Seed, Net);
        var setup = new BayesianSetup(
            start, new Optimizer.Adam(0.01), Batch, 0.01, 1, LayerPosterior.ScaleEpsilon,
            new NoiseSource.Given(new SimdEngine().Noise(new(Nets.Seed))));
        using var expected = new SimdEngine().Bayesian(setup, Data);
        using var actual = engine.Bayesian(setup, Data);
        Nets.Same(expected, actual, Data, Batch, steps: 3);
        Assert.Equal(0, engine.StepsOnDevice);
    }

    private static void Advance(Core.IStepper stepper, Batches batches, int first, int last)
    {
        LossSums sums = default;
        Assert.Null(stepper.Advance(batches, first, last, ref sums, null, CancellationToken.None));
        Assert.Equal(last - first + 1, sums.Count);
    }

    /// <summary>Trains nets of these kinds at the same time, with learning rates that differ.</summary>
    private static (TrainingOutcome Outcome, StepperState State)[] TrainAll(ITrainingEngine engine, string[] kinds)
    {
        var outcomes = new (TrainingOutcome, StepperState)[kinds.Length];
        var failures = new ConcurrentQueue<Exception>();
        var threads = kinds.Select((kind, n) => new Thread(() =>
        {
            try
            {
                using var stepper = Nets.Stepper(engine, kind, Net, Data, new Optimizer.Adam(0.003 * (n + 1)), Batch);
                outcomes[n] = (Train(engine, stepper, kind, CancellationToken.None).OrThrow(), stepper.State());
            }
            catch (Exception e)
            {
                failures.Enqueue(e);
            }
        })).ToList();
        foreach (var thread in threads) thread.Start();
        foreach (var thread in threads) thread.Join();
        Assert.Empty(failures);
        return outcomes;
    }

    private static Result<TrainingOutcome> Train(ITrainingEngine engine, Core.IStepper stepper, string kind, CancellationToken stop) =>
        TrainingLoop.Run(
            stepper, engine.Evaluate,
            new LoopSettings("net", Net, Nets.Seed, Steps, Batch, EvalEvery, KlFactorOf(kind)),
            new Dataset(Data, Data, 1, Net.Sizes[0], Net.Sizes[^1], new DataHashes("", "", "", "")),
            Split.Create(Nets.Seed, Images, Validation), [], stop);

    private static double? KlFactorOf(string kind) => kind.EndsWith("Bayesian", StringComparison.Ordinal) ? 0.01 : null;

    private static void Same(
        string kind, (TrainingOutcome Outcome, StepperState State) expected, (TrainingOutcome Outcome, StepperState State) actual)
    {
        EngineCase.Same(expected.State, actual.State);
        Assert.True(expected.Outcome.Rows.SequenceEqual(actual.Outcome.Rows), kind);
        Assert.Equal(
            (expected.Outcome.EarlyStopStep, expected.Outcome.TestAtEarlyStop, expected.Outcome.TestAtLast),
            (actual.Outcome.EarlyStopStep, actual.Outcome.TestAtEarlyStop, actual.Outcome.TestAtLast));
        foreach (var (a, b) in expected.Outcome.EarlyStop!.Layers.Zip(actual.Outcome.EarlyStop!.Layers))
        {
            Assert.Equal(a.Weight, b.Weight);
            Assert.Equal(a.Bias, b.Bias);
        }
    }
}
