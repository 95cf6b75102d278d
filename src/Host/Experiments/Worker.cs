using System.Collections.Concurrent;
using System.Collections.Immutable;
using Bnn.Core;
using Bnn.Store;
using Host.Cluster;

namespace Host.Experiments;

/// <summary>What a worker did.</summary>
/// <param name="Ends">One for each training that it knows the end of.</param>
/// <param name="Open">Trainings that aren't done: with other workers, or failed.</param>
/// <param name="Report">The report's path, if this worker wrote it.</param>
/// <param name="Faults">What is no training's: measures or a report that couldn't be written, damage.</param>
public sealed record WorkOutcome(ImmutableArray<TrainingEnd> Ends, int Open, string? Report, ImmutableArray<Fault> Faults)
{
    public ImmutableArray<TrainingEnd> Failed => [.. Ends.Where(end => !end.Faults.IsEmpty)];

    /// <summary>Whether it began no more since its job's time is nearly over.</summary>
    public bool IsTimeOver { get; init; }

    public int Trained => Ends.Count(end => end.State == TrainingState.Trained);
}

/// <summary>
/// One of many processes, on any number of machines, that do an experiment's trainings in one results folder: it takes what is ready and
/// nobody has, and ends when there is no more for it. Who finds all done writes the report.
/// </summary>
public sealed class Worker(PreparedExperiment experiment, ExperimentRecord record, ResultsStore store, IExperimentView view)
{
    /// <summary>How often it begins again where marks were wrong.</summary>
    private const int MostPasses = 3;

    /// <summary>Between two looks at who writes the report: all workers wait for it at once.</summary>
    private static readonly TimeSpan Glance = TimeSpan.FromSeconds(2);

    private readonly ConcurrentQueue<Fault> _faults = new();
    private bool _hasUnmarked;
    private readonly long _began = TimeProvider.System.GetTimestamp();

    /// <exception cref="OperationCanceledException">Stopped; what is done stays done, and what was begun is continued from.</exception>
    public Result<WorkOutcome> Run(CancellationToken stop)
    {
        var trained = new List<TrainingEnd>();
        for (var pass = 1; ; pass++)
        {
            _hasUnmarked = false;
            var worked = store.List().Map(list => Work(list, stop));
            // What a mark told and isn't there has lost its mark: once more, with what is known then.
            if (worked is Result<WorkOutcome>.Ok(var outcome) && _hasUnmarked && pass < MostPasses)
                trained.AddRange(outcome.Ends.Where(end => end.State == TrainingState.Trained));
            else
                return worked.Map(last => last with { Ends = [.. trained.Concat(last.Ends).DistinctBy(end => end.Training)] });
        }
    }

    private WorkOutcome Work(TrainingList list, CancellationToken stop)
    {
        var trainings = experiment.Plan.Trainings;
        var threads = Math.Min(experiment.Threads, trainings.Length);
        store.UnmarkGone(list);
        var before = Failures(list, trainings);
        using var trainer = new ExperimentTrainer(
            experiment, store, training => list.Done.Contains(training.Key.Value),
            (key, failure) => before.GetValueOrDefault(key) != failure || IsOfThisJob(failure));
        var scheduler = new Scheduler(trainings, threads, trainer.Runner)
        {
            BeginsAt = BeginsAt(),
            LeavesTheRest = true,
            Begins = () => !IsTimeOver,
            Listed = store.Marked,
        };
        view.Begin(experiment);
        ImmutableArray<TrainingEnd> ends;
        using (var follow = view.Follow(scheduler.Progress, threads))
        {
            scheduler.OnEnded = (end, progress) =>
            {
                follow.Ended(end, progress);
                if (end.State == TrainingState.Trained) Measure(trainer.Measures, [end.Training], 1, stop);
            };
            ends = scheduler.Run(stop);
        }
        stop.ThrowIfCancellationRequested();
        _hasUnmarked = trainer.Runner.HasUnmarked;
        var open = Open(trainings, ends);
        var report = open > 0 ? null : Report(trainer.Measures, experiment.Jobs, stop);
        return new WorkOutcome(ends, open, report, [.. _faults.Distinct()]) { IsTimeOver = open > 0 && IsTimeOver };
    }

    /// <summary>Whether so little is left of the job's time that nothing would be kept of a training that begins now.</summary>
    private bool IsTimeOver => ClusterJob.Current.BeginsUntil(experiment.Values.Get(RunSettings.CheckpointEvery)) is { } until
        && TimeProvider.System.GetElapsedTime(_began) > until;

    /// <summary>
    /// A task of an array begins at its place; another process at one that follows from its machine and its number. Results don't depend on
    /// it.
    /// </summary>
    private static double BeginsAt() => ClusterJob.Current.Place
        ?? Convert.ToInt32(Digest.Of(Holder.OfProcess.ToString()).Value[..6], 16) / (double)(1 << 24);

    private static bool IsOfThisJob(StoredFailure failure) =>
        ClusterJob.Current.Array is { } array && failure.Holder.Job.Split('_')[0] == array;

    /// <summary>How many aren't done, as far as this worker and the marks know.</summary>
    private int Open(ImmutableArray<Training> trainings, ImmutableArray<TrainingEnd> ends)
    {
        var done = ends.Where(end => end.Faults.IsEmpty).Select(end => end.Training.Key.Value).ToHashSet(StringComparer.Ordinal);
        if (done.Count == trainings.Length) return 0;
        done.UnionWith(store.Marked());
        return trainings.Count(training => !done.Contains(training.Key.Value));
    }

    /// <summary>What failed before this worker began, and is tried again.</summary>
    private Dictionary<TrainingKey, StoredFailure> Failures(TrainingList list, ImmutableArray<Training> trainings) => (
        from training in trainings
        where list.Begun.Contains(training.Key.Value) && !list.Done.Contains(training.Key.Value)
        let failure = store.Training(training.Key).ReadFailure()
        where failure is not null
        select (training.Key, failure)).ToDictionary(failed => failed.Key, failed => failed.failure);

    private void Measure(LaterMeasures measures, ImmutableArray<Training> trainings, int jobs, CancellationToken stop)
    {
        foreach (var fault in measures.Complete(measures.Lacking(trainings), jobs, stop)) _faults.Enqueue(fault);
    }

    /// <summary>Writes the report, unless another does or did.</summary>
    private string? Report(LaterMeasures measures, int jobs, CancellationToken stop)
    {
        var (folder, faults) = (store.Experiment(experiment.Name), new List<Fault>());
        var report = Disk.Write<string?>(folder.Path, () =>
        {
            using var lease = LeaseOfReport(stop);
            if (lease is null || folder.HasReportOf(record.Trainings.Length)) return null;
            List<TrainingFolder> gone = [
                .. experiment.Plan.Trainings.Select(training => store.Training(training.Key)).Where(own => !own.IsDoneByNow)];
            foreach (var own in gone) own.Unmark();
            _hasUnmarked = gone.Count > 0;
            if (_hasUnmarked) return null;
            Measure(measures, experiment.Plan.Trainings, jobs, stop);
            var builder = new ReportBuilder(store);
            var reading = builder.Read(experiment.Name, record, ImmutableDictionary<TrainingKey, string>.Empty);
            faults.AddRange(reading.Damaged.Concat(reading.Unread));
            return builder.Write(reading.Input).ValueOr(faults);
        }).ValueOr(faults);
        foreach (var fault in faults) _faults.Enqueue(fault);
        return report;
    }

    /// <summary>The right to write the report; null where another has it and lives. One that died with it is waited for.</summary>
    private Lease? LeaseOfReport(CancellationToken stop)
    {
        var name = $"report {experiment.Name}";
        while (true)
        {
            if (store.Leases.TryTake(name) is { } lease) return lease;
            if (store.Leases.IsAlive(name)) return null;
            stop.WaitHandle.WaitOne(Glance);
            stop.ThrowIfCancellationRequested();
        }
    }
}
