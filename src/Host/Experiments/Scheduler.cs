using System.Collections.Concurrent;
using System.Collections.Immutable;
using Bnn.Core;

namespace Host.Experiments;

/// <summary>The outcome of one training; no faults if it succeeded.</summary>
public sealed record TrainingEnd(Training Training, TrainingState State, ImmutableArray<Fault> Faults)
{
    /// <summary>What went wrong on the way and didn't stop it.</summary>
    public ImmutableArray<Fault> Notes { get; init; } = [];
}

/// <summary>Does trainings, and knows which are done. Several processes may have trainers on one results folder.</summary>
public interface ITrainer
{
    /// <summary>Whether the training is done; a fault if something else is in its place.</summary>
    Result<bool> IsDone(Training training);

    /// <summary>
    /// Does a training, once it has the right to; <see cref="TrainingState.Elsewhere"/> while another process has that, or if another took
    /// it over.
    /// </summary>
    Result<TrainingState> TryRun(Training training, TrainingProgress progress, CancellationToken stop);

    /// <summary>Whether another process that has a training was seen to live.</summary>
    bool IsUnderWay(Training training);
}

/// <summary>
/// Runs an experiment's trainings on <paramref name="jobs"/> threads. Each thread takes the first training that is ready
/// (<see cref="Schedule"/> has the order) and that no other thread or process has; it waits only when nothing else is ready. When a
/// training fails, only it and those that need it are missing; the others go on, unless the disk takes nothing more.
/// </summary>
/// <param name="graph">The plan, which the schedulers of a simulation share.</param>
public sealed class Scheduler(PlanGraph graph, int jobs, ITrainer trainer)
{
    private static readonly TimeSpan Glance = TimeSpan.FromMilliseconds(50);
    private readonly Lock _lock = new();
    private readonly Schedule _schedule = new(graph);

    /// <summary>Trainings that a thread of this process has taken, or that failed.</summary>
    private readonly HashSet<TrainingKey> _taken = [];

    private readonly OthersWork _others = new();
    private readonly ConcurrentDictionary<TrainingKey, TrainingProgress> _progress = new();

    private readonly List<TrainingEnd> _ends = [];
    private readonly List<Exception> _bugs = [];

    /// <summary>Trainings whose end is known.</summary>
    private readonly HashSet<TrainingKey> _found = [];
    private int _working;
    private bool _takesNothing;

    public Scheduler(ImmutableArray<Training> trainings, int jobs, ITrainer trainer)
        : this(new PlanGraph(trainings, RelativeCost.Of), jobs, trainer)
    {
    }

    /// <summary>One for each training, in order.</summary>
    public ImmutableArray<TrainingProgress> Progress => [.. graph.Trainings.Select(ProgressOf)];

    /// <summary>
    /// Where in the plan this process begins, as a share of it: processes that begin at different places seldom ask for the same training.
    /// </summary>
    public double BeginsAt { get; init; }

    /// <summary>
    /// Whether to end while others still train, as soon as what they do will make no more trainings ready than they can do themselves.
    /// Otherwise it ends when all are done.
    /// </summary>
    public bool LeavesTheRest { get; init; }

    /// <summary>
    /// Keys of what is done as far as a listing tells, asked at the start and again when much that is taken turns out to be another's; null
    /// to look at each training before anything begins. What isn't in it is looked at when it is taken.
    /// </summary>
    public Func<IReadOnlySet<string>>? Listed { get; init; }

    /// <summary>Whether another training may begin. Once it may not, this process ends with those that it has.</summary>
    public Func<bool> Begins { get; init; } = () => true;

    /// <summary>Called as each training ends, on its thread.</summary>
    public Action<TrainingEnd, TrainingProgress>? OnEnded { get; set; }

    /// <summary>Returns when nothing more can run: all done, the rest blocked by failures, or stopped.</summary>
    public ImmutableArray<TrainingEnd> Run(CancellationToken stop)
    {
        if (Listed is null)
        {
            foreach (var training in graph.Trainings) FindDone(training, stop);
        }
        else
        {
            FindListed();
        }
        var threads = Enumerable.Range(1, jobs)
            .Select(number => new Thread(() => Work(stop)) { Name = $"training {number}", IsBackground = true })
            .ToList();
        foreach (var thread in threads) thread.Start();
        foreach (var thread in threads) thread.Join();
        if (_bugs.Count > 0) throw new AggregateException(_bugs);
        return [.. _ends];
    }

    /// <summary>Marks a training as done if an earlier command trained it; runs before any thread starts.</summary>
    private void FindDone(Training training, CancellationToken stop)
    {
        if (stop.IsCancellationRequested) return;
        trainer.IsDone(training).Match(
            done =>
            {
                if (done) End(new TrainingEnd(training, TrainingState.Reused, []));
                return done;
            },
            faults =>
            {
                _taken.Add(training.Key);
                End(new TrainingEnd(training, TrainingState.Failed, faults));
                return false;
            });
    }

    /// <summary>Ends what listings say is done; not what a thread of this process is at, which ends it itself.</summary>
    private void FindListed()
    {
        var done = Listed!();
        List<TrainingEnd> found = [];
        lock (_lock)
        {
            _others.Listed();
            // What has to keep more than its end isn't known by its name to have done so: it is looked at when it is taken.
            found.AddRange(
                from training in _schedule.Open
                where !training.KeepsMoments && done.Contains(training.Key.Value) && !_taken.Contains(training.Key)
                where _found.Add(training.Key)
                select new TrainingEnd(training, TrainingState.Reused, []));
            _ends.AddRange(found);
            foreach (var end in found) Close(end.Training);
        }
        if (OnEnded is null) return;                // nobody looks, and it may be a hundred thousand
        foreach (var end in found) Tell(end);
    }

    private void Work(CancellationToken stop)
    {
        try
        {
            while (Take(stop) is { } training)
            {
                var progress = ProgressOf(training);
                var end = trainer.TryRun(training, progress, stop).Match(
                    state => new TrainingEnd(training, state, []) { Notes = progress.Notes },
                    faults => new TrainingEnd(training, TrainingState.Failed, faults) { Notes = progress.Notes });
                if (end.State == TrainingState.Elsewhere) PutBack(training);
                else if (IsNew(end.Training)) End(end);
                if (IsToBeListed(end.State)) FindListed();
            }
        }
        catch (OperationCanceledException)
        {
            lock (_lock) _working--;
        }
        catch (Exception e)         // a bug: the others stop too, and the caller says so
        {
            lock (_lock)
            {
                _bugs.Add(e);
                _working--;
            }
        }
    }

    /// <summary>
    /// Takes the next training, waiting while threads or other processes may still make one ready; null when there is nothing more.
    /// </summary>
    private Training? Take(CancellationToken stop)
    {
        while (true)
        {
            lock (_lock)
            {
                if (stop.IsCancellationRequested || _bugs.Count > 0 || _takesNothing || !Begins()) return null;
                var open = false;
                foreach (var training in _schedule.ReadyFor(jobs, (BeginsAt + _others.From) % 1))
                {
                    if (_taken.Contains(training.Key)) continue;
                    open = true;
                    if (!_others.MayBeFree(training)) continue;
                    _taken.Add(training.Key);
                    _working++;
                    return training;
                }
                if (_working == 0 && (!open || (LeavesTheRest && OthersSuffice()))) return null;
            }
            stop.WaitHandle.WaitOne(Glance);
        }
    }

    /// <summary>A training has ended, or was another's. Whether it is to be listed now what others have done.</summary>
    private bool IsToBeListed(TrainingState state)
    {
        lock (_lock)
        {
            _working--;
            if (state is TrainingState.Elsewhere or TrainingState.Reused) return Listed is not null && _others.Miss();
            _others.Hit();
            return false;
        }
    }

    /// <summary>Whether this is the first to tell a training's end: a listing may have told it in between.</summary>
    private bool IsNew(Training training)
    {
        lock (_lock) return _found.Add(training.Key);
    }

    /// <summary>Whether others have all that could be done, live, and what follows from each is a chain, which it can do itself.</summary>
    private bool OthersSuffice() => _schedule.Ready.Where(training => !_taken.Contains(training.Key)).All(training =>
        ProgressOf(training).State == TrainingState.Elsewhere && trainer.IsUnderWay(training) && !_schedule.Branches(training));

    private TrainingProgress ProgressOf(Training training) => _progress.GetOrAdd(training.Key, _ => new TrainingProgress(training));

    /// <summary>Puts back a training that another process has: others are tried first, and this one again in a while.</summary>
    private void PutBack(Training training)
    {
        ProgressOf(training).State = TrainingState.Elsewhere;
        lock (_lock)
        {
            _taken.Remove(training.Key);
            _others.Has(training);
        }
    }

    private void End(TrainingEnd end)
    {
        lock (_lock)
        {
            _ends.Add(end);
            if (end.Faults.IsEmpty) Close(end.Training);
            _takesNothing |= end.Faults.Any(fault => fault is Fault.Disk { TakesNothing: true });
        }
        Tell(end);
    }

    private void Close(Training training)
    {
        _schedule.Finish(training);
        _others.Forget(training);
    }

    private void Tell(TrainingEnd end)
    {
        var progress = ProgressOf(end.Training);
        progress.State = end.State;
        OnEnded?.Invoke(end, progress);
    }
}
