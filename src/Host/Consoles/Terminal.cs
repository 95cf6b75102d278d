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
    private const int PipedWidth = 160;

    /// <summary>A terminal that says it is narrower doesn't know its width.</summary>
    private const int Narrowest = 20, UnknownWidth = 80;

    /// <summary>
    /// Shows an experiment's outcome: failures on stderr, the table and the report's path on stdout. Returns the exit code.
    /// </summary>
    /// <param name="typed">The command that was typed.</param>
    /// <param name="isWide">Whether the table has all its columns, however narrow the terminal is.</param>
    public static int ShowOutcome(ExperimentOutcome outcome, TypedCommand typed, bool isWide)
    {
        ShowReused(outcome.Ends);
        foreach (var end in outcome.Failed)
        {
            foreach (var fault in end.Faults)
                Console.Error.WriteLine($"host: {(fault is Fault.Diverged ? "" : $"{end.Training.Name}: ")}{fault.Describe()}");
            Console.Error.WriteLine($"      log: {outcome.Store.Training(end.Training.Key).Log}");
        }
        if (!outcome.Failed.IsEmpty) Console.Error.WriteLine($"      to try again: {typed.Text}");
        foreach (var note in outcome.Ends.SelectMany(end => end.Notes)) Console.Error.WriteLine($"host: {note.Describe()}");
        ShowReport(outcome.Reading, outcome.Report, outcome.Unwritten, typed, isWide);
        return outcome.ExitCode;
    }

    /// <summary>Shows the table, the report's path if it was written, and what is wrong in the store or with its disk.</summary>
    public static void ShowReport(
        ReportReading reading, string? report, IReadOnlyList<Fault> unwritten, TypedCommand? typed, bool isWide)
    {
        ShowTable(Summary.From(reading.Input), typed, isWide);
        if (report is not null) Console.Out.WriteLine($"report: {report}");
        TellUnverified(reading.Unverified);
        foreach (var fault in reading.Damaged.Concat(unwritten).Concat(reading.Unread))
            Console.Error.WriteLine($"host: {fault.Describe()}");
    }

    /// <summary>Says that there are finished trainings without hashes, if there are.</summary>
    public static void TellUnverified(int count)
    {
        if (count == 0) return;
        var trainings = count == 1 ? "1 training was" : $"{Text.Count(count)} trainings were";
        Console.Error.WriteLine(
            $"not verified: {trainings} written by an earlier version, without hashes; nothing shows whether they are damaged");
    }

    private static void ShowReused(ImmutableArray<TrainingEnd> ends)
    {
        var kinds = ends.Where(end => end.State == TrainingState.Reused).GroupBy(end => end.Training.Kind.Name())
            .OrderBy(kind => kind.Key, StringComparer.Ordinal).Select(kind => $"{kind.Count()} {kind.Key}").ToList();
        if (kinds.Count > 0) Console.Error.WriteLine($"reused from earlier commands: {string.Join(", ", kinds)}");
    }

    private static void ShowTable(Summary summary, TypedCommand? typed, bool isWide)
    {
        var isPiped = Console.IsOutputRedirected;
        var table = OutcomeTable.Of(summary).In(isPiped || isWide ? null : Width(), isPiped);
        Console.Out.Write(table.Lines);
        if (!table.LeftOut.IsEmpty)
            Console.Error.WriteLine($"not shown, for want of width: {string.Join(", ", table.LeftOut)}; --wide shows all");
        if (Findings.Of(summary) is [var first, ..]) Say(first);
        if (Findings.OnlySeed(summary) is { } only && summary.Tickets.Any(ticket => ticket.N > 0))
        {
            var seeds = Text.FiveSeeds(only);
            var how = typed is null ? $"repeat it with the seeds {seeds}" : $"type: {typed.WithSeeds(seeds)}";
            Console.Error.WriteLine($"One seed gives no interval. For one, {how}");
        }
    }

    /// <summary>Writes a sentence to stdout: on a terminal in lines that end between words.</summary>
    public static void Say(string sentence) =>
        Console.Out.WriteLine(Console.IsOutputRedirected ? sentence : Grid.Wrapped(sentence, Width()));

    /// <summary>
    /// Shows rows under headings, on stdout: as a table, or a line for each cell where no table fits the terminal. Nothing in a cell moves
    /// the cursor.
    /// </summary>
    /// <param name="isRead">Whether programs read them: piped rows then stand on one line each, however long.</param>
    public static void ShowRows(IReadOnlyList<string> headings, IEnumerable<string[]> rows, bool isRead = false)
    {
        List<string[]> all = [.. rows.Select(row => (string[])[.. row.Select(Printable.Lines)])];
        var grid = new Grid([.. headings.Select(heading => new GridColumn(heading, Wraps: true))], all);
        var isPiped = Console.IsOutputRedirected;
        var table = grid.In(!isPiped ? Width() : isRead ? null : PipedWidth, isPiped);
        Console.Out.Write(table.Fits || isPiped ? table.Lines : Listed(headings, all));
    }

    private static string Listed(IReadOnlyList<string> headings, List<string[]> rows) => string.Join('\n', rows.Select(row =>
        string.Concat(headings.Zip(row)
            .Where(cell => cell.Second.Length > 0)
            .Select(cell => cell.First.Length > 0 ? $"{cell.First}: {cell.Second}\n" : $"{cell.Second}\n"))));

    private static int Width() =>
        ConsoleOn(Console.Out, redirected: false).Profile.Width is >= Narrowest and var width ? width : UnknownWidth;

    internal static IAnsiConsole ConsoleOn(TextWriter writer, bool redirected)
    {
        var plain = redirected || !string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR"));
        var console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Out = new AnsiConsoleOutput(writer),
            Ansi = redirected ? AnsiSupport.No : AnsiSupport.Detect,
            ColorSystem = plain ? ColorSystemSupport.NoColors : ColorSystemSupport.Detect,
            Interactive = redirected ? InteractionSupport.No : InteractionSupport.Detect,
        });
        if (redirected) console.Profile.Width = PipedWidth;
        return console;
    }
}
