using System.Text;
using Bnn.Core;

namespace Bnn.Report;

/// <summary>
/// summary.md: findings, means, comparisons and the cost of tickets as Markdown, to be read in a terminal, pasted into a document or kept
/// with a paper. It has the report's sentences and numbers, and no figure.
/// </summary>
public static class SummaryFile
{
    public static string Write(ReportInput input)
    {
        var summary = Summary.From(input);
        var text = new StringBuilder($"# {TableFormats.Escaped(input.Name)}\n\n");
        foreach (var command in input.Experiment.Command.Split('\n')) text.Append($"    {Printable.Line(command)}\n");
        Section("Findings", List(Findings.Of(summary)));
        foreach (var question in OpenQuestion.All(input, summary))
        {
            Section(
                question.IsAboutImages ? "How many images?" : "How early?", List([.. question.Sentences, .. question.EarlyBirdSentences]));
        }
        Section("Test accuracy after the last step", Means(summary));
        foreach (var family in summary.Families.Where(family => !family.Pairs.IsEmpty))
            Section($"Differences to {family.Baseline}", Differences(family));
        Section("Steps to find a ticket", Costs(summary, Measures.FindingSteps, Text.Count));
        Section("Multiply-adds to find a ticket", Costs(summary, Measures.FindingMultiplyAdds, Text.Operations));
        if (ClaimCheck.Of(input.Claims, input.Finished).Where(claim => claim.IsRun).ToList() is { Count: > 0 } run)
            Section("Claims", TableFormats.Markdown(ClaimTable.Headings, ClaimTable.Rows(run)));
        return text.ToString();

        void Section(string title, string content)
        {
            if (content.Length > 0) text.Append($"\n## {TableFormats.Escaped(title)}\n\n{content}");
        }
    }

    private static string List(IReadOnlyCollection<string> sentences) =>
        string.Concat(sentences.Select(sentence => $"- {TableFormats.Escaped(sentence)}\n"));

    /// <summary>One row per arm, one column per cut: the mean in per cent ± standard deviation.</summary>
    private static string Means(Summary summary)
    {
        var seeds = summary.Groups.Select(group => group.N).Where(n => n > 0).Distinct().Order().ToList();
        if (seeds.Count == 0) return "";
        var nets = summary.Groups.Where(group => group.Cut is null && group.N > 0)
            .Select(group => (string[])[group.Name, Mean(group), .. summary.Cuts.Select(_ => "")]);
        var tickets = Rows(summary, Mean).Select(row => (string[])[row[0], "", .. row[1..]]);
        var spread = seeds[^1] > 1 ? " ± standard deviation" : "";
        var over = seeds.Count == 1 ? Text.Seeds(seeds[0]) : $"{Text.Count(seeds[0])} to {Text.Seeds(seeds[^1])}";
        return $"Per cent, mean{spread} over {over}.\n\n"
            + TableFormats.Markdown(["net", "whole", .. summary.Cuts.Select(cut => cut.Label())], nets.Concat(tickets));
    }

    private static string Mean(GroupSummary group) => group.Last switch
    {
        null => "",
        { Sd: { } sd } last => $"{Text.PercentNumber(last.Mean)} ± {Text.PercentNumber(sd)}",
        var last => Text.PercentNumber(last.Mean),
    };

    private static string Differences(ComparisonFamily family) =>
        $"In points, paired by seed; p of the t test and of equivalence within ±{Text.Margin(family.Margin)} points after Holm's "
        + $"correction over {Text.Count(family.Tested)} comparisons.\n\n"
        + TableFormats.Markdown(
            ["ticket", "against", "at", "seeds", "difference", "95 % interval", "p", "p of equivalence", "shows"],
            family.Pairs.Select(pair => (string[])[
                pair.Arm, pair.Against, pair.Cut.Label(), Text.Count(pair.Difference.Last?.N ?? 0),
                pair.Difference.Last is { } last ? Text.Points(last.Mean) : "",
                pair.Tests is { } tests ? Text.Bracket(tests.T.Low95, tests.T.High95) : "",
                pair.Tests is { } own ? Text.PCell(own.HolmP) : "",
                pair.Tests is { } of ? Text.PCell(of.HolmEquivalenceP) : "", pair.Words]));

    private static string Costs(Summary summary, Measure measure, Func<double, string> shown)
    {
        var rows = Rows(summary, ticket => Cost(ticket, measure, shown)).Where(row => row[1..].Any(cell => cell.Length > 0)).ToList();
        return rows.Count == 0 ? "" : TableFormats.Markdown(["ticket", .. summary.Cuts.Select(cut => cut.Label())], rows);
    }

    /// <summary>One row per arm, its name first, and one column per cut.</summary>
    private static IEnumerable<string[]> Rows(Summary summary, Func<GroupSummary, string> cellOf) =>
        summary.Arms.Select(arm => (string[])[arm.Name, .. summary.Cuts.Select(cut =>
            summary.Tickets.Where(group => group.Name == arm.Name && group.Cut == cut).Select(cellOf).FirstOrDefault(""))]);

    private static string Cost(GroupSummary ticket, Measure measure, Func<double, string> shown)
    {
        double[] costs = [.. ticket.Finished.Select(done => done.Record[measure]).OfType<double>()];
        return costs.Length == 0 ? "" : shown(Sample.Mean(costs));
    }
}
