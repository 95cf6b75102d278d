using System.Collections.Immutable;
using Bnn.Core;
using Bnn.Report;
using Host.Execution;
using Spectre.Console;
using Summary = Bnn.Report.Summary;
using Text = Bnn.Report.Text;

namespace Host.Live;

/// <summary>Words and tables for people: talk on stderr, results on stdout.</summary>
public static class Terminal
{
    private const int WideEnough = 160;

    public static void Announce(Plan plan, int jobs, ITrainingEngine engine)
    {
        var settings = plan.Settings;
        Console.Error.WriteLine($"{plan.Trainings.Length} trainings of {plan.Net}, {Text.Seeds(settings.Seeds.Length)}, {Math.Min(jobs, plan.Trainings.Length)} at a time; {engine.Description}");
    }

    public static void TellReused(ImmutableArray<TrainingEnd> ends)
    {
        var reused = ends.Where(end => end.State == TrainingState.Reused).ToList();
        if (reused.Count == 0) return;
        var kinds = reused.GroupBy(end => end.Training.Kind).OrderBy(kind => kind.Key, StringComparer.Ordinal).Select(kind => $"{kind.Count()} {kind.Key}");
        Console.Error.WriteLine($"reused from earlier commands: {string.Join(", ", kinds)}");
    }

    /// <summary>A live table where stderr is a terminal, plain lines elsewhere.</summary>
    public static IRunView RunView(IReadOnlyList<TrainingProgress> all, int jobs) =>
        Console.IsErrorRedirected || Environment.GetEnvironmentVariable("TERM") is "dumb"
            ? new PlainView(all, jobs, Console.Error)
            : new LiveView(all, jobs, ConsoleOn(Console.Error, Console.IsErrorRedirected));

    /// <summary>The experiment's table: narrow enough for 80 columns with one seed. Accuracies in per cent, differences in points.</summary>
    public static void ShowTable(Summary summary, string command)
    {
        var table = new Table { Border = Console.IsOutputRedirected ? TableBorder.Ascii2 : TableBorder.Simple };
        foreach (var (title, right) in Columns)
            table.AddColumn(new TableColumn(title) { Alignment = right ? Justify.Right : Justify.Left, Padding = new Padding(0, 0, 1, 0) });
        table.Columns[0].NoWrap = true;
        foreach (var group in summary.TableOrder) table.AddRow([.. Cells(group).Select(Markup.Escape)]);
        ConsoleOn(Console.Out, Console.IsOutputRedirected).Write(table);
        if (Findings.Of(summary) is [var first, ..]) Console.Out.WriteLine(first);
        if (summary.Seeds is [var only] && summary.Tickets.Any(ticket => ticket.N > 0))
            Console.Error.WriteLine($"One seed gives no interval. For one, type: {WithoutSeed(command, only)} --seeds {only}..{only.Value + 4}");
    }

    /// <summary>Rows under headings, on stdout.</summary>
    public static void ShowRows(IReadOnlyList<string> headings, IEnumerable<string[]> rows)
    {
        var table = new Table { Border = Console.IsOutputRedirected ? TableBorder.Ascii2 : TableBorder.Simple };
        foreach (var heading in headings) table.AddColumn(heading);
        foreach (var row in rows) table.AddRow([.. row.Select(Markup.Escape)]);
        ConsoleOn(Console.Out, Console.IsOutputRedirected).Write(table);
    }

    private static readonly ImmutableArray<(string Title, bool Right)> Columns = [
        ("strategy", false), ("density", true), ("kept", true), ("test %\nlast step", true), ("test %\nearly stop", true), ("to\ndense", true), ("to mag-\nnitude", true),
        ("early\nstop at", true), ("wins", false)];

    private static IEnumerable<string> Cells(GroupSummary group) => [
        group.Name, group.Cut is null ? "" : group.Cut.Label, group.KeptText, Spread(group.Last), Spread(group.EarlyStop),
        Difference(group.ToDense?.Last), Difference(group.ToMagnitude?.Last), group.EarlyStopStep is { } step ? Text.Count(step.Mean) : "",
        group.N == 0 ? $"missing: {string.Join("; ", group.Missing.Select(missing => missing.Reason))}" : group.IsTicket ? Answer(group.Verdict) : ""];

    private static string Answer(Verdict verdict) => verdict.Outcome switch { Outcome.Wins => "yes", Outcome.DoesNotWin => "no", _ => verdict.Word };

    private static string Spread(Spread? spread) => spread switch
    {
        null => "",
        { Sd: { } sd } => $"{Text.PercentNumber(spread.Mean)} ± {Text.Size(sd)}",
        _ => Text.PercentNumber(spread.Mean),
    };

    private static string Difference(PairedDifference? difference) => difference switch
    {
        null => "",
        { Interval: { } interval } => $"{Text.Points(difference.Mean)} [{Text.Points(interval.Low)}, {Text.Points(interval.High)}]",
        _ => Text.Points(difference.Mean),
    };

    private static string WithoutSeed(string command, Seed seed) => command.Replace($" --seed {seed}", "", StringComparison.Ordinal).Replace($" --seeds {seed}", "", StringComparison.Ordinal);

    private static IAnsiConsole ConsoleOn(TextWriter writer, bool redirected)
    {
        var plain = redirected || !string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR"));
        var console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Out = new AnsiConsoleOutput(writer),
            Ansi = redirected ? AnsiSupport.No : AnsiSupport.Detect,
            ColorSystem = plain ? ColorSystemSupport.NoColors : ColorSystemSupport.Detect,
            Interactive = redirected ? InteractionSupport.No : InteractionSupport.Detect,
        });
        if (redirected) console.Profile.Width = WideEnough;
        return console;
    }
}
