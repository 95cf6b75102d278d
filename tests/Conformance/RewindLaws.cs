using Bnn.Core;
using Bnn.Tests;

namespace Bnn.Conformance;

/// <summary>
/// A net that is rewound to step k of the whole one and masked trains, with every engine, on the batches after k as a stepper of its own.
/// </summary>
public sealed class RewindLaws
{
    /// <summary>The rewound net's own flush comes at step 94 of the whole net's.</summary>
    private const int Rewound = 30, Steps = 100, EvalEvery = 20, Batch = 8, Images = 200, Validation = 50;

    private static readonly int[] Evaluated = [Rewound, 40, 60, 80, Steps];
    private static readonly int[] Pauses = [Rewound, 40, 57, 93, 94, 95];
    private static readonly Architecture Net = new([30, 70, 20, 4]);
    private static readonly Seed Seed = new(61);

    /// <summary>A kind of training; its pruned weights may be frozen.</summary>
    public static TheoryData<string, bool, double, bool> All
    {
        get
        {
            var data = new TheoryData<string, bool, double, bool>();
            foreach (var name in Engines.Names)
                foreach (var density in (double[])[0.5, 0.05])
                    foreach (var (bayesian, freezes) in ((bool, bool)[])[(true, false), (false, false), (false, true)])
                        data.Add(name, bayesian, density, freezes);
            return data;
        }
    }

    [Theory, MemberData(nameof(All))]
    public void It_takes_the_batches_after_k_with_moments_of_its_own(string name, bool bayesian, double density, bool freezes)
    {
        var start = Start(Engines.Named(name), bayesian, density, freezes);
        using var hand = start();
        var before = hand.Evaluate(Data, Split.Validation);
        Train(hand, Rewound + 1, Steps);
        var (outcome, state) = Run(start, new Notes(Pauses));
        EngineCase.Same(hand.State(), state);
        Assert.Equal(Steps - Rewound, state.Steps);
        Assert.Equal(Evaluated, outcome.Rows.Select(row => row.Step));
        Assert.Equal(new MetricsRow(Rewound, null, null, null, before.Nll, before.Accuracy), outcome.Rows[0]);
        Assert.Equal(hand.Evaluate(Data, Split.Validation).Nll, outcome.Rows[^1].ValidationNll);
        Assert.True(outcome.EarlyStopStep > Rewound);
    }

    [Theory, MemberData(nameof(All))]
    public void Going_on_in_another_stepper_gives_the_same_bits(string name, bool bayesian, double density, bool freezes)
    {
        var start = Start(Engines.Named(name), bayesian, density, freezes);
        var notes = new Notes(Pauses);
        var (whole, end) = Run(start, notes);
        Assert.Equal(Pauses, notes.Reached.Select(state => state.Step));
        foreach (var state in notes.Reached)
        {
            Assert.Equal(state.Step - Rewound, state.Stepper.Steps);
            var (later, laterEnd) = Run(start, new Notes([]), state);
            Assert.Equal(whole.Rows, later.Rows);
            Assert.Equal((whole.EarlyStopStep, whole.TestAtEarlyStop, whole.TestAtLast, whole.TestUntrained),
                (later.EarlyStopStep, later.TestAtEarlyStop, later.TestAtLast, later.TestUntrained));
            EngineCase.Same(end, laterEnd);
        }
    }

    private sealed class Notes(int[] moments) : ITrainingObserver
    {
        public List<LoopState> Reached { get; } = [];

        public IReadOnlyCollection<int> Moments => moments;

        void ITrainingObserver.Reached(LoopMoment moment) => Reached.Add(moment.State());
    }

    private static Samples Data { get; } = EngineCase.Problem(Seed, Net, Images);

    private static Split Split { get; } = Split.Create(Seed, Images, Validation);

    private static (TrainingOutcome Outcome, StepperState End) Run(Func<IStepper> start, Notes notes, LoopState? from = null)
    {
        using var stepper = start();
        var settings = new LoopSettings("net", Net, Seed, Steps, Batch, EvalEvery, stepper is IBayesianStepper ? 1.0 / Images : null)
        {
            FirstStep = Rewound,
        };
        var result = TrainingLoop.Run(
            stepper, (_, on) => new Evaluation(1, 1, on.Count), settings,
            new Dataset(Data, Data, 1, Net.Sizes[0], Net.Sizes[^1], new DataHashes("", "", "", "")), Split, [notes],
            TestContext.Current.CancellationToken, from);
        return (Assert.IsType<Result<TrainingOutcome>.Ok>(result).Value, stepper.State());
    }

    /// <summary>Makes steppers of the masked net from the weights that the whole one has after k steps.</summary>
    private static Func<IStepper> Start(ITrainingEngine engine, bool bayesian, double density, bool freezes)
    {
        var (mask, adam, start) = (EngineCase.MaskOf(Seed, Net, density), new Optimizer.Adam(0.0012), Initialisation.Posterior(Seed, Net));
        if (bayesian)
        {
            var setup = new BayesianSetup(
                start, adam, Batch, 1.0 / Images, 0.7, LayerPosterior.ScaleEpsilon, new NoiseSource.OfSeed(Seed));
            using var whole = engine.Bayesian(setup, Data);
            Train(whole, 1, Rewound);
            var rewound = whole.Posterior();
            return () => engine.Bayesian(setup with { Start = rewound, Mask = mask, StepsBefore = Rewound }, Data);
        }
        else
        {
            var setup = new OrdinarySetup(start.Means(), Mask: null, adam, Batch);
            using var whole = engine.Ordinary(setup, Data);
            Train(whole, 1, Rewound);
            var rewound = PointWeights.Zero(Net);
            whole.CopyWeightsTo(rewound);
            return () => FrozenLaws.Ordinary(engine, setup with { Start = rewound, Mask = mask, FreezesPruned = freezes }, Data);
        }
    }

    private static void Train(IStepper stepper, int first, int last)
    {
        var (batches, items) = (new Batches(Seed, Split.Train, Batch), new int[Batch]);
        for (var step = first; step <= last; step++)
        {
            batches.At(step, items);
            stepper.Step(items);
        }
    }
}
