using System.Globalization;
using System.Text.RegularExpressions;
using Bnn.Tests;

namespace Bnn.Report.Tests;

/// <summary>
/// docs/findings.md says nothing but what the committed summaries say, and these nothing but what the committed tables say.
/// </summary>
public sealed partial class PublishedFindingsTests
{
    private static readonly string Docs = Path.GetFullPath(Path.Combine(Golden.Folder, "..", "..", "docs"));
    private static readonly string Page = File.ReadAllText(Path.Combine(Docs, "findings.md"));

    public static TheoryData<string> Studies =>
        [.. Directory.GetDirectories(Path.Combine(Docs, "findings")).Select(folder => Path.GetFileName(folder)!).Order()];

    [Fact]
    public void Every_block_is_a_section_of_a_summary()
    {
        var blocks = Block().Matches(Page);
        Assert.NotEmpty(blocks);
        Assert.Equal(blocks.Count, Page.Split("<!-- end -->").Length - 1);
        Assert.All(blocks, block => Assert.Equal(
            Section(block.Groups["study"].Value, block.Groups["title"].Value), block.Groups["content"].Value.Trim('\n')));
    }

    [Theory, MemberData(nameof(Studies))]
    public void A_summary_has_the_means_of_its_table(string study)
    {
        var means = Section(study, "Test accuracy after the last step").Split('\n')
            .Where(line => line.StartsWith("| ", StringComparison.Ordinal)).Skip(2)
            .SelectMany(line => line.Split('|')[2..^1]).Select(cell => cell.Trim()).Where(cell => cell.Length > 0).Order().ToList();
        Assert.NotEmpty(means);
        var computed = Cells(study).Select(cell => Mean([.. cell.Select(row => Number(row, "test_accuracy_last"))])).ToList();
        // A table also has the rounds that were trained only because later ones are found from them.
        foreach (var mean in means) Assert.True(computed.Remove(mean), $"{study}: no cell of table.csv has the mean {mean}");
    }

    [Theory, MemberData(nameof(Studies))]
    public void A_summary_has_the_differences_of_its_table(string study)
    {
        var differences = Cells(study).SelectMany(own => Cells(study).Select(other => Difference(own, other))).ToHashSet();
        var rows = Summary(study).Split('\n').Where(line => DifferenceRow().IsMatch(line)).ToList();
        Assert.All(rows, row => Assert.Contains(DifferenceRow().Match(row).Groups["numbers"].Value, differences));
    }

    [Fact]
    public void Every_difference_in_the_prose_is_in_a_summary()
    {
        var prose = Block().Replace(Page, "");
        var summaries = string.Concat(Studies.Select(study => Plain(Summary(study.Data))));
        var quoted = Interval().Matches(prose).Select(match => WithoutUnit(match.Value)).ToList();
        Assert.NotEmpty(quoted);
        Assert.All(quoted, numbers => Assert.Contains(numbers, WithoutUnit(summaries), StringComparison.Ordinal));
        var shares = Percent().Matches(prose).Select(match => match.Groups["number"].Value).ToList();
        Assert.All(shares, share => Assert.Contains(share, summaries, StringComparison.Ordinal));
    }

    private static string Summary(string study) => File.ReadAllText(Path.Combine(Docs, "findings", study, "summary.md"));

    private static string Section(string study, string title)
    {
        var text = Summary(study);
        var start = text.IndexOf($"\n## {title}\n", StringComparison.Ordinal);
        Assert.True(start >= 0, $"{study} has no section {title}");
        start += title.Length + 5;
        var end = text.IndexOf("\n## ", start, StringComparison.Ordinal);
        return (end < 0 ? text[start..] : text[start..end]).Trim('\n');
    }

    private static string WithoutUnit(string text) => text.Replace(" points", "", StringComparison.Ordinal);

    private static string Plain(string markdown) => markdown.Replace("\\", "", StringComparison.Ordinal);

    /// <summary>Rows that differ in nothing but the seed, by what isn't a result.</summary>
    private static List<List<Dictionary<string, string>>> Cells(string study)
    {
        var lines = File.ReadAllLines(Path.Combine(Docs, "findings", study, "table.csv"));
        var names = lines[0].Split(',');
        string[] results = ["seed", "run", "density", "kept", "early_stop_step", "validation_accuracy_last_fifth", "living_units",
            "connected_classes", "finding_steps", "finding_multiply_adds", "variance_with_activity"];
        return [.. lines.Skip(1).Select(line => names.Zip(line.Split(',')).ToDictionary(pair => pair.First, pair => pair.Second))
            .GroupBy(row => string.Join(',', row.Where(pair => !results.Contains(pair.Key)
                && !pair.Key.StartsWith("test_", StringComparison.Ordinal) && !pair.Key.StartsWith("steps_to_", StringComparison.Ordinal)
                && !pair.Key.StartsWith("auroc_", StringComparison.Ordinal)).Select(pair => pair.Value)))
            .Select(cell => cell.ToList())];
    }

    private static double Number(Dictionary<string, string> row, string column) =>
        double.Parse(row[column], CultureInfo.InvariantCulture);

    private static string Mean(double[] accuracies) => accuracies.Length == 1
        ? Text.PercentNumber(accuracies[0])
        : $"{Text.PercentNumber(Sample.Mean(accuracies))} ± {Text.PercentNumber(Sample.StandardDeviation(accuracies))}";

    /// <summary>"5 | −0.22 | [−0.52, 0.08]", over the seeds that both have.</summary>
    private static string Difference(List<Dictionary<string, string>> own, List<Dictionary<string, string>> other)
    {
        double[] d = [
            .. from one in own
               join two in other on one["seed"] equals two["seed"]
               select Number(one, "test_accuracy_last") - Number(two, "test_accuracy_last")];
        if (d.Length < 2) return "";
        var interval = TInterval.Of(d);
        return $"{d.Length} | {Text.Points(interval.Mean)} | \\[{Text.Bracket(interval.Low, interval.High)[1..^1]}\\]";
    }

    [GeneratedRegex(
        @"<!-- (?<study>[a-z0-9-]+): (?<title>[^\n]*) -->\n(?<content>.*?)<!-- end -->",
        RegexOptions.Singleline | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Block();

    [GeneratedRegex(@"^\| [^|]+ \| [^|]+ \| [^|]+ \| (?<numbers>\d+ \| [^|]+ \| \\\[[^|]+\\\]) \|", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex DifferenceRow();

    [GeneratedRegex(@"[+−]?\d+\.\d\d(?: points)? \[−?\d+\.\d\d, −?\d+\.\d\d\]", RegexOptions.None, 1000)]
    private static partial Regex Interval();

    [GeneratedRegex(@"(?<number>\d+\.\d\d) %", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Percent();
}
