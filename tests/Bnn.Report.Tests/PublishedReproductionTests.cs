using System.Globalization;
using Bnn.Tests;

namespace Bnn.Report.Tests;

/// <summary>docs/studies/zhou.md has the means of its committed tables, over all their seeds.</summary>
public sealed class PublishedReproductionTests
{
    /// <summary>Rounds of the table's columns.</summary>
    private static readonly string[] Rounds = ["5", "7", "11", "15"];

    private static readonly string Docs = Path.GetFullPath(Path.Combine(Golden.Folder, "..", "..", "docs"));

    public static TheoryData<string> Criteria => [.. Rows().Select(row => row[0])];

    [Theory, MemberData(nameof(Criteria))]
    public void A_criterion_has_the_means_of_its_trainings(string criterion)
    {
        var means = Rows().Single(row => row[0] == criterion)[1..].Select(cell => cell.Trim('*').Split(' ')[0]);
        Assert.Equal(Rounds.Select(round => Mean(criterion, round)).Zip(means, (mean, shown) => shown == "" ? "" : mean), means);
    }

    private static List<string[]> Rows() => [
        .. File.ReadLines(Path.Combine(Docs, "studies", "zhou.md"))
            .SkipWhile(line => !line.StartsWith("| criterion | 32.9 % |", StringComparison.Ordinal)).Skip(2)
            .TakeWhile(line => line.StartsWith('|'))
            .Select(line => line.Split('|')[1..^1].Select(cell => cell.Trim()).ToArray())];

    /// <summary>Test accuracy at the early stop in per cent, over the seeds of all tables.</summary>
    private static string Mean(string criterion, string round)
    {
        double[] accuracies = [
            .. from folder in Directory.GetDirectories(Path.Combine(Docs, "findings"), "zhou*")
               let lines = File.ReadAllLines(Path.Combine(folder, "table.csv"))
               let names = lines[0].Split(',').ToList()
               from line in lines.Skip(1)
               let cells = line.Split(',')
               where cells[names.IndexOf("strategy")] == criterion && cells[names.IndexOf("round")] == round
               select double.Parse(cells[names.IndexOf("test_accuracy_early_stop")], CultureInfo.InvariantCulture)];
        return accuracies.Length == 0 ? "" : Text.PercentNumber(Sample.Mean(accuracies));
    }
}
