using System.Collections.Immutable;
using Bnn.Core;
using Bnn.Report;
using Host.Commands;
using Host.Experiments;
using Spectre.Console;
using Summary = Bnn.Report.Summary;
using Text = Bnn.Report.Text;

namespace Host.Consoles;

/// <summary>Writes tables and messages for people: results to stdout, everything else to stderr.</summary>
public static class Terminal
{
    /// <summary>
    /// Width of piped text in characters. A table of results is as wide as its cells need, since programs read its rows.
    /// </summary>
    private const int PipedWidth = 160, UnbrokenWidth = 10_000;

    /// <summary>
    /// Shows an experiment's outcome: failures on stderr, the table and the report's path on stdout. Returns the exit code.
    /// </summary>
    public static int ShowOutcome(ExperimentOutcome outcome)
    {
        ShowReused(outcome.Ends);
        foreach (var end in outcome.Failed)
        {
            foreach (var fault in end.Faults)
                Console.Error.WriteLine($"host: {(fault is Fault.Diverged ? "" : $"{end.Training.Name}: ")}{fault.Describe()}");
            Console.Error.WriteLine($"      log: {outcome.Store.Training(end.Training.Key).Log}");
        }
        if (!outcome.Failed.IsEmpty) Console.Error.WriteLine($"      to try again: {outcome.Experiment.Command}");
        foreach (var note in outcome.Ends.SelectMany(end => end.Notes)) Console.Error.WriteLine($"host: {note.Describe()}");
        ShowReport(outcome.Reading, outcome.Report);
        return outcome.ExitCode;
    }

    /// <summary>Shows the table, the report's path, and what in the store is damaged.</summary>
    public static void ShowReport(ReportReading reading, string report)
    {
        ShowTable(Summary.From(reading.Input), reading.Input.Experiment);
        Console.Out.WriteLine($"report: {report}");
        if (reading.Unverified > 0)
        {
            var trainings = reading.Unverified == 1 ? "1 training was" : $"{Text.Count(reading.Unverified)} trainings were";
            Console.Error.WriteLine(
                $"not verified: {trainings} written by an earlier version, without hashes; nothing shows whether they are damaged");
        }
        foreach (var fault in reading.Damaged) Console.Error.WriteLine($"host: {fault.Describe()}");
    }

    private static void ShowReused(ImmutableArray<TrainingEnd> ends)
    {
        var kinds = ends.Where(end => end.State == TrainingState.Reused).GroupBy(end => end.Training.Kind.Name())
            .OrderBy(kind => kind.Key, StringComparer.Ordinal).Select(kind => $"{kind.Count()} {kind.Key}").ToList();
        if (kinds.Count > 0) Console.Error.WriteLine($"reused from earlier commands: {string.Join(", ", kinds)}");
    }

    /// <summary>
    /// Shows the experiment's table, which fits 80 columns with one seed. Accuracies are in per cent, differences in points.
    /// </summary>
    private static void ShowTable(Summary summary, ExperimentRecord experiment)
    {
        var table = new Table { Border = Console.IsOutputRedirected ? TableBorder.Ascii2 : TableBorder.Simple };
        foreach (var (title, right) in Columns(summary))
        {
            table.AddColumn(new TableColumn(Markup.Escape(title))
            {
                Alignment = right ? Justify.Right : Justify.Left,
                Padding = new Padding(0, 0, 1, 0),
            });
        }
        table.Columns[0].NoWrap = true;
        foreach (var group in summary.TableOrder) table.AddRow([.. Cells(summary, group).Select(Markup.Escape)]);
        ConsoleOn(Console.Out, Console.IsOutputRedirected, UnbrokenWidth).Write(table);
        if (Findings.Of(summary) is [var first, ..]) Console.Out.WriteLine(first);
        if (summary.Seeds is [var only] && summary.Tickets.Any(ticket => ticket.N > 0))
        {
            var seeds = $"{only}..{Text.FourFurther(only)}";
            var how = experiment.Given.IsDefaultOrEmpty
                ? $"repeat it with the seeds {seeds}"
                : $"type: {CommandText.WithSeeds(experiment.Given, seeds)}";
            Console.Error.WriteLine($"One seed gives no interval. For one, {how}");
        }
    }

    /// <summary>Shows rows under headings, on stdout.</summary>
    public static void ShowRows(IReadOnlyList<string> headings, IEnumerable<string[]> rows)
    {
        var table = new Table { Border = Console.IsOutputRedirected ? TableBorder.Ascii2 : TableBorder.Simple };
        foreach (var heading in headings) table.AddColumn(heading);
        foreach (var row in rows) table.AddRow([.. row.Select(Markup.Escape)]);
        ConsoleOn(Console.Out, Console.IsOutputRedirected).Write(table);
    }

    private static IEnumerable<(string Title, bool Right)> Columns(Summary summary) => [
        ("strategy", false), ("density", true), ("kept", true),
        ("test %\nlast step", true), ("test %\nearly stop", true), ("to\ndense", true),
        .. summary.Baselines.Select(baseline => ($"to {Hyphenated(baseline)}", true)),
        ("early\nstop at", true), ("wins", false)];

    /// <summary>A long name on two lines.</summary>
    private static string Hyphenated(string name) => name.Length > 6 ? $"{name[..3]}-\n{name[3..]}" : $"\n{name}";

    private static IEnumerable<string> Cells(Summary summary, GroupSummary group) => [
        group.Name, group.Cut is null ? "" : group.Cut.Label(), group.KeptText, Spread(group.Last), Spread(group.EarlyStop),
        Difference(group.ToDense?.Last), .. summary.Baselines.Select(baseline => Difference(group.To(baseline)?.Last)),
        group.EarlyStopStep is { } step ? Text.Count(step.Mean) : "", Answer(group)];

    /// <summary>Whether a ticket wins, or why it is missing; empty for a net that is no ticket.</summary>
    private static string Answer(GroupSummary group)
    {
        if (group.N == 0) return $"missing: {string.Join("; ", group.Missing.Select(missing => missing.Reason))}";
        if (!group.IsTicket) return "";
        return group.Verdict.Outcome switch
        {
            Outcome.Wins => "yes",
            Outcome.DoesNotWin => "no",
            _ => group.Verdict.Word,
        };
    }

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

    internal static IAnsiConsole ConsoleOn(TextWriter writer, bool redirected, int pipedWidth = PipedWidth)
    {
        var plain = redirected || !string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR"));
        var console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Out = new AnsiConsoleOutput(writer),
            Ansi = redirected ? AnsiSupport.No : AnsiSupport.Detect,
            ColorSystem = plain ? ColorSystemSupport.NoColors : ColorSystemSupport.Detect,
            Interactive = redirected ? InteractionSupport.No : InteractionSupport.Detect,
        });
        if (redirected) console.Profile.Width = pipedWidth;
        return console;
    }
}
