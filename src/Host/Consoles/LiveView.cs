using Host.Experiments;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Host.Consoles;

/// <summary>Shows a table that is redrawn a few times a second: what runs, what ended last, and a bar over everything.</summary>
public sealed class LiveView : IProgressView
{
    private const int RecentRows = 6;
    private const int BarWidth = 40;
    private static readonly Style Dim = new(decoration: Decoration.Dim);
    private static readonly TimeSpan Period = TimeSpan.FromMilliseconds(200);
    private readonly IReadOnlyList<TrainingProgress> _all;
    private readonly int _jobs;
    private readonly Queue<string> _recent = new();
    private readonly ManualResetEventSlim _over = new();
    private readonly Thread _painter;

    public LiveView(IReadOnlyList<TrainingProgress> all, int jobs, IAnsiConsole console)
    {
        (_all, _jobs) = (all, jobs);
        _painter = new Thread(() => console.Live(Paint()).AutoClear(true).Start(context =>
        {
            while (!_over.Wait(Period)) context.UpdateTarget(Paint());
        }))
        { IsBackground = true, Name = "live view" };
        _painter.Start();
    }

    public void Ended(TrainingEnd end, TrainingProgress progress)
    {
        lock (_recent)
        {
            _recent.Enqueue(Readable.Describe(end, progress));
            if (_recent.Count > RecentRows) _recent.Dequeue();
        }
    }

    public void Dispose()
    {
        _over.Set();
        _painter.Join();
        _over.Dispose();
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
        foreach (var progress in _all.Where(progress => progress.State is TrainingState.Running or TrainingState.Elsewhere))
            running.AddRow(Cells(progress).Select(IRenderable (cell) => new Text(cell)));
        lock (_recent)
        {
            var recent = _recent.Select(line => new Text(line, Dim) { Overflow = Overflow.Ellipsis });
            return new Rows([.. recent, running, Bar()]);
        }
    }

    private static string[] Cells(TrainingProgress progress) => [
        progress.Name,
        $"{progress.Step}/{progress.Training.Steps}",
        double.IsNaN(progress.Loss) ? "" : $"{progress.Loss:0.0000}",
        Readable.Percent(progress.ValidationAccuracy),
        double.IsNaN(progress.StepsPerSecond) ? "" : $"{progress.StepsPerSecond:0}",
        progress.State == TrainingState.Elsewhere ? "another process trains it" : Readable.Duration(WorkLeft.Seconds(progress))];

    private Paragraph Bar()
    {
        var share = WorkLeft.Share(_all);
        var full = (int)(share * BarWidth);
        var ended = _all.Count(progress => progress.State is TrainingState.Trained or TrainingState.Reused or TrainingState.Failed);
        var left = Readable.Duration(WorkLeft.Seconds(_all, _jobs));
        return new Paragraph()
            .Append(new string('━', full), new Style(Color.Green))
            .Append(new string('━', BarWidth - full), Dim)
            .Append($" {100 * share:0} %  {ended} of {_all.Count} trainings{(left.Length > 0 ? $", about {left} left" : "")}");
    }
}
