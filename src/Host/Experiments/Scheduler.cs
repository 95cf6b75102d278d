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

    /// <summary>The right to do it, until it is disposed of; null while another process has it.</summary>
    Result<IDisposable?> TryClaim(Training training);

    /// <summary>Does a training that was claimed.</summary>
    Result<TrainingState> Run(Training training, TrainingProgress progress, CancellationToken stop);
}

/// <summary>
/// Runs an experiment's trainings on <paramref name="jobs"/> threads. Each thread takes the first training that is ready
/// (<see cref="Schedule"/> has the order) and that no other thread or process has; it waits only when nothing else is ready. When a
/// training fails, only it and those that need it are missing; the others go on.
/// </summary>
public sealed class Scheduler(ImmutableArray<Training> trainings, int jobs, ITrainer trainer)
{
    private static readonly TimeSpan Glance = TimeSpan.FromMilliseconds(50), LookAgain = TimeSpan.FromMilliseconds(200);
    private readonly Lock _lock = new();
    private readonly Schedule _schedule = new(trainings, RelativeCost.Of);

    /// <summary>Trainings that a thread of this process has taken, or that failed.</summary>
    private readonly HashSet<TrainingKey> _taken = [];

    /// <summary>Trainings that other processes hold, and when to ask again.</summary>
    private readonly Dictionary<TrainingKey, long> _elsewhere = [];
    private readonly Dictionary<TrainingKey, TrainingProgress> _progress = trainings.ToDictionary(
        training => training.Key, training => new TrainingProgress(training));

    private readonly List<TrainingEnd> _ends = [];
    private readonly List<Exception> _bugs = [];
    private int _working;

    /// <summary>One for each training, in order.</summary>
    public ImmutableArray<TrainingProgress> Progress => [.. trainings.Select(training => _progress[training.Key])];

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
                var end = trainer.TryClaim(training).Bind(claim => Run(training, progress, claim, stop)).Match(
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

    private Result<TrainingState> Run(Training training, TrainingProgress progress, IDisposable? claim, CancellationToken stop)
    {
        if (claim is null) return TrainingState.Elsewhere;
        using (claim) return trainer.Run(training, progress, stop);
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
                if (stop.IsCancellationRequested || _bugs.Count > 0) return null;
                var now = Environment.TickCount64;
                var open = false;
                foreach (var training in _schedule.ReadyFor(jobs))
                {
                    if (_taken.Contains(training.Key)) continue;
                    open = true;
                    if (_elsewhere.TryGetValue(training.Key, out var again) && now < again) continue;
                    _taken.Add(training.Key);
                    _working++;
                    return training;
                }
                if (!open && _working == 0) return null;
            }
            stop.WaitHandle.WaitOne(Glance);
        }
    }

    /// <summary>Puts back a training that another process has: others are tried first, and this one again in a while.</summary>
    private void PutBack(Training training)
    {
        _progress[training.Key].State = TrainingState.Elsewhere;
        lock (_lock)
        {
            _taken.Remove(training.Key);
            _elsewhere[training.Key] = Environment.TickCount64 + (long)LookAgain.TotalMilliseconds;
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
