using Bnn.Core;

namespace Bnn.Tests;

/// <summary>The loop around an engine that follows a script.</summary>
public sealed class TrainingLoopTests
{
    private static readonly Architecture Net = new([1, 2]);

    /// <summary>Its only weight counts the steps, so that a test can see which weights were kept.</summary>
    private sealed class ScriptedStepper(Func<int, StepLoss> lossOf, Func<int, double> validationOf) : IStepper
    {
        public int Steps { get; private set; }

        public List<int[]> Batches { get; } = [];

        public List<int> EvaluatedAt { get; } = [];

        public StepLoss Step(ReadOnlySpan<int> items)
        {
            Batches.Add(items.ToArray());
            return lossOf(++Steps);
        }

        public Evaluation Evaluate(Samples samples, ReadOnlySpan<int> items)
        {
            EvaluatedAt.Add(Steps);
            return new Evaluation(validationOf(Steps), 1, items.Length);
        }

        public void CopyWeightsTo(PointWeights destination) => destination.Layers[0].Weight[0] = Weight ?? Steps;

        public StepperState State() => new(Steps, []);

        public void Restore(StepperState state) => Steps = state.Steps;

        public float? Weight { get; init; }

        public void Dispose() { }
    }

    private sealed class Notes : ITrainingObserver
    {
        public List<int> Steps { get; } = [];

        public List<MetricsRow> Rows { get; } = [];

        public List<LoopState> States { get; } = [];

        public List<int> Reaches { get; } = [];

        public IReadOnlyCollection<int> Moments { get; init; } = [];

        public Action<int>? OnStep { get; init; }

        public bool WantsPause { get; init; }

        public List<LoopState> Pauses { get; } = [];

        public void Paused(LoopMoment now) => Pauses.Add(now.State());

        public void Stepped(int step, StepLoss loss)
        {
            Steps.Add(step);
            OnStep?.Invoke(step);
        }

        public void Evaluated(MetricsRow row, LoopMoment now)
        {
            Rows.Add(row);
            States.Add(now.State());
            Assert.Equal(row, States[^1].Rows[^1]);
            Assert.Equal(row.Step, now.Step);
            Assert.Null(now.Posterior());
        }

        public void Reached(LoopMoment moment)
        {
            Reaches.Add(moment.Step);
            States.Add(moment.State());
        }
    }

    private sealed record Ran(Result<TrainingOutcome> Result, ScriptedStepper Stepper, Notes Notes)
    {
        public TrainingOutcome Outcome => Assert.IsType<Result<TrainingOutcome>.Ok>(Result).Value;

        public Fault.Diverged Diverged =>
            Assert.IsType<Fault.Diverged>(Assert.Single(Assert.IsType<Result<TrainingOutcome>.Failed>(Result).Faults));
    }

    private static Ran Run(
        int steps, int evalEvery,
        Func<int, StepLoss>? lossOf = null, Func<int, double>? validationOf = null, int validation = 2, double? klFactor = null,
        Func<float, double>? testNllOf = null, Action<int>? onStep = null, CancellationTokenSource? stop = null,
        float? weight = null, LoopState? from = null, bool pauses = false, int firstStep = 0, PointWeights? start = null,
        params int[] moments)
    {
        var samples = Samples.FromPixels([0, 1, 2, 3, 4, 5], [0, 1, 0, 1, 0, 1], 1);
        var data = new Dataset(samples, Samples.FromPixels([7, 8, 9], [0, 1, 1], 1), 1, 1, 2, new DataHashes("", "", "", ""));
        var stepper = new ScriptedStepper(lossOf ?? (_ => new StepLoss(1, 0)), validationOf ?? (_ => 1)) { Weight = weight };
        var notes = new Notes { OnStep = onStep, Moments = moments, WantsPause = pauses };
        var result = TrainingLoop.Run(
            stepper,
            (weights, on) =>
            {
                Assert.Same(data.Test, on);
                return new Evaluation(testNllOf?.Invoke(weights.Layers[0].Weight[0]) ?? weights.Layers[0].Weight[0], 2, on.Count);
            },
            new LoopSettings("ticket x", Net, new Seed(5), steps, Batch: 3, evalEvery, klFactor) { FirstStep = firstStep, Start = start },
            data,
            Split.Create(new Seed(5), samples.Count, validation), [notes], stop?.Token ?? TestContext.Current.CancellationToken, from);
        return new Ran(result, stepper, notes);
    }

    [Theory]
    [InlineData(10, 5, new[] { 0, 5, 10 })]
    [InlineData(11, 5, new[] { 0, 5, 10, 11 })]
    [InlineData(3, 100, new[] { 0, 3 })]
    [InlineData(2, 1, new[] { 0, 1, 2 })]
    public void Rows_stand_at_zero_at_every_evaluation_and_at_the_end(int steps, int evalEvery, int[] expected)
    {
        var ran = Run(steps, evalEvery);
        Assert.Equal(expected, ran.Outcome.Rows.Select(row => row.Step));
        Assert.Equal(expected, ran.Stepper.EvaluatedAt);
        Assert.Equal(ran.Outcome.Rows, ran.Notes.Rows);
        Assert.Equal(Enumerable.Range(1, steps), ran.Notes.Steps);
        Assert.Equal(steps, ran.Stepper.Steps);
    }

    [Theory, InlineData(1), InlineData(2), InlineData(3), InlineData(100)]
    public void A_pause_that_is_wished_for_at_each_step_comes_at_each_step_and_changes_nothing(int evalEvery)
    {
        static StepLoss Loss(int step) => new(1.0 / step, step);
        var (steady, paused) = (Run(7, evalEvery, Loss), Run(7, evalEvery, Loss, pauses: true));
        Assert.Equal([1, 2, 3, 4, 5, 6], paused.Notes.Pauses.Select(state => state.Step));
        Assert.Equal(steady.Outcome.Rows, paused.Outcome.Rows);
        Assert.All(paused.Notes.Pauses, state => Assert.Equal(steady.Outcome.Rows, Run(7, evalEvery, Loss, from: state).Outcome.Rows));
    }

    [Fact]
    public void Training_columns_are_means_over_the_steps_since_the_row_before()
    {
        var rows = Run(5, 2, t => new StepLoss(t, 100 * t), klFactor: 0.01).Outcome.Rows;
        Assert.Equal(
            [(null, null, null), (1.5, 150.0, 3.0), (3.5, 350.0, 7.0), (5.0, 500.0, 10.0)],
            rows.Select(row => (row.TrainNll, row.Kl, row.TrainLoss)));
    }

    [Fact]
    public void An_ordinary_net_has_no_KL()
    {
        var row = Run(2, 2).Outcome.Rows[^1];
        Assert.Equal((null, 1.0, 1.0), (row.Kl, row.TrainNll, row.TrainLoss));
    }

    [Fact]
    public void Batches_are_those_of_the_seed_among_the_images_that_train()
    {
        var ran = Run(7, 100);
        var batches = new Batches(new Seed(5), Split.Create(new Seed(5), 6, 2).Train, 3);
        var expected = new int[3];
        foreach (var (i, batch) in ran.Stepper.Batches.Index())
        {
            batches.At(i + 1, expected);
            Assert.Equal(expected, batch);
        }
    }

    [Fact]
    public void Early_stopping_takes_the_first_lowest_validation_loss_and_its_weights()
    {
        double[] curve = [0.1, 0.9, 0.5, 0.7, 0.5, 0.6];
        var outcome = Run(5, 1, validationOf: step => curve[step]).Outcome;
        Assert.Equal(2, outcome.EarlyStopStep);
        Assert.Equal(2f, outcome.EarlyStop!.Layers[0].Weight[0]);
        Assert.Equal(5f, outcome.Final.Layers[0].Weight[0]);
        Assert.Equal((2.0, 5.0), (outcome.TestAtEarlyStop!.Value.Nll, outcome.TestAtLast.Nll));
        Assert.Equal(curve, outcome.Rows.Select(row => row.ValidationNll!.Value));
        Assert.All(outcome.Rows, row => Assert.Equal(0.5, row.ValidationAccuracy));
    }

    [Fact]
    public void Step_0_is_never_the_early_stop_even_where_training_only_harms() =>
        Assert.Equal(3, Run(6, 3, validationOf: step => step).Outcome.EarlyStopStep);

    [Fact]
    public void Without_validation_there_is_no_early_stop()
    {
        var ran = Run(4, 2, validation: 0);
        Assert.Empty(ran.Stepper.EvaluatedAt);
        Assert.Equal(
            ((int?)null, (PointWeights?)null, (Evaluation?)null),
            (ran.Outcome.EarlyStopStep, ran.Outcome.EarlyStop, ran.Outcome.TestAtEarlyStop));
        Assert.All(ran.Outcome.Rows, row => Assert.Equal((null, null), (row.ValidationNll, row.ValidationAccuracy)));
        Assert.Equal(4.0, ran.Outcome.TestAtLast.Nll);
    }

    [Theory, InlineData(float.NaN), InlineData(float.NegativeInfinity)]
    public void A_weight_that_is_no_number_at_the_end_is_told(float weight)
    {
        var ran = Run(4, 2, weight: weight);
        Assert.Equal((4, "a weight"), (ran.Diverged.Step, ran.Diverged.Quantity));
    }

    [Theory]
    [InlineData(double.NaN, 0, "training loss"), InlineData(double.PositiveInfinity, 0, "training loss")]
    [InlineData(1, double.NaN, "KL"), InlineData(1, double.PositiveInfinity, "KL")]
    public void A_loss_that_is_no_number_ends_training_at_its_step(double nll, double kl, string quantity)
    {
        var ran = Run(10, 2, t => t == 7 ? new StepLoss(nll, kl) : new StepLoss(1, 1), klFactor: 1);
        Assert.Equal((7, "ticket x"), (ran.Diverged.Step, ran.Diverged.Training));
        Assert.Contains(quantity, ran.Diverged.Quantity, StringComparison.Ordinal);
        Assert.Contains("step 7", ran.Diverged.Describe(), StringComparison.Ordinal);
        Assert.Contains("learning rate", ran.Diverged.Describe(), StringComparison.Ordinal);
        Assert.DoesNotContain("--", ran.Diverged.Describe(), StringComparison.Ordinal);
        Assert.Equal(7, ran.Stepper.Steps);
    }

    [Fact]
    public void A_validation_loss_that_is_no_number_ends_training_at_its_step()
    {
        var fault = Run(10, 2, validationOf: step => step == 4 ? double.NaN : 1).Diverged;
        Assert.Equal((4, "the validation loss"), (fault.Step, fault.Quantity));
    }

    [Fact]
    public void A_test_loss_that_is_no_number_is_a_fault_too()
    {
        var atTheEarlyStop = Run(6, 2, testNllOf: _ => double.NaN).Diverged;
        Assert.Equal((2, "the test loss"), (atTheEarlyStop.Step, atTheEarlyStop.Quantity));
        var atTheLastStep = Run(6, 2, testNllOf: step => step == 6 ? double.NaN : 1).Diverged;
        Assert.Equal((6, "the test loss"), (atTheLastStep.Step, atTheLastStep.Quantity));
    }

    [Theory]
    [InlineData(new[] { 0, 3, 4, 10, 11 }, new[] { 0, 3, 4, 10 })]
    [InlineData(new[] { 7, 7, -1 }, new[] { 7 })]
    [InlineData(new int[0], new int[0])]
    public void Moments_are_reached_after_their_steps(int[] moments, int[] expected)
    {
        var ran = Run(10, 4, moments: moments);
        Assert.Equal(expected, ran.Notes.Reaches);
        Assert.Equal([0, 4, 8, 10], ran.Notes.Rows.Select(row => row.Step));
        Assert.Equal(Enumerable.Range(1, 10), ran.Notes.Steps);
    }

    /// <summary>Numbers whose sums depend on their order, so that a restarted sum would be noticed.</summary>
    [Fact]
    public void Going_on_from_any_state_gives_the_rows_and_the_outcome_of_a_training_without_a_pause()
    {
        var whole = Start(null);
        Assert.Equal([0, 4, 8, 11], whole.Outcome.Rows.Select(row => row.Step));
        Assert.Equal(4, whole.Outcome.EarlyStopStep);
        Assert.Equal(16, whole.Notes.States.Count);
        foreach (var state in whole.Notes.States)
        {
            var later = Start(state);
            Assert.Equal(11, later.Stepper.Steps);
            Assert.Equal(whole.Outcome.Rows, later.Outcome.Rows);
            Assert.Equal(Enumerable.Range(state.Step + 1, 11 - state.Step), later.Notes.Steps);
            Assert.Equal(whole.Notes.Rows.Where(row => !state.Rows.Contains(row)), later.Notes.Rows);
            Assert.Equal(Enumerable.Range(state.Step, 12 - state.Step), later.Notes.Reaches);
            Assert.Equal(whole.Stepper.Batches[state.Step..], later.Stepper.Batches);
            Assert.Equal(
                whole.Outcome with { Rows = [], EarlyStop = null, Final = null! },
                later.Outcome with { Rows = [], EarlyStop = null, Final = null! });
            Assert.Equal(whole.Outcome.EarlyStop!.Layers[0].Weight, later.Outcome.EarlyStop!.Layers[0].Weight);
            Assert.Equal(whole.Outcome.Final.Layers[0].Weight, later.Outcome.Final.Layers[0].Weight);
        }

        static Ran Start(LoopState? from) => Run(
            11, 4, t => new StepLoss(1.0 / t, Math.Pow(10, t) / 3), step => step == 4 ? 0.1 : 0.2, klFactor: 0.3, from: from,
            moments: [.. Enumerable.Range(0, 12)]);
    }

    [Theory]
    [InlineData(6, new[] { 6, 8, 9 }), InlineData(8, new[] { 8, 9 }), InlineData(3, new[] { 3, 4, 8, 9 })]
    public void A_net_that_is_rewound_takes_the_batches_from_there_on_with_a_stepper_that_has_done_no_step(int first, int[] rows)
    {
        var ran = Run(9, 4, own => new StepLoss(own, 0), own => own, firstStep: first, moments: [0, first - 1, first, 9]);
        Assert.Equal(Run(9, 4).Stepper.Batches[first..], ran.Stepper.Batches);
        Assert.Equal(9 - first, ran.Stepper.Steps);
        Assert.Equal(rows, ran.Outcome.Rows.Select(row => row.Step));
        Assert.Equal(new MetricsRow(first, null, null, null, 0, 0.5), ran.Outcome.Rows[0]);
        // Means over the steps since the row before.
        Assert.Equal((1 + rows[1] - first) / 2.0, ran.Outcome.Rows[1].TrainNll);
        Assert.Equal([first, 9], ran.Notes.Reaches);
        Assert.Equal(Enumerable.Range(first + 1, 9 - first), ran.Notes.Steps);
        // The start would be the best.
        Assert.Equal(rows[1], ran.Outcome.EarlyStopStep);
    }

    [Fact]
    public void Going_on_from_any_state_of_a_net_that_is_rewound_gives_the_same_rows_and_outcome()
    {
        var whole = Start(null);
        Assert.Equal([7, 7, 8, 8, 9, 10, 11, 11], whole.Notes.States.Select(state => state.Step));
        foreach (var state in whole.Notes.States)
        {
            var later = Start(state);
            Assert.Equal(state.Step - 7, state.Stepper.Steps);
            Assert.Equal(whole.Outcome.Rows, later.Outcome.Rows);
            Assert.Equal(whole.Stepper.Batches[(state.Step - 7)..], later.Stepper.Batches);
            Assert.Equal((8, 4), (later.Outcome.EarlyStopStep, later.Stepper.Steps));
        }

        static Ran Start(LoopState? from) => Run(
            11, 4, own => new StepLoss(1.0 / own, Math.Pow(10, own) / 3), own => own == 1 ? 0.1 : 0.2, klFactor: 0.3, from: from,
            firstStep: 7, moments: [.. Enumerable.Range(0, 12)]);
    }

    [Theory, InlineData(-1), InlineData(9), InlineData(10)]
    public void A_first_step_that_leaves_none_to_train_is_refused(int first) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => Run(9, 4, firstStep: first));

    [Theory]
    [InlineData(0, -1, 0), InlineData(0, 10, 10), InlineData(0, 6, 0), InlineData(6, 5, 0), InlineData(6, 7, 7), InlineData(6, 10, 4)]
    public void A_state_of_another_training_is_refused(int first, int step, int stepperSteps) => Assert.Throws<ArgumentException>(() =>
        Run(9, 4, firstStep: first, from: new LoopState(step, [], default, null, new StepperState(stepperSteps, []))));

    [Fact]
    public void The_start_is_evaluated_on_the_test_images_at_the_end_and_again_where_a_training_goes_on()
    {
        var start = PointWeights.Zero(Net);
        start.Layers[0].Weight[0] = 70;
        var whole = Run(9, 4, start: start, moments: 5);
        Assert.Equal(new Evaluation(70, 2, 3), whole.Outcome.TestUntrained);
        var later = Run(9, 4, start: start, from: whole.Notes.States.Single(state => state.Step == 5));
        Assert.Equal(whole.Outcome.TestUntrained, later.Outcome.TestUntrained);
        Assert.Null(Run(9, 4).Outcome.TestUntrained);
        var diverged = Run(9, 4, start: start, firstStep: 2, testNllOf: weight => weight == 70 ? double.NaN : 1).Diverged;
        Assert.Equal((2, "the test loss"), (diverged.Step, diverged.Quantity));
    }

    /// <summary>An engine that reports its losses once per interval.</summary>
    private sealed class DeviceStepper : IStepper
    {
        public List<(int First, int Last)> Intervals { get; } = [];

        public StepLoss Step(ReadOnlySpan<int> items) => throw new NotSupportedException();

        public BadLoss? Advance(
            Batches batches, int first, int last, ref LossSums sums, Action<int, StepLoss>? stepped, CancellationToken stop)
        {
            Intervals.Add((first, last));
            for (var step = first; step <= last; step++) sums.Add(new StepLoss(step, 0));
            stepped?.Invoke(last, new StepLoss(last, 0));
            return last == 9 ? new BadLoss(8, "the training loss", double.NaN) : null;
        }

        public Evaluation Evaluate(Samples samples, ReadOnlySpan<int> items) => new(1, 1, items.Length);

        public void CopyWeightsTo(PointWeights destination)
        {
        }

        public StepperState State() => new(0, []);

        public void Restore(StepperState state)
        {
        }

        public void Dispose()
        {
        }
    }

    [Fact]
    public void An_engine_is_asked_for_the_steps_from_border_to_border()
    {
        var samples = Samples.FromPixels([0, 1, 2, 3, 4, 5], [0, 1, 0, 1, 0, 1], 1);
        var data = new Dataset(samples, samples, 1, 1, 2, new DataHashes("", "", "", ""));
        using var stepper = new DeviceStepper();
        var (one, other) = (new Notes { Moments = [5] }, new Notes { Moments = [2, 5, 100] });
        var result = TrainingLoop.Run(
            stepper, (_, on) => new Evaluation(1, 1, on.Count),
            new LoopSettings("net", Net, new Seed(5), Steps: 9, Batch: 3, EvalEvery: 4, KlFactor: null), data,
            Split.Create(new Seed(5), 6, 0), [one, other], TestContext.Current.CancellationToken);
        Assert.Equal([(1, 2), (3, 4), (5, 5), (6, 8), (9, 9)], stepper.Intervals);
        Assert.Equal([5], one.Reaches);
        Assert.Equal([2, 5], other.Reaches);
        Assert.Equal([null, 2.5, 6.5], other.Rows.Select(row => row.TrainNll));
        var fault = Assert.IsType<Fault.Diverged>(Assert.Single(Assert.IsType<Result<TrainingOutcome>.Failed>(result).Faults));
        Assert.Equal((8, "the training loss", double.NaN), (fault.Step, fault.Quantity, fault.Value));
    }

    [Fact]
    public void Stopping_takes_effect_before_the_next_step()
    {
        using var source = new CancellationTokenSource();
        var steps = new List<int>();
        Assert.Throws<OperationCanceledException>(() => Run(100, 10, onStep: step =>
        {
            steps.Add(step);
            if (step == 4) source.Cancel();
        }, stop: source));
        Assert.Equal(4, steps.Count);
    }

    [Fact]
    public void A_record_tells_what_an_outcome_came_to()
    {
        var outcome = Run(4, 2, validationOf: step => 10 - step).Outcome;
        var mask = new Mask([new LayerMask(Net.Layers[0], [1, 0])]);
        var record = TrainingRecord.Of(new TrainingKey("0123456789ab"), mask, outcome);
        Assert.Equal((1, 2, 0.5), (record.KeptCount, record.TotalCount, record.KeptShare));
        Assert.Equal((4, 2 / 3.0, 4.0), (record.EarlyStopStep, record.TestAccuracyEarlyStop, record[Measures.TestNllEarlyStop]));
        Assert.Equal((2 / 3.0, 4.0), (record.TestAccuracyLast, record[Measures.TestNllLast]));
    }
}
