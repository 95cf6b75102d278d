using System.Diagnostics;
using Bnn.Core;
using Bnn.Store;
using Host.Experiments;

namespace Bnn.Bench.Workers;

/// <summary>
/// A worker on a machine of its own: everything is what <c>host work</c> does, but a training is only a wait. What it does to claim and to
/// commit one follows <see cref="TrainingRunner.TryRun"/>, and has to go on doing so.
/// </summary>
internal sealed class SimulatedWorker : ITrainer
{
    private readonly Stopwatch _clock = new();
    private readonly PlanGraph _graph;
    private readonly SlowDisk _disk;
    private readonly ResultsStore _store;
    private readonly TimeSpan _training;
    private readonly double _beginsAt;
    private TimeSpan _useful;

    /// <param name="number">From 1.</param>
    /// <param name="beginsAt">Where in the plan it begins, as a share of it.</param>
    public SimulatedWorker(string root, PlanGraph graph, int number, double beginsAt, TimeSpan training, TimeSpan operation)
    {
        (_graph, _training, _beginsAt) = (graph, training, beginsAt);
        _disk = new SlowDisk(operation);
        var holder = new Holder($"node{number}", "a boot", 1, "1", "");
        _store = ResultsStore.Open(root, _disk, own: holder)
            .Match(store => store, faults => throw new IOException(faults[0].Describe()));
    }

    public int Trained { get; private set; }

    public int Missed { get; private set; }

    public long Operations => _disk.Operations;

    /// <summary>Until it began its first training.</summary>
    public TimeSpan Start { get; private set; }

    /// <summary>How often it listed what is done.</summary>
    public int Listings { get; private set; }

    /// <summary>
    /// Time until its last training ended, and how much of that it neither trained nor took or committed what it trained.
    /// </summary>
    public (TimeSpan All, TimeSpan Idle) Time { get; private set; }

    public void Run()
    {
        _clock.Start();
        _store.List().Match(list => list, faults => throw new IOException(faults[0].Describe()));
        new Scheduler(_graph, 1, this) { BeginsAt = _beginsAt, LeavesTheRest = true, Listed = Marked }.Run(CancellationToken.None);
    }

    public Result<bool> IsDone(Training training) => _store.Training(training.Key).IsDone;

    public bool IsUnderWay(Training training) => _store.Leases.IsAlive(training.Key.Value);

    public Result<TrainingState> TryRun(Training training, TrainingProgress progress, CancellationToken stop)
    {
        var began = _clock.Elapsed;
        var state = TryRun(_store.Training(training.Key));
        if (state != TrainingState.Trained)
        {
            Missed++;
            return state;
        }
        if (Trained++ == 0) Start = began;
        _useful += _clock.Elapsed - began;
        Time = (_clock.Elapsed, _clock.Elapsed - _useful);
        return state;
    }

    private IReadOnlySet<string> Marked()
    {
        Listings++;
        return _store.Marked();
    }

    private TrainingState TryRun(TrainingFolder folder)
    {
        var isNew = folder.Create();
        if (!isNew && folder.IsDone)
        {
            folder.MarkDone();
            return TrainingState.Reused;
        }
        using var lease = folder.TryLease();
        if (lease is null) return TrainingState.Elsewhere;
        if (!isNew)
        {
            if (folder.IsDoneByNow) return TrainingState.Reused;
            _disk.Exists(folder.In(TrainingFolder.FailureName));
            folder.Unmark();
        }
        if (folder.IsDone) return TrainingState.Reused;
        Thread.Sleep(_training);
        if (!lease.IsHeld()) return TrainingState.Elsewhere;
        AtomicFile.Write(_disk, folder.Result, "{}");
        folder.MarkDone();
        return TrainingState.Trained;
    }
}
