using System.Collections.Immutable;

namespace Bnn.Core;

/// <summary>A row of metrics.csv. Train columns are means over the steps since the row before.</summary>
/// <param name="Step">Updates done.</param>
/// <param name="TrainLoss">NLL and KL times its factor; null in the first row.</param>
/// <param name="TrainNll">Mean cross entropy, nats; null in the first row.</param>
/// <param name="Kl">Nats, not divided; null for ordinary nets.</param>
/// <param name="ValidationNll">Mean cross entropy, nats; null without validation.</param>
/// <param name="ValidationAccuracy">In [0, 1]; null without validation.</param>
public sealed record MetricsRow(
    int Step, double? TrainLoss, double? TrainNll, double? Kl, double? ValidationNll, double? ValidationAccuracy);

/// <summary>The outcome of a training.</summary>
/// <param name="Rows">One at the start (step 0, or the first step of a net that is rewound), one at every evaluation, one at the
/// end.</param>
/// <param name="EarlyStopStep">The evaluated step, not the start, with the lowest validation NLL; the first on ties; null without
/// validation.</param>
/// <param name="EarlyStop">The weights there.</param>
/// <param name="Final">The weights after the last step.</param>
/// <param name="TestAtEarlyStop">On the test images; null without validation.</param>
/// <param name="TestAtLast">On the test images.</param>
public sealed record TrainingOutcome(
    ImmutableArray<MetricsRow> Rows, int? EarlyStopStep, PointWeights? EarlyStop, PointWeights Final,
    Evaluation? TestAtEarlyStop, Evaluation TestAtLast)
{
    /// <summary><see cref="LoopSettings.Start"/> on the test images; null where none is given.</summary>
    public Evaluation? TestUntrained { get; init; }
}

/// <summary>What the loop needs besides stepper and data.</summary>
/// <param name="Label">Which training it is, for a fault.</param>
/// <param name="Net">The network's layers.</param>
/// <param name="Seed">The batches' order follows from it.</param>
/// <param name="Steps">Updates in all.</param>
/// <param name="Batch">Images of a step.</param>
/// <param name="EvalEvery">Steps between two evaluations, at least 1.</param>
/// <param name="KlFactor">What KL is multiplied by in the loss: KL weight / number of training images; null for ordinary nets, which have
/// no KL.</param>
public sealed record LoopSettings(string Label, Architecture Net, Seed Seed, int Steps, int Batch, int EvalEvery, double? KlFactor)
{
    /// <summary>What to try when the loss is NaN or infinite.</summary>
    public string Hint { get; init; } = "the learning rate is the likely cause: try a tenth of it";

    /// <summary>
    /// k of a net that is rewound to step k, else 0: training goes from batch k + 1 to batch <see cref="Steps"/>, and steps keep the
    /// numbers that they have in the whole net's training. The stepper begins with the weights at k and has done no step.
    /// </summary>
    public int FirstStep { get; init; }

    /// <summary>
    /// The weights that an ordinary net starts from, its mask applied, for <see cref="TrainingOutcome.TestUntrained"/>; null for Bayesian
    /// nets, and where they aren't asked for.
    /// </summary>
    public PointWeights? Start { get; init; }
}

/// <summary>
/// Trains from the first step to the last: batches, evaluation, early stopping, and the test set only at the end.
/// Works for any engine and either kind of net.
/// It advances from one stop to the next: an evaluation, a moment that an observer named, the last step, or wherever an observer wants a
/// pause.
/// </summary>
public static class TrainingLoop
{
    /// <param name="stepper">A stepper at its start, or, with <paramref name="from"/>, any stepper of the same setup.</param>
    /// <param name="evaluate">The engine's evaluation of given weights on all of some samples.</param>
    /// <param name="settings">What else the loop needs.</param>
    /// <param name="data">Training and test images.</param>
    /// <param name="split">Which training images train and which validate.</param>
    /// <param name="observers">Called in their order.</param>
    /// <param name="stop">Checked before every step.</param>
    /// <param name="from">Where to continue; null for the start.</param>
    /// <returns>The outcome, or <see cref="Fault.Diverged"/> if a loss or a weight is NaN or infinite.</returns>
    /// <exception cref="OperationCanceledException"><paramref name="stop"/> was requested.</exception>
    /// <exception cref="ArgumentException">The state is not of this net or not of this training.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A net that is rewound leaves no step to train.</exception>
    public static Result<TrainingOutcome> Run(
        IStepper stepper, Func<PointWeights, Samples, Evaluation> evaluate, LoopSettings settings, Dataset data, Split split,
        IReadOnlyList<ITrainingObserver> observers, CancellationToken stop, LoopState? from = null) =>
        new Training(stepper, settings, data, split, observers, from).Run(evaluate, stop);

    private sealed class Training
    {
        private readonly IStepper _stepper;
        private readonly LoopSettings _settings;
        private readonly Dataset _data;
        private readonly Split _split;
        private readonly IReadOnlyList<ITrainingObserver> _observers;
        private readonly SortedSet<int> _moments;
        private readonly ImmutableArray<MetricsRow>.Builder _rows = ImmutableArray.CreateBuilder<MetricsRow>();
        private LossSums _sums;
        private BestWeights? _best;

        /// <summary>One buffer for the best weights: a training finds better ones hundreds of times.</summary>
        private PointWeights? _bestRoom;
        private int _step;

        /// <summary>Ends an interval early when an observer wants a pause; null where nobody follows the steps.</summary>
        private CancellationTokenSource? _pause;

        public Training(
            IStepper stepper, LoopSettings settings, Dataset data, Split split, IReadOnlyList<ITrainingObserver> observers, LoopState? from)
        {
            (_stepper, _settings, _data, _split, _observers) = (stepper, settings, data, split, observers);
            _moments = [.. observers.SelectMany(observer => observer.Moments)];
            _step = settings.FirstStep;
            if (_step < 0 || (_step > 0 && _step >= settings.Steps))
                throw new ArgumentOutOfRangeException(nameof(settings), _step, $"the first step of a training of {settings.Steps}");
            if (from is null) return;
            if (from.Step < settings.FirstStep || from.Step > settings.Steps)
                throw new ArgumentException(
                    $"a state at step {from.Step} of a training from {settings.FirstStep} to {settings.Steps}", nameof(from));
            if (from.Stepper.Steps != from.Step - settings.FirstStep)
                throw new ArgumentException(
                    $"a state at step {from.Step} of a training from {settings.FirstStep}, whose stepper has done {from.Stepper.Steps}",
                    nameof(from));
            stepper.Restore(from.Stepper);
            _rows.AddRange(from.Rows);
            (_step, _sums, _best) = (from.Step, from.Sums, from.Best);
        }

        public Result<TrainingOutcome> Run(Func<PointWeights, Samples, Evaluation> evaluate, CancellationToken stop)
        {
            var batches = new Batches(_settings.Seed, _split.Train, _settings.Batch);
            Action<int, StepLoss>? stepped = _observers.Count > 0 ? Stepped : null;
            while (true)
            {
                if (IsEvaluated(_step) && Evaluate() is { } fault) return fault;
                if (_moments.Contains(_step)) Reach();
                if (_step == _settings.Steps) return Finish(evaluate);
                if (Advance(batches, NextBorder(), stepped, stop) is { } bad) return Diverged(bad.Step, bad.Quantity, bad.Value);
            }
        }

        /// <summary>Trains up to a border, with a pause wherever an observer wants one. A pause changes no bits.</summary>
        private BadLoss? Advance(Batches batches, int border, Action<int, StepLoss>? stepped, CancellationToken stop)
        {
            while (_step < border)
            {
                var counted = _sums.Count;
                using var pause = CancellationTokenSource.CreateLinkedTokenSource(stop);
                _pause = pause;
                try
                {
                    if (_stepper.Advance(batches, _step + 1, border, ref _sums, stepped, pause.Token) is { } bad) return bad;
                    _step = border;
                    // A wish for a pause that came with the interval's last step: where intervals have one step, all do.
                    if (pause.IsCancellationRequested && !stop.IsCancellationRequested && _step < _settings.Steps) Pause();
                }
                catch (OperationCanceledException) when (pause.IsCancellationRequested)
                {
                    _step += _sums.Count - counted;
                    Pause();
                    stop.ThrowIfCancellationRequested();
                }
            }
            return null;
        }

        private void Pause()
        {
            foreach (var observer in _observers) observer.Paused(Now());
        }

        private bool IsEvaluated(int step) =>
            step % _settings.EvalEvery == 0 || step == _settings.FirstStep || step == _settings.Steps;

        private int NextBorder()
        {
            var evaluation = ((long)_step / _settings.EvalEvery + 1) * _settings.EvalEvery;
            var border = (int)Math.Min(evaluation, _settings.Steps);
            foreach (var moment in _moments)
                if (moment > _step) return Math.Min(border, moment);
            return border;
        }

        private void Stepped(int step, StepLoss loss)
        {
            var pauses = false;
            foreach (var observer in _observers)
            {
                observer.Stepped(step, loss);
                pauses |= observer.WantsPause;
            }
            if (pauses) _pause!.Cancel();
        }

        private void Reach()
        {
            var moment = Now();
            foreach (var observer in _observers)
                if (observer.Moments.Contains(_step)) observer.Reached(moment);
        }

        private Fault.Diverged? Evaluate()
        {
            // A state may have been taken after its step's evaluation.
            if (_rows.Count > 0 && _rows[^1].Step == _step) return null;
            var validation = _split.Validation.Length > 0 ? _stepper.Evaluate(_data.Train, _split.Validation) : (Evaluation?)null;
            if (validation is { } v && !double.IsFinite(v.Nll)) return Diverged(_step, "the validation loss", v.Nll);
            var row = Row(validation);
            _rows.Add(row);
            _sums = default;
            if (_step > _settings.FirstStep && validation is { Nll: var nll } && nll < (_best?.Nll ?? double.PositiveInfinity))
                _best = new BestWeights(_step, nll, WeightsTo(_bestRoom ??= PointWeights.Zero(_settings.Net)));
            var now = Now();
            foreach (var observer in _observers) observer.Evaluated(row, now);
            return null;
        }

        private MetricsRow Row(Evaluation? validation)
        {
            if (_sums.Count == 0) return new MetricsRow(_step, null, null, null, validation?.Nll, validation?.Accuracy);
            var (nll, kl, factor) = (_sums.Nll / _sums.Count, _sums.Kl / _sums.Count, _settings.KlFactor);
            return new MetricsRow(_step, nll + (factor ?? 0) * kl, nll, factor is null ? null : kl, validation?.Nll, validation?.Accuracy);
        }

        private LoopMoment Now() => new(
            _step,
            () => new LoopState(_step, _rows.ToImmutable(), _sums, _best?.Copy(), _stepper.State()),
            () => (_stepper as IBayesianStepper)?.Posterior());

        private PointWeights WeightsTo(PointWeights room)
        {
            _stepper.CopyWeightsTo(room);
            return room;
        }

        private Result<TrainingOutcome> Finish(Func<PointWeights, Samples, Evaluation> evaluate)
        {
            var final = WeightsTo(PointWeights.Zero(_settings.Net));
            // −∞ below a ReLU would show in no loss.
            var rho = (_stepper as IBayesianStepper)?.Posterior().Layers.Select(layer => layer.Rho) ?? [];
            foreach (var values in final.Layers.SelectMany(layer => (float[][])[layer.Weight, layer.Bias]).Concat(rho))
                foreach (var value in values)
                    if (!float.IsFinite(value)) return Diverged(_settings.Steps, "a weight", value);
            var atEarlyStop = _best is null ? (Evaluation?)null : evaluate(_best.Weights, _data.Test);
            var atLast = evaluate(final, _data.Test);
            var untrained = _settings.Start is { } start ? evaluate(start, _data.Test) : (Evaluation?)null;
            if (atEarlyStop is { } early && !double.IsFinite(early.Nll)) return Diverged(_best!.Step, "the test loss", early.Nll);
            if (!double.IsFinite(atLast.Nll)) return Diverged(_settings.Steps, "the test loss", atLast.Nll);
            if (untrained is { } first && !double.IsFinite(first.Nll)) return Diverged(_settings.FirstStep, "the test loss", first.Nll);
            return new TrainingOutcome(_rows.ToImmutable(), _best?.Step, _best?.Weights, final, atEarlyStop, atLast)
            {
                TestUntrained = untrained,
            };
        }

        private Fault.Diverged Diverged(int step, string quantity, double value) =>
            new(_settings.Label, step, quantity, value, _settings.Hint);
    }
}
