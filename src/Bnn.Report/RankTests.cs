using System.Collections.Immutable;
using Bnn.Core;

namespace Bnn.Report;

/// <summary>
/// Friedman's test over all arms at one cut, with Nemenyi's critical difference: whether the arms' ranks differ by more than chance, where
/// so many pairs are looked at that some would differ anyway.
/// </summary>
/// <param name="Cut">The cut.</param>
/// <param name="Arms">The arms, the best mean rank first; rank 1 has the highest test accuracy after the last step.</param>
/// <param name="Seeds">The blocks: seeds that have every arm.</param>
public sealed record RankTests(
    CutPoint Cut, ImmutableArray<(string Arm, double Rank)> Arms, ImmutableArray<Seed> Seeds, FriedmanNemenyi Test)
{
    /// <summary>Fewer arms are compared pair by pair; with fewer seeds the test's law is far from its approximation.</summary>
    private const int FewestArms = 3, FewestSeeds = 5;

    /// <summary>Arms named in a sentence.</summary>
    private const int Named = 8;

    /// <summary>One for each cut at which enough arms have enough seeds in common.</summary>
    internal static IEnumerable<RankTests> Of(Summary summary)
    {
        foreach (var cut in summary.Cuts)
        {
            var groups = summary.Tickets
                .Where(group => group.Cut == cut && group.CanBeRanked && group.Cell.Control is null)
                .ToList();
            if (groups.Count < FewestArms) continue;
            var byArm = groups.ConvertAll(group => group.Finished.ToDictionary(
                finished => finished.Training.Seed, finished => finished.Record.TestAccuracyLast));
            ImmutableArray<Seed> seeds = [.. summary.Seeds.Where(seed => byArm.TrueForAll(own => own.ContainsKey(seed)))];
            if (seeds.Length < FewestSeeds) continue;
            var test = FriedmanNemenyi.Of([.. seeds.Select(seed => byArm.Select(own => own[seed]).ToArray())], RankOne.Highest);
            if (double.IsNaN(test.P)) continue;
            yield return new RankTests(
                cut, [.. groups.Zip(test.AverageRanks, (group, rank) => (group.Name, rank)).OrderBy(arm => arm.rank)], seeds, test);
        }
    }

    internal static IEnumerable<string> Sentences(Summary summary) => Of(summary).Select(test => test.Sentence());

    private string Sentence()
    {
        var ranks = Text.List(Arms.Take(Named).Select(arm => $"{arm.Arm} {Text.Short(Math.Round(arm.Rank, 2))}"));
        var more = Arms.Length > Named ? $" and {Text.Count(Arms.Length - Named)} more" : "";
        var found = Test.P < PairedTests.Level ? "finds differences" : "finds no difference";
        var apart = Text.Short(Math.Round(Test.CriticalDifference(PairedTests.Level), 2));
        return $"At {Cut.Label()} Friedman's test over {Text.Count(Arms.Length)} arms and {Text.Seeds(Seeds.Length)} {found} "
            + $"(p {Text.P(Test.P)}); mean ranks, 1 the best: {ranks}{more}; ranks nearer than {apart} "
            + "(Nemenyi's critical difference) can't be told apart.";
    }
}
