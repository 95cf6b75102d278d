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
/// training fails, only it and those that need it are missing; the others go on.
/// </summary>
public sealed class Scheduler(ImmutableArray<Training> trainings, int jobs, ITrainer trainer)
{
    private static readonly TimeSpan Glance = TimeSpan.FromMilliseconds(50);

    /// <summary>
    /// Time until a training is asked for again that another process has: longer each time, since each look is work for a shared disk.
    /// </summary>
    private static readonly TimeSpan FirstLook = TimeSpan.FromMilliseconds(200), LastLook = TimeSpan.FromSeconds(2);
    private readonly Lock _lock = new();
    private readonly Schedule _schedule = new(trainings, RelativeCost.Of);

    /// <summary>Trainings that a thread of this process has taken, or that failed.</summary>
    private readonly HashSet<TrainingKey> _taken = [];

    /// <summary>Trainings that other processes hold, and when to ask again, in milliseconds.</summary>
    private readonly Dictionary<TrainingKey, (long At, double Pause)> _elsewhere = [];
    private readonly Dictionary<TrainingKey, TrainingProgress> _progress = trainings.ToDictionary(
        training => training.Key, training => new TrainingProgress(training));

    private readonly List<TrainingEnd> _ends = [];
    private readonly List<Exception> _bugs = [];
    private int _working;

    /// <summary>One for each training, in order.</summary>
    public ImmutableArray<TrainingProgress> Progress => [.. trainings.Select(training => _progress[training.Key])];

    /// <summary>
    /// Where among the trainings that are ready this process begins, as a share of them: processes that begin at different places seldom
    /// ask for the same one.
    /// </summary>
    public double BeginsAt { get; init; }

    /// <summary>
    /// Whether to end while others still train, as soon as what they do will make no more trainings ready than they can do themselves.
    /// Otherwise it ends when all are done.
    /// </summary>
    public bool LeavesTheRest { get; init; }

    /// <summary>Whether another training may begin. Once it may not, this process ends with those that it has.</summary>
    public Func<bool> Begins { get; init; } = () => true;

    /// <summary>Called as each training ends, on its thread.</summary>
    public Action<TrainingEnd, TrainingProgress>? OnEnded { get; set; }

    /// <summary>Returns when nothing more can run: all done, the rest blocked by failures, or stopped.</summary>
    public ImmutableArray<TrainingEnd> Run(CancellationToken stop)
    {
        foreach (var training in trainings) FindDone(training, stop);
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

    private void Work(CancellationToken stop)
    {
        try
        {
            while (Take(stop) is { } training)
            {
                var progress = _progress[training.Key];
                var end = trainer.TryRun(training, progress, stop).Match(
                    state => new TrainingEnd(training, state, []) { Notes = progress.Notes },
                    faults => new TrainingEnd(training, TrainingState.Failed, faults) { Notes = progress.Notes });
                if (end.State == TrainingState.Elsewhere) PutBack(training);
                else End(end);
                lock (_lock) _working--;
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
                if (stop.IsCancellationRequested || _bugs.Count > 0 || !Begins()) return null;
                var now = Environment.TickCount64;
                var open = false;
                foreach (var training in InTurn())
                {
                    if (_taken.Contains(training.Key)) continue;
                    open = true;
                    if (_elsewhere.TryGetValue(training.Key, out var again) && now < again.At) continue;
                    _taken.Add(training.Key);
                    _working++;
                    return training;
                }
                if (_working == 0 && (!open || (LeavesTheRest && OthersSuffice()))) return null;
            }
            stop.WaitHandle.WaitOne(Glance);
        }
    }

    /// <summary>Trainings that can run now, in the order in which this process asks for them.</summary>
    private IEnumerable<Training> InTurn()
    {
        if (BeginsAt == 0) return _schedule.ReadyFor(jobs);
        List<Training> ready = [.. _schedule.ReadyFor(jobs)];
        var first = (int)(BeginsAt * ready.Count);
        return ready[first..].Concat(ready[..first]);
    }

    /// <summary>Whether others have all that could be done, live, and each makes at most one more ready, which it can do itself.</summary>
    private bool OthersSuffice() => _schedule.Ready.Where(training => !_taken.Contains(training.Key)).All(training =>
        _progress[training.Key].State == TrainingState.Elsewhere && trainer.IsUnderWay(training) && _schedule.Followers(training) <= 1);

    /// <summary>Puts back a training that another process has: others are tried first, and this one again in a while.</summary>
    private void PutBack(Training training)
    {
        _progress[training.Key].State = TrainingState.Elsewhere;
        lock (_lock)
        {
            _taken.Remove(training.Key);
            var pause = _elsewhere.TryGetValue(training.Key, out var before)
                ? Math.Min(1.5 * before.Pause, LastLook.TotalMilliseconds)
                : FirstLook.TotalMilliseconds;
            _elsewhere[training.Key] = (Environment.TickCount64 + (long)pause, pause);
        }
    }

    private void End(TrainingEnd end)
    {
        var progress = _progress[end.Training.Key];
        progress.State = end.State;
        lock (_lock)
        {
            _ends.Add(end);
            if (end.Faults.IsEmpty) _schedule.Finish(end.Training);
        }
        OnEnded?.Invoke(end, progress);
    }
}
