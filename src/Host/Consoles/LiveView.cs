using Bnn.Core;
using Host.Commands;
using Host.Experiments;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Host.Consoles;

/// <summary>Shows a table that is redrawn a few times a second: what runs, what ended last, and a bar over everything.</summary>
public sealed class LiveView : IProgressView
{
    private const int RecentRows = 6;
    private const int ShortestBar = 5, LongestBar = 40;

    /// <summary>Room at the end of the last line for the ^C that a terminal shows.</summary>
    private const int EchoOfKeys = 4;

    private static readonly Style Dim = new(decoration: Decoration.Dim);
    private static readonly TimeSpan Period = TimeSpan.FromMilliseconds(200), LastPaint = TimeSpan.FromSeconds(1);
    private static LiveView? _shown;
    private readonly IReadOnlyList<TrainingProgress> _all;
    private readonly IReadOnlyDictionary<TrainingKey, string> _arms;
    private readonly int _jobs;
    private readonly Queue<string> _recent = new();
    private readonly ManualResetEventSlim _over = new();
    private readonly Thread _painter;
    private readonly IAnsiConsole _console;

    /// <param name="arms">The arm of each training; empty names where there are no arms.</param>
    public LiveView(IReadOnlyList<TrainingProgress> all, IReadOnlyDictionary<TrainingKey, string> arms, int jobs, IAnsiConsole console)
    {
        (_all, _arms, _jobs, _console) = (all, arms, jobs, console);
        _painter = new Thread(Show) { IsBackground = true, Name = "live view" };
        _shown = this;
        _painter.Start();
    }

    /// <summary>Whether one is on the terminal now.</summary>
    public static bool IsShown => Volatile.Read(ref _shown) is not null;

    /// <summary>Takes the one that is shown off the terminal, cursor and all.</summary>
    public static void Clear() => Volatile.Read(ref _shown)?.Dispose();

    public void Ended(TrainingEnd end, TrainingProgress progress)
    {
        lock (_recent)
        {
            _recent.Enqueue(Readable.Describe(end, progress));
            if (_recent.Count > RecentRows) _recent.Dequeue();
        }
    }

    /// <summary>Doesn't wait for a terminal that takes nothing, such as one that was told to pause.</summary>
    public void Dispose()
    {
        _over.Set();
        _painter.Join(LastPaint);
        _shown = null;
    }

    private void Show()
    {
        try
        {
            _console.Live(Paint()).AutoClear(true).Start(context =>
            {
                while (!_over.Wait(Period)) context.UpdateTarget(Paint());
            });
        }
        catch (Exception e)         // whatever a terminal does, the trainings go on
        {
            Unshown.Add(StandardStreams.Lost("the live view", $"{e.GetType().Name}: {Bnn.Store.Disk.Reason(e)}"));
        }
    }

    private Rows Paint()
    {
        var running = new Table { Border = TableBorder.None, ShowHeaders = true };
        foreach (var header in (string[])["training", "step", "loss", "validation", "steps/s", "left"])
        {
            running.AddColumn(new TableColumn(new Text(header, Dim))
            {
                Alignment = header == "training" ? Justify.Left : Justify.Right,
                NoWrap = true,
            });
        }
        foreach (var progress in _all.Where(progress => progress.State == TrainingState.Running))
            running.AddRow(Cells(progress).Select(IRenderable (cell) => new Text(cell)));
        var waits = Readable.Waiting(_all).Concat(Readable.ByArm(_all, _arms))
            .Select(line => new Text(line) { Overflow = Overflow.Ellipsis });
        lock (_recent)
        {
            var recent = _recent.Select(line => new Text(line, Dim) { Overflow = Overflow.Ellipsis });
            return new Rows([.. recent, running, .. waits, Bar()]);
        }
    }

    private static string[] Cells(TrainingProgress progress) => [
        progress.Name,
        $"{progress.Step}/{progress.Training.Steps}",
        double.IsNaN(progress.Loss) ? "" : $"{progress.Loss:0.0000}",
        Readable.Percent(progress.ValidationAccuracy),
        double.IsNaN(progress.StepsPerSecond) ? "" : $"{progress.StepsPerSecond:0}",
        Readable.Duration(WorkLeft.Seconds(progress))];

    private Paragraph Bar()
    {
        var share = WorkLeft.Share(_all);
        var ended = _all.Count(progress => progress.State is TrainingState.Trained or TrainingState.Reused or TrainingState.Failed);
        var left = Readable.Duration(WorkLeft.Seconds(_all, _jobs));
        var state = Stop.Signalled is not null ? $"; {Stop.Stopping}" : left.Length > 0 ? $", about {left} left" : "";
        var text = $" {100 * share:0} %  {ended} of {_all.Count} trainings{state}";
        var length = Math.Clamp(_console.Profile.Width - text.Length - EchoOfKeys, ShortestBar, LongestBar);
        var full = (int)(share * length);
        return new Paragraph()
            .Append(new string('━', full), new Style(Color.Green))
            .Append(new string('━', length - full), Dim)
            .Append(text);
    }
}
