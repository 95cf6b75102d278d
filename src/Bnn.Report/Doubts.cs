using System.Collections.Immutable;
using Bnn.Core;

namespace Bnn.Report;

/// <summary>Sentences about what the numbers of an experiment can't show. Those that take everything away come before all others.</summary>
internal static class Doubts
{
    /// <summary>Lists longer than this are cut short.</summary>
    private const int Named = 8;

    /// <summary>What must be read first: nets that learned nothing, and masks that nothing follows from.</summary>
    public static IEnumerable<string> First(Summary summary) => [
        .. summary.DenseNets.Where(group => group.AtChance.Length > 0)
            .Select(group => $"{AtChance(group, "the dense net")} No ticket can be judged by it."),
        .. summary.Groups.Where(group => group.Kind.IsBayesian() && group.AtChance.Length > 0)
            .Select(group => $"{AtChance(group, "the Bayesian net")} Its posterior says nothing about weights."),
        .. NoPath(summary),
        .. summary.Tickets.Any(group => group.N > 0) && summary.Tickets.Where(group => group.N > 0).All(group => group.IsAtChance)
            ? TicketsAtChance(summary)
            : []];

    /// <summary>What is said beside the verdicts.</summary>
    public static IEnumerable<string> Beside(Summary summary) => [
        .. summary.Tickets.Where(group => group.N > 0).All(group => group.IsAtChance) ? [] : TicketsAtChance(summary),
        .. CutOffClasses(summary),
        .. StillImproving(summary),
        .. LabelRemarks.Of(summary.Labels),
        .. SubsetRemarks.Of(summary),
        .. AssumedChance(summary)];

    private static string AtChance(GroupSummary group, string net)
    {
        var name = group.Name == group.Kind.Name() ? net : $"{net} {group.Name}";
        var seeds = group.N == 1 ? "" : group.IsAtChance ? $"With all {Text.Seeds(group.N)} " : $"With {SeedsOf(group.AtChance)} ";
        var accuracies = group.Finished.Where(finished => group.AtChance.Contains(finished.Training.Seed))
            .Select(finished => finished.Record.TestAccuracyLast).ToList();
        var reached = accuracies.Max();
        var reaches = accuracies.Count == 1 ? "it reaches" : "it reaches at most";
        var within = reached > group.Chance.Share ? ", and luck explains the difference" : "";
        var sentence = $"{seeds}{name} is no better than {group.Chance.Answer}: {reaches} {Text.Percent(reached)}, and that "
            + $"{group.Chance.Reach}{within}.";
        return char.ToUpperInvariant(sentence[0]) + sentence[1..];
    }

    private static IEnumerable<string> NoPath(Summary summary)
    {
        var broken = summary.Tickets.Where(group => group.Hindrance is { Kind: HindranceKind.NoPath }).ToList();
        if (broken.Count == 0) yield break;
        var masks = broken.Take(Named).Select(group =>
        {
            var seed = group.Hindrance!.Seeds[0];
            var record = group.Finished.First(finished => finished.Training.Seed == seed).Record;
            var layers = Text.List(record.Kept.Select(Text.Count));
            return $"{group.Label} (seed {seed} keeps {layers} weights per layer)";
        });
        yield return "Masks without a path from the inputs to the outputs say nothing about a criterion and are neither judged nor "
            + $"compared: {string.Join("; ", masks)}{More(broken.Count)}.";
    }

    private static IEnumerable<string> TicketsAtChance(Summary summary)
    {
        var tickets = summary.Tickets.Where(group => group.AtChance.Length > 0 && group.Hindrance?.Kind != HindranceKind.NoPath).ToList();
        if (tickets.Count == 0) yield break;
        var named = tickets.Take(Named)
            .Select(group => group.IsAtChance ? group.Label : $"{group.Label} ({SeedsOf(group.AtChance)})");
        var chance = tickets[0].Chance;
        var unranked = summary.HasMany ? "without a rank and " : "";
        yield return $"No better than {chance.Answer} (which {chance.Reach}), and so {unranked}not compared with one another: "
            + $"{string.Join("; ", named)}{More(tickets.Count)}.";
    }

    /// <summary>
    /// Classes that no input reaches. Those that never occur may be among them, so only a number below that of the occurring ones counts.
    /// </summary>
    private static IEnumerable<string> CutOffClasses(Summary summary)
    {
        var cut = summary.Tickets.Where(group => group.Hindrance?.Kind != HindranceKind.NoPath)
            .Select(group => (Group: group, Least: Least(group, Measures.ConnectedClasses), Living: Least(group, Measures.LivingUnits)))
            .Where(ticket => ticket.Least is { } classes && classes < OccurringClasses(summary, ticket.Group))
            .ToList();
        if (cut.Count == 0) yield break;
        var named = cut.Take(Named).Select(ticket =>
        {
            var hidden = ticket.Group.Cell.Net.Sizes[1..^1].Sum();
            var living = hidden == 0 ? "" : $" and {Text.Count(ticket.Living ?? 0)} of {Text.Count(hidden)} hidden units";
            var classes = Text.Count(ticket.Group.Cell.Net.Sizes[^1]);
            return $"{ticket.Group.Label} {Text.Count(ticket.Least!.Value)} of {classes} classes{living}";
        });
        yield return "Some masks cut classes off from the inputs, and such rows measure that as much as the criterion. What is still "
            + $"connected in the seed that has least: {string.Join("; ", named)}{More(cut.Count)}.";
    }

    private static int OccurringClasses(Summary summary, GroupSummary group) =>
        summary.Labels.FirstOrDefault(labels => labels.Data == group.Cell[Factor.Data])?.Occurring ?? group.Cell.Net.Sizes[^1];

    private static double? Least(GroupSummary group, Measure measure) => group.Finished.Min(finished => finished.Record[measure]);

    private static IEnumerable<string> StillImproving(Summary summary)
    {
        var nets = summary.Groups.Where(group => group.StillImproving.Length > 0 && group.Hindrance is null && !group.IsAtChance).ToList();
        if (nets.Count == 0) yield break;
        var named = nets.Take(Named).Select(group => group.N == 1 || group.StillImproving.Length == group.N
            ? group.Label
            : $"{group.Label} ({SeedsOf(group.StillImproving)})");
        yield return "Still improving when training ended, with the early stop at the last step: "
            + $"{string.Join("; ", named)}{More(nets.Count)}. More steps may change these differences.";
    }

    private static IEnumerable<string> AssumedChance(Summary summary)
    {
        if (summary.Groups.FirstOrDefault(group => !group.Chance.IsCounted && group.AtChance.Length > 0) is { } group)
        {
            yield return $"This plan doesn't say how often each class occurs: chance was taken to be {Text.Percent(group.Chance.Share)} "
                + $"over {Text.Count(Chance.AssumedImages)} test images. Running the command again counts the classes.";
        }
    }

    private static string SeedsOf(ImmutableArray<Seed> seeds) =>
        $"{(seeds.Length == 1 ? "seed" : "seeds")} {Text.List(seeds.Select(seed => seed.ToString()))}";

    private static string More(int all) => all > Named ? $"; and {Text.Count(all - Named)} more rows of the table" : "";
}
