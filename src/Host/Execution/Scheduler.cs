using System.Collections.Immutable;
using Bnn.Core;

namespace Host.Execution;

/// <summary>How a training ended, if it did: its faults, empty when it is there.</summary>
public sealed record TrainingEnd(TrainingSpec Training, TrainingState State, ImmutableArray<Fault> Faults);

/// <summary>
/// Works a plan off with so many threads. Each takes the first training that <see cref="Experiment.Ready"/> offers, so that starting, resuming and
/// parallel jobs are one path. A training that fails costs itself and what needs it; the others go on.
/// </summary>
public sealed class Scheduler(Plan plan, int jobs, Func<TrainingSpec, TrainingProgress, CancellationToken, Result<TrainingState>> run)
{
    private readonly Lock _lock = new();
    private readonly HashSet<RunKey> _done = [], _taken = [];
    private readonly List<TrainingEnd> _ends = [];
    private readonly List<Exception> _bugs = [];
    private int _working;

    /// <summary>One for each training, in the plan's order.</summary>
    public ImmutableArray<TrainingProgress> Progress { get; } = [.. plan.Trainings.Select(training => new TrainingProgress(training))];

    /// <summary>Called as each training ends, on its thread.</summary>
    public Action<TrainingEnd>? OnEnded { get; set; }

    /// <summary>Returns when nothing more can run: all done, the rest blocked by failures, or stopped.</summary>
    public ImmutableArray<TrainingEnd> Run(CancellationToken stop)
    {
        var threads = Enumerable.Range(1, jobs).Select(number => new Thread(() => Work(stop)) { Name = $"training {number}", IsBackground = true }).ToList();
        foreach (var thread in threads) thread.Start();
        foreach (var thread in threads) thread.Join();
        if (_bugs.Count > 0) throw new AggregateException(_bugs);
        return [.. _ends];
    }

    private void Work(CancellationToken stop)
    {
        try
        {
            while (Take(stop) is { } progress)
            {
                var result = run(progress.Training, progress, stop);
                var end = result.Match(
                    state => new TrainingEnd(progress.Training, state, []),
                    faults => new TrainingEnd(progress.Training, TrainingState.Failed, faults));
                progress.State = end.State;
                End(end);
                OnEnded?.Invoke(end);
            }
        }
        catch (OperationCanceledException)
        {
            End(null);
        }
        catch (Exception e)         // a bug: the others stop too, and the caller tells
        {
            lock (_lock) _bugs.Add(e);
            End(null);
        }
    }

    /// <summary>The next training, waiting while others may still make one ready; null when there is nothing more.</summary>
    private TrainingProgress? Take(CancellationToken stop)
    {
        while (true)
        {
            lock (_lock)
            {
                if (stop.IsCancellationRequested || _bugs.Count > 0) return null;
                if (Experiment.Ready(plan, _done).FirstOrDefault(training => !_taken.Contains(training.Key)) is { } next)
                {
                    _taken.Add(next.Key);
                    _working++;
                    return Progress.First(progress => progress.Training == next);
                }
                if (_working == 0) return null;
            }
            stop.WaitHandle.WaitOne(TimeSpan.FromMilliseconds(50));
        }
    }

    private void End(TrainingEnd? end)
    {
        lock (_lock)
        {
            _working--;
            if (end is null) return;
            _ends.Add(end);
            if (end.Faults.IsEmpty) _done.Add(end.Training.Key);
        }
    }
}
