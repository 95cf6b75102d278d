using System.Text.RegularExpressions;

namespace Bnn.Report.Tests;

/// <summary>summary.md: the report's sentences and numbers as Markdown.</summary>
public sealed class SummaryFileTests
{
    [Fact]
    public void It_has_the_findings_means_and_differences_of_the_report()
    {
        var input = Inputs.Seeds(5);
        var text = SummaryFile.Write(input);
        var summary = Summary.From(input);
        Assert.All(Findings.Of(summary), finding => Assert.Contains(
            $"- {Regex.Replace(finding, @"[\[\]<]", @"\$0")}\n", text, StringComparison.Ordinal));
        Assert.Contains(
            "## Test accuracy after the last step\n\nPer cent, mean ± standard deviation over 5 seeds.", text, StringComparison.Ordinal);
        foreach (var pair in summary.Comparisons)
        {
            Assert.Contains(
                $"| {pair.Arm} | {pair.Against} | {pair.Cut.Label()} | 5 | {Text.Points(pair.Difference.Last!.Mean)} |", text,
                StringComparison.Ordinal);
        }
        Assert.All(summary.Tickets, ticket => Assert.Contains(Text.PercentNumber(ticket.Last!.Mean), text, StringComparison.Ordinal));
    }

    [Fact]
    public void What_is_not_there_is_left_out_and_nothing_finished_is_said()
    {
        var input = Inputs.Seeds(1);
        var text = SummaryFile.Write(input with { Finished = [] });
        Assert.Contains("No training has finished", text, StringComparison.Ordinal);
        Assert.DoesNotContain("Per cent", text, StringComparison.Ordinal);
        Assert.DoesNotContain("Claims", text, StringComparison.Ordinal);
        Assert.DoesNotContain("NaN", SummaryFile.Write(input), StringComparison.Ordinal);
    }

    [Fact]
    public void Hostile_names_stay_text()
    {
        var done = Inputs.Done(Inputs.Ticket("<script>x</script>|`*[a](b)", 0.05m, 1), 0.9);
        var text = SummaryFile.Write(Inputs.Of([Inputs.Done(Inputs.Dense(1), 0.98), done]) with { Name = "# <b>" });
        Assert.DoesNotContain("<script>", text, StringComparison.Ordinal);
        Assert.StartsWith("# \\# \\<b\\>\n", text, StringComparison.Ordinal);
        Assert.Contains("\\<script\\>x\\</script\\>\\|\\`\\*\\[a\\](b)", text, StringComparison.Ordinal);
    }
}
