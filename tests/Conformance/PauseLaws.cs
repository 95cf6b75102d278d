using Bnn.Core;
using Bnn.Tests;

namespace Bnn.Conformance;

/// <summary>
/// Every kind of training that stops after some step and continues in another stepper gives the same bits as without the pause.
/// </summary>
public sealed class PauseLaws
{
    private const int Steps = OptimizerDefinition.FlushEvery + 10, EvalEvery = 20, Batch = 8, Images = 200, Validation = 50;

    /// <summary>At an evaluation and around the flush.</summary>
    private static readonly int[] Pauses =
        [60, OptimizerDefinition.FlushEvery - 1, OptimizerDefinition.FlushEvery, OptimizerDefinition.FlushEvery + 1];
    private static readonly Architecture Net = new([30, 70, 20, 4]);
    private static readonly Seed Seed = new(31);

    /// <summary>A kind of training; its density is that of its mask, 1 for none, whose pruned weights may be frozen.</summary>
    public static TheoryData<string, bool, double, bool, bool> All
    {
        get
        {
            var data = new TheoryData<string, bool, double, bool, bool>();
            foreach (var name in Engines.Names)
            {
                foreach (var adam in (bool[])[true, false])
                {
                    foreach (var bayesian in (bool[])[true, false])
                        foreach (var density in (double[])[1, 0.5, 0.05]) data.Add(name, bayesian, density, adam, false);
                    foreach (var density in (double[])[0.5, 0.05]) data.Add(name, false, density, adam, true);
                }
            }
            return data;
        }
    }

    [Theory, MemberData(nameof(All))]
    public void Going_on_in_another_stepper_gives_the_same_rows_losses_and_state(
        string name, bool bayesian, double density, bool adam, bool freezes)
    {
        var engine = Engines.Named(name);
        var states = new Notes(Pauses);
        var whole = Run(engine, bayesian, density, adam, freezes, from: null, states, dirty: false);
        Assert.Equal(Pauses, states.Reached.Select(state => state.Step));
        foreach (var state in states.Reached)
        {
            Assert.Equal(state.Step, state.Stepper.Steps);
            var notes = new Notes([]);
            // A stepper that has done something else, whose remains must not matter.
            var later = Run(engine, bayesian, density, adam, freezes, state, notes, dirty: state.Step % 2 == 0);
            Assert.Equal(whole.Outcome.Rows, later.Outcome.Rows);
            // An engine may tell only the last loss of an interval, and the two runs have different intervals.
            Assert.True(notes.Losses.Keys.Min() > state.Step);
            Assert.Equal(Steps, notes.Losses.Keys.Max());
            Assert.All(notes.Losses, known => Assert.Equal(states.Losses.GetValueOrDefault(known.Key, known.Value), known.Value));
            Assert.Equal((whole.Outcome.EarlyStopStep, whole.Outcome.TestAtEarlyStop, whole.Outcome.TestAtLast),
                (later.Outcome.EarlyStopStep, later.Outcome.TestAtEarlyStop, later.Outcome.TestAtLast));
            Same(whole.Outcome.EarlyStop!, later.Outcome.EarlyStop!);
            Same(whole.Outcome.Final, later.Outcome.Final);
            EngineCase.Same(whole.State, later.State);
        }
    }

    [Theory, MemberData(nameof(All))]
    public void A_state_makes_a_round_trip_and_is_a_copy(string name, bool bayesian, double density, bool adam, bool freezes)
    {
        var engine = Engines.Named(name);
        using var stepper = Start(engine, bayesian, density, adam, freezes);
        for (var t = 0; t < 3; t++) stepper.Step(Items(t));
        var state = stepper.State();
        StepperState copy = new(state.Steps, [.. state.Tensors.Select(tensor => tensor with { Floats = [.. tensor.Floats!] })]);
        stepper.Step(Items(3));
        EngineCase.Same(copy, state);
        using var other = Start(engine, bayesian, density, adam, freezes);
        other.Restore(state);
        EngineCase.Same(copy, other.State());
        other.Step(Items(3));
        EngineCase.Same(stepper.State(), other.State());
        EngineCase.Same(copy, state);

        var wrong = state with { Tensors = state.Tensors.RemoveAt(0) };
        Assert.Contains(state.Tensors[0].Name, Assert.Throws<ArgumentException>(() => other.Restore(wrong)).Message,
            StringComparison.Ordinal);
        EngineCase.Same(stepper.State(), other.State());
    }

    [Theory, MemberData(nameof(All))]
    public void The_tensors_of_a_state_are_the_weights_under_their_names(
        string name, bool bayesian, double density, bool adam, bool freezes)
    {
        using var stepper = Start(Engines.Named(name), bayesian, density, adam, freezes);
        for (var t = 0; t < 2; t++) stepper.Step(Items(t));
        var tensors = stepper.State().Tensors.ToDictionary(tensor => tensor.Name, StringComparer.Ordinal);
        var weights = PointWeights.Zero(Net);
        stepper.CopyWeightsTo(weights);
        for (var l = 0; l < Net.Layers.Length; l++)
        {
            Assert.Equal(weights.Layers[l].Weight, tensors[bayesian ? TensorNames.Mu(l) : TensorNames.Weight(l)].Floats);
            Assert.Equal(weights.Layers[l].Bias, tensors[TensorNames.Bias(l)].Floats);
            if (stepper is IBayesianStepper b) Assert.Equal(b.Posterior().Layers[l].Rho, tensors[TensorNames.Rho(l)].Floats);
            Assert.Equal(adam, tensors.ContainsKey(TensorNames.FirstMoment(TensorNames.Bias(l))));
            if (adam) Assert.All(tensors[TensorNames.SecondMoment(TensorNames.Bias(l))].Floats!, v => Assert.True(v >= 0));
        }
    }

    private sealed record Ran(TrainingOutcome Outcome, StepperState State);

    private sealed class Notes(int[] moments) : ITrainingObserver
    {
        public List<LoopState> Reached { get; } = [];

        public SortedDictionary<int, StepLoss> Losses { get; } = [];

        public IReadOnlyCollection<int> Moments => moments;

        public void Stepped(int step, StepLoss loss) => Losses.Add(step, loss);

        void ITrainingObserver.Reached(LoopMoment moment) => Reached.Add(moment.State());
    }

    private static Ran Run(
        ITrainingEngine engine, bool bayesian, double density, bool adam, bool freezes, LoopState? from, Notes notes, bool dirty)
    {
        using var stepper = Start(engine, bayesian, density, adam, freezes);
        for (var t = 0; dirty && t < 5; t++) stepper.Step(Items(100 + t));
        var data = new Dataset(Data, Data, 1, Net.Sizes[0], Net.Sizes[^1], new DataHashes("", "", "", ""));
        var result = TrainingLoop.Run(
            stepper, Look, new LoopSettings("net", Net, Seed, Steps, Batch, EvalEvery, bayesian ? 1.0 / Images : null), data,
            Split.Create(Seed, Images, Validation), [notes], TestContext.Current.CancellationToken, from);
        return new Ran(Assert.IsType<Result<TrainingOutcome>.Ok>(result).Value, stepper.State());
    }

    /// <summary>
    /// Replaces the engine's evaluation on the test images, which is not tested here and would need a stepper of its own.
    /// </summary>
    private static Evaluation Look(PointWeights weights, Samples on) =>
        new(weights.Layers.Sum(layer => layer.Weight.Sum(w => (double)w)), 1, on.Count);

    private static void Same(PointWeights expected, PointWeights actual)
    {
        foreach (var (a, b) in expected.Layers.Zip(actual.Layers))
        {
            Assert.Equal(a.Weight, b.Weight);
            Assert.Equal(a.Bias, b.Bias);
        }
    }

    private static int[] Items(int step) => [.. Enumerable.Range(0, Batch).Select(b => (step * Batch + b) % Images)];

    private static Samples Data { get; } = EngineCase.Problem(Seed, Net, Images);

    /// <summary>Some weights of an input that is always zero are so small that the flush takes them.</summary>
    private static IStepper Start(ITrainingEngine engine, bool bayesian, double density, bool adam, bool freezes)
    {
        Optimizer optimizer = adam ? new Optimizer.Adam(0.0012) : new Optimizer.Sgd(0.05);
        var mask = density < 1 ? EngineCase.MaskOf(Seed, Net, density) : null;
        var start = Initialisation.Posterior(Seed, Net);
        start.Layers[0].Mu.AsSpan(7 * Net.Sizes[1], 20).Fill(-1e-33f);
        return bayesian
            ? engine.Bayesian(
                new BayesianSetup(
                    start, optimizer, Batch, 1.0 / Images, 0.7, LayerPosterior.ScaleEpsilon, new NoiseSource.OfSeed(Seed), mask),
                Data)
            : FrozenLaws.Ordinary(engine, new OrdinarySetup(start.Means(), mask, optimizer, Batch) { FreezesPruned = freezes }, Data);
    }
}
