using Bnn.Report;

namespace Host.Consoles;

/// <summary>An experiment's table. Accuracies are in per cent, differences in points; with one seed it fits 80 columns.</summary>
public static class OutcomeTable
{
    /// <summary>What a narrow terminal leaves out first has the highest rank.</summary>
    private const int Last = 1, Baseline = 2, EarlyStop = 3, EarlyStopAt = 4, Kept = 5;

    public static Grid Of(Summary summary) => new(
        [.. Columns(summary)], [.. summary.TableOrder.Select(group => Cells(summary, group).ToArray())], isTight: true);

    private static IEnumerable<GridColumn> Columns(Summary summary) => [
        new("strategy", Wraps: true), new("density", IsRight: true), new("kept", IsRight: true, Rank: Kept),
        new("test %\nlast step", IsRight: true, Rank: Last), new("test %\nearly stop", IsRight: true, Rank: EarlyStop),
        new("to\ndense", IsRight: true),
        .. summary.Baselines.Select(baseline => new GridColumn($"to {Hyphenated(baseline)}", IsRight: true, Rank: Baseline)),
        new("early\nstop at", IsRight: true, Rank: EarlyStopAt), new("wins", Wraps: true)];

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
}
