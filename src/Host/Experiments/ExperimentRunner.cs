using System.Collections.Immutable;
using Bnn.Core;
using Bnn.Store;

namespace Host.Experiments;

/// <summary>Shows an experiment to whoever asked for it.</summary>
public interface IExperimentView
{
    /// <summary>Trainings are about to start.</summary>
    void Begin(PreparedExperiment experiment);

    /// <summary>Damaged trainings, and what was made from them, were deleted.</summary>
    void Repaired(IReadOnlyList<DeletedTraining> deleted);

    /// <summary>Some tickets were trained before by strategies whose plugins have changed.</summary>
    void TrainAgain(IReadOnlyList<OutdatedTicket> tickets);

    /// <summary>Measures that finished trainings lack are about to be computed.</summary>
    void Measure(int trainings);

    /// <summary>Follows trainings until it is disposed of.</summary>
    IProgressView Follow(IReadOnlyList<TrainingProgress> all, int jobs);
}

/// <summary>Shows the progress of trainings while they run.</summary>
public interface IProgressView : IDisposable
{
    void Ended(TrainingEnd end, TrainingProgress progress);
}

/// <summary>The outcome of an experiment.</summary>
/// <param name="Ends">One for each training that ended.</param>
/// <param name="Reading">What was read from the store.</param>
/// <param name="Report">The report's path; null if it couldn't be written.</param>
/// <param name="Unwritten">What could not be written beside trainings, and why: the plan, measures, the report.</param>
public sealed record ExperimentOutcome(
    ExperimentRecord Experiment,
    ReportReading Reading,
    ImmutableArray<TrainingEnd> Ends,
    string? Report,
    ImmutableArray<Fault> Unwritten,
    ResultsStore Store)
{
    public ImmutableArray<TrainingEnd> Failed => [.. Ends.Where(end => !end.Faults.IsEmpty)];

    /// <summary>
    /// The exit code: faults of the store, the disk or a plugin's file have their own; any other failure is
    /// <see cref="Host.ExitCode.SomeFailed"/>.
    /// </summary>
    public int ExitCode => CodeOf(Failed, Reading.Damaged.Concat(Unwritten));

    /// <param name="failed">Trainings that failed.</param>
    /// <param name="others">Faults that are no training's.</param>
    internal static int CodeOf(IReadOnlyCollection<TrainingEnd> failed, IEnumerable<Fault> others)
    {
        var codes = failed.SelectMany(end => end.Faults).Concat(others).Select(Host.ExitCode.For).ToList();
        if (codes.Contains(Host.ExitCode.BadStore)) return Host.ExitCode.BadStore;
        if (codes.Contains(Host.ExitCode.Disk)) return Host.ExitCode.Disk;
        if (failed.SelectMany(end => end.Faults).Any(fault => fault is Fault.PluginRejected)) return Host.ExitCode.BadPlugin;
        return failed.Count == 0 ? Host.ExitCode.Done : Host.ExitCode.SomeFailed;
    }
}

/// <summary>
/// Runs a prepared experiment: writes its plan, does its trainings, makes its report. It doesn't know whether a command line or something
/// else asked for it.
/// </summary>
/// <param name="command">The command that repeats it.</param>
public sealed class ExperimentRunner(PreparedExperiment experiment, string command, IExperimentView view)
{
    /// <summary>Whether damaged trainings are deleted, with what was made from them, and trained again.</summary>
    public bool Repairs { get; init; }

    /// <summary>How the results folder is reached.</summary>
    public FileLayer Files { get; init; } = FileLayer.OfSystem;

    /// <exception cref="OperationCanceledException">Stopped; what is done stays done.</exception>
    public Result<ExperimentOutcome> Run(CancellationToken stop)
    {
        var unwritten = new List<Fault>();
        return Open(unwritten)
            .Bind(store => UnlessDone(store, WritePlan(store), Record, unwritten)
                .Bind(planned => Repaired(store).Map(_ => Report(store, planned, Train(store, unwritten, stop), unwritten))))
            .MapFaults(experiment.Values.Located);
    }

    /// <summary>Writes the plan alone, for workers. Returns the results folder that it is in.</summary>
    public Result<ResultsStore> WritePlan() =>
        Open([]).Bind(store => WritePlan(store).Bind(_ => store.List()).Map(list =>
        {
            Mark(store, list);
            return store;
        })).MapFaults(experiment.Values.Located);

    /// <summary>Marks what is done and isn't marked: workers look no further than marks at their start.</summary>
    private void Mark(ResultsStore store, TrainingList list)
    {
        store.UnmarkGone(list);
        foreach (var training in experiment.Plan.Trainings.Where(own => list.Begun.Contains(own.Key.Value)))
            if (!list.Done.Contains(training.Key.Value) && store.Training(training.Key) is { IsDone: true } folder) folder.MarkDone();
    }

    private ExperimentRecord Record { get; } =
        ExperimentRecord.Of(experiment.Plan, command) with { Comparisons = experiment.Study?.Comparisons ?? [] };

    private Result<ExperimentRecord> WritePlan(ResultsStore store) =>
        store.Experiment(experiment.Name).WritePlan(Record, Repairs, extends: experiment.Study is not null);

    private Result<ResultsStore> Open(List<Fault> unwritten)
    {
        var values = experiment.Values;
        var root = values.Get(RunSettings.Output);
        var opened = RunSettings.WithOrigin(
            values, RunSettings.Output, ResultsStore.Open(root, Files, LeasePace.Of(values.Get(RunSettings.TakeOverAfter))));
        return opened is Result<ResultsStore>.Failed && ResultsStore.OpenExisting(root) is Result<ResultsStore>.Ok(var store)
            ? UnlessDone(store, opened, store, unwritten)
            : opened;
    }

    /// <summary>
    /// What was to be written; but if the disk refuses that while nothing has to be trained, what is there can be shown all the same.
    /// </summary>
    private Result<T> UnlessDone<T>(ResultsStore store, Result<T> written, T otherwise, List<Fault> unwritten)
    {
        if (written is not Result<T>.Failed(var faults) || !faults.All(fault => fault is Fault.Disk)) return written;
        var isAllDone = experiment.Plan.Trainings.All(training => store.Training(training.Key).Matches(training) is Result<bool>.Ok(true));
        if (!isAllDone) return written;
        unwritten.AddRange(faults);
        return otherwise;
    }

    private Result<bool> Repaired(ResultsStore store)
    {
        if (!Repairs) return false;
        return Repair.Run(store, experiment.Plan).Map(deleted =>
        {
            view.Repaired(deleted);
            return true;
        });
    }

    private ImmutableArray<TrainingEnd> Train(ResultsStore store, List<Fault> unwritten, CancellationToken stop)
    {
        var plan = experiment.Plan;
        if (store.List() is Result<TrainingList>.Ok(var list)) store.UnmarkGone(list);
        using var trainer = new ExperimentTrainer(experiment, store, training => store.Training(training.Key).IsDone);
        var threads = Math.Min(experiment.Threads, plan.Trainings.Length);
        var scheduler = new Scheduler(plan.Trainings, threads, trainer.Runner);
        view.Begin(experiment);
        if (Outdated.Of(store, plan) is { Count: > 0 } outdated) view.TrainAgain(outdated);
        ImmutableArray<TrainingEnd> ends;
        using (var follow = view.Follow(scheduler.Progress, threads))
        {
            scheduler.OnEnded = (end, progress) => follow.Ended(Located(end), progress);
            ends = scheduler.Run(stop);
        }
        stop.ThrowIfCancellationRequested();
        if (trainer.Measures.Lacking(plan.Trainings) is { IsEmpty: false } lacking)
        {
            view.Measure(lacking.Length);
            unwritten.AddRange(trainer.Measures.Complete(lacking, experiment.Jobs, stop));
        }
        return [.. ends.Select(Located)];
    }

    private TrainingEnd Located(TrainingEnd end) => end with { Faults = [.. end.Faults.Select(experiment.Values.Located)] };

    private ExperimentOutcome Report(
        ResultsStore store, ExperimentRecord record, ImmutableArray<TrainingEnd> ends, List<Fault> unwritten)
    {
        var builder = new ReportBuilder(store);
        var reading = builder.Read(experiment.Name, record, Reasons([.. ends.Where(end => !end.Faults.IsEmpty)]));
        var report = builder.Write(reading.Input).ValueOr(unwritten, experiment.Values.Located);
        return new ExperimentOutcome(record, reading, ends, report, [.. unwritten.Except(reading.Damaged)], store);
    }

    /// <summary>Why trainings are missing: they failed, or a training that they need did.</summary>
    private Dictionary<TrainingKey, string> Reasons(List<TrainingEnd> failed)
    {
        var reasons = failed.ToDictionary(end => end.Training.Key, end => string.Join("; ", end.Faults.Select(fault => fault.Describe())));
        var byKey = failed.ToDictionary(end => end.Training.Key, end => end.Training);
        foreach (var training in experiment.Plan.Trainings.Where(training => !reasons.ContainsKey(training.Key)))
        {
            if (Blocker(training) is { } blocker) reasons[training.Key] = $"needs {blocker.Label} of seed {blocker.Seed}, which failed";
        }
        return reasons;

        Training? Blocker(Training training) => training.Parents.Select(parent => parent.Of)
            .Select(parent => byKey.ContainsKey(parent.Key) ? parent : Blocker(parent))
            .FirstOrDefault(found => found is not null);
    }
}
