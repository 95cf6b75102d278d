using Bnn.Core;
using Host.Experiments;

namespace Host.Consoles;

/// <summary>Writes plain lines, for logs and pipes: when a training ends, and in between after 5 seconds and then every 20.</summary>
public sealed class PlainView : IProgressView
{
    private const int MostReusedLines = 200;

    private static readonly TimeSpan First = TimeSpan.FromSeconds(5), Every = TimeSpan.FromSeconds(20);
    private readonly IReadOnlyList<TrainingProgress> _all;
    private readonly IReadOnlyDictionary<TrainingKey, string> _arms;
    private readonly int _jobs;
    private readonly TextWriter _out;
    private readonly Timer _timer;
    private int _ended;

    /// <param name="arms">The arm of each training; empty names where there are no arms.</param>
    public PlainView(IReadOnlyList<TrainingProgress> all, IReadOnlyDictionary<TrainingKey, string> arms, int jobs, TextWriter output)
    {
        (_all, _arms, _jobs, _out) = (all, arms, jobs, output);
        _timer = new Timer(_ => Report(), null, First, Every);
    }

    /// <summary>One line each; of large experiments those that were reused are only counted, and named together at the end.</summary>
    public void Ended(TrainingEnd end, TrainingProgress progress)
    {
        var ended = Interlocked.Increment(ref _ended);
        if (end.State == TrainingState.Reused && _all.Count > MostReusedLines) return;
        Line($"[{ended}/{_all.Count}] {Readable.Describe(end, progress)}");
    }

    public void Dispose() => _timer.Dispose();

    private void Report()
    {
        foreach (var progress in _all.Where(progress => progress.State == TrainingState.Running))
        {
            if (double.IsNaN(progress.StepsPerSecond))
            {
                Line($"  {progress.Name}: not at its first step yet");
                continue;
            }
            Line($"  {progress.Name}: step {progress.Step} of {progress.Training.Steps}, loss {progress.Loss:0.0000}, "
                + $"{progress.StepsPerSecond:0} steps/s{Left(WorkLeft.Seconds(progress), "")}");
        }
        foreach (var line in Readable.Waiting(_all).Concat(Readable.ByArm(_all, _arms))) Line($"  {line}");
        Line($"  {100 * WorkLeft.Share(_all):0} % of all{Left(WorkLeft.Seconds(_all, _jobs), "about ")}");
    }

    private static string Left(double seconds, string about) =>
        Readable.Duration(seconds) is { Length: > 0 } left ? $", {about}{left} left" : "";

    private void Line(string text)
    {
        lock (_out) _out.WriteLine(text);
    }
}
