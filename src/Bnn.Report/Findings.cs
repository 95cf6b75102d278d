using Bnn.Core;

namespace Bnn.Report;

/// <summary>
/// A summary in sentences, the most important first, for someone who reads nothing else. No sentence says more than its numbers show.
/// </summary>
public static class Findings
{
    /// <summary>Comparisons at more than this share of the weights tell little: random masks lose almost nothing there.</summary>
    private const double HighDensity = 0.1;

    /// <summary>If a control's masks lose at most this much, comparisons at that density tell little: 1 point.</summary>
    private const double SmallLoss = 0.01;

    /// <summary>Up to this many asked-for strategies have sentences of their own; more are ranked.</summary>
    private const int FewAsked = 3;

    /// <summary>Lists longer than this are cut short.</summary>
    private const int Named = 8;

    public static IReadOnlyList<string> Of(Summary summary) => summary.Groups.All(group => group.N == 0)
        ? ["No training has finished, so nothing can be said yet.", .. Missing(summary)]
        : [.. All(summary).Distinct(StringComparer.Ordinal)];

    /// <summary>Families of comparisons may say the same about how they were computed.</summary>
    private static IEnumerable<string> All(Summary summary) => [
        .. Doubts.First(summary),
        .. Compared(summary, arm => IsForemost(summary, arm)),
        .. summary.Asked.Length <= FewAsked ? summary.Asked.SelectMany(arm => Wins(summary, arm.Name)) : Winners(summary),
        .. summary.HasMany ? Ranked(summary) : [],
        .. Compared(summary, arm => !IsForemost(summary, arm)),
        .. RankTests.Sentences(summary),
        .. Missing(summary),
        .. OneSeed(summary),
        .. HighDensities(summary),
        .. Doubts.Beside(summary),
        .. NoValidation(summary),
    ];

    /// <summary>What the comparisons of some arms show, family by family.</summary>
    private static IEnumerable<string> Compared(Summary summary, Func<string, bool> isChosen) =>
        from family in summary.Families
        let pairs = family.Pairs.Where(pair => isChosen(pair.Arm)).ToList()
        where pairs.Count > 0
        from sentence in ComparisonSentences.Of(family, pairs)
        select sentence;

    /// <summary>Whether an arm's comparisons come before all else: of few arms all, of many the first that are featured.</summary>
    private static bool IsForemost(Summary summary, string arm) => !summary.HasMany
        || summary.Roles.Featured.Take(FewAsked).Contains(summary.StrategyOf(arm));

    private static IEnumerable<string> Wins(Summary summary, string arm)
    {
        var tickets = summary.Tickets.Where(group => group.Name == arm).ToList();
        if (tickets.Count == 0) yield break;
        List<GroupSummary> With(Outcome outcome) => tickets.FindAll(group => group.Verdict.Outcome == outcome);

        var (wins, loses, unclear) = (With(Outcome.Wins), With(Outcome.DoesNotWin), With(Outcome.CantBeJudged));
        if (wins.Count > 0)
        {
            var smallest = wins.MinBy(group => group.Density)!;
            var what = wins.Count == 1 ? "a winning ticket" : "winning tickets";
            yield return $"{arm} gives {what} at {WeightShares(wins)}. The smallest keeps {smallest.KeptText} of "
                + $"{Text.Count(smallest.Total ?? 0)} weights and reaches {Text.Percent(smallest.Last!.Mean)}{Judged(smallest, ", ")}.";
        }
        if (loses.Count > 0)
        {
            var shown = loses.FindAll(group => group.Verdict.ShowsLoss);
            var open = loses.FindAll(group => group.Verdict is { Tests: not null, ShowsLoss: false });
            var nearest = loses.MaxBy(group => group.ToDense!.Last!.Mean)!;
            var where = loses.Count == 1 ? "" : $"; the nearest is at {Share(nearest)}";
            yield return $"{arm} {(wins.Count == 0 ? "gives no winning ticket" : "does not win")} at {WeightShares(loses)}{where}"
                + $"{Judged(nearest, ": ")}.{Proof(shown, open)}";
        }
        foreach (var groups in unclear.GroupBy(group => group.Verdict.Reason, StringComparer.Ordinal))
            yield return $"{arm} can't be judged at {WeightShares([.. groups])}: {groups.Key}.";
    }

    /// <summary>The numbers behind a verdict: the difference to dense, and for a single seed the early stops as well.</summary>
    private static string Judged(GroupSummary group, string before) => group.ToDense!.Last! is { Interval: not null } difference
        ? $"{before}{Compared(difference, "the dense net")}"
        : $": {group.Verdict.Reason}";

    /// <summary>Not winning is either a shown loss or one that can't be ruled out: the sentence says which.</summary>
    private static string Proof(List<GroupSummary> shown, List<GroupSummary> open)
    {
        var loss = $"a loss of more than {Text.Size(Verdict.Margin)} points";
        var tickets = shown.Concat(open).Select(group => group.Verdict.Tests?.Tickets).FirstOrDefault() ?? 1;
        var after = tickets > 1 ? $", after Holm’s correction over {Text.Count(tickets)} tickets" : "";
        return (shown.Count, open.Count) switch
        {
            (0, 0) => "",
            ( > 0, 0) => $" The intervals show {loss}{after}.",
            (0, > 0) => $" The intervals don't show {loss}, but can't rule it out{after}: {MoreSeeds(open)}.",
            _ => $" The intervals show {loss} at {Shares(shown)}; at {Shares(open)} they can't rule it out{after}: {MoreSeeds(open)}.",
        };
    }

    /// <summary>How many seeds would rule a loss out, as a range over tickets whose spreads differ.</summary>
    private static string MoreSeeds(List<GroupSummary> open)
    {
        var needed = open.ConvertAll(group => Verdict.SeedsToRuleOut(group.ToDense!.Last!));
        return needed.Exists(one => one?.Low is null)
            ? "more seeds would"
            : $"if there is none, {Text.Seeds(needed.Min(one => one!.Low), needed.Exists(one => one!.High is null)
                ? null
                : needed.Max(one => one!.High))} would";
    }

    /// <summary>Which tickets win, cut by cut, the best first.</summary>
    private static IEnumerable<string> Winners(Summary summary)
    {
        var judged = summary.Rankings.SelectMany(ranking => ranking.Tickets)
            .Where(ticket => ticket.Group.Verdict.Outcome is Outcome.Wins or Outcome.DoesNotWin).ToList();
        if (judged.Count == 0)
        {
            var reasons = summary.Tickets.Select(ticket => ticket.Verdict.Reason).Distinct(StringComparer.Ordinal).ToList();
            if (reasons.Count > 0) yield return $"No ticket can be judged: {string.Join("; ", reasons)}.";
            yield break;
        }
        var wins = judged.FindAll(ticket => ticket.Group.Verdict.Outcome == Outcome.Wins);
        if (wins.Count == 0)
        {
            var nearest = judged.MaxBy(ticket => ticket.Group.ToDense!.Last!.Mean)!.Group;
            yield return $"None of {Text.Count(judged.Count)} judged tickets wins; the nearest is {nearest.Label}{Judged(nearest, ": ")}.";
            yield break;
        }
        var where =
            from ranking in summary.Rankings
            let won = NamesAt(wins, ranking.Cut)
            let lost = NamesAt(judged, ranking.Cut).Except(won, StringComparer.Ordinal).ToList()
            where won.Count > 0
            select $"at {ranking.Cut.Label()} {Those(won, lost)}";
        var none = summary.Rankings.Select(ranking => ranking.Cut)
            .Where(cut => NamesAt(judged, cut).Count > 0 && NamesAt(wins, cut).Count == 0)
            .Select(cut => cut.Label()).ToList();
        yield return $"{Text.Count(wins.Count)} of {Text.Count(judged.Count)} judged tickets {(wins.Count == 1 ? "wins" : "win")}: "
            + $"{string.Join("; ", where)}{(none.Count > 0 ? $"; none at {Text.List(none)}" : "")}.";
    }

    private static List<string> NamesAt(List<RankedTicket> tickets, CutPoint cut) =>
        tickets.FindAll(ticket => ticket.Group.Cut == cut).ConvertAll(ticket => ticket.Group.Name);

    /// <summary>The winners' names, or the others' where that is shorter; of many winners, the best.</summary>
    private static string Those(List<string> won, List<string> lost) => (won.Count, lost.Count) switch
    {
        ( > 1, 0) => $"all {Text.Count(won.Count)}",
        ( > Named, <= 3) => $"all but {Text.List(lost)}",
        ( > Named + 1, _) => $"{string.Join(", ", won.Take(Named))} and {Text.Count(won.Count - Named)} more (ticked in the ranking)",
        _ => Text.List(won),
    };

    /// <summary>Cut by cut the best three, and the ranks of featured arms, baselines and controls.</summary>
    private static IEnumerable<string> Ranked(Summary summary)
    {
        var said = false;
        foreach (var ranking in summary.Rankings.Where(ranking => ranking.Tickets.Length > 0))
        {
            said = true;
            yield return Ranked(summary, ranking);
        }
        if (said && summary.Seeds.Length > 1)
        {
            yield return $"The ranks order means over {Text.Seeds(summary.Seeds.Length)}; among so many strategies neighbouring ranks "
                + "often swap by chance, and the top ranks are biased upwards. The paired intervals in the table show which differences "
                + "hold.";
        }
    }

    private static string Ranked(Summary summary, Ranking ranking)
    {
        const int Best = 3, MostNamed = 5;
        var best = ranking.Tickets.Where(ticket => ticket.Rank <= Best).ToList();
        var equal = best.Count > MostNamed ? best.Count - Best : 0;
        if (equal > 0) best = best[..Best];
        var featured = summary.Roles.Featured.Length <= FewAsked ? summary.Roles.Featured : [];
        var others =
            from arm in summary.Arms
            where featured.Contains(arm.Strategy) || summary.IsReference(arm.Name)
            where !best.Exists(ticket => ticket.Group.Name == arm.Name)
            let ticket = ranking.Tickets.FirstOrDefault(ticket => ticket.Group.Name == arm.Name)
            let without = ticket is not null
                ? ""
                : ranking.Missing.Any(row => row.Name == arm.Name) ? "is missing"
                : ranking.Unranked.Any(row => row.Name == arm.Name) ? "has no rank" : null
            where without is not null
            orderby ticket?.Rank ?? int.MaxValue
            select ticket is null
                ? $"{arm.Name} {without}"
                : $"{arm.Name} is {(ticket.Shared ? "equal " : "")}{Text.Ordinal(ticket.Rank)} ({Text.Percent(ticket.Group.Last!.Mean)})";
        var place = Text.List(best.Select(ticket => $"{ticket.Group.Name} ({Text.Percent(ticket.Group.Last!.Mean)})"));
        var level = equal == 0 ? "" : $", with {Text.Count(equal)} more level with {(equal == 1 ? "them" : "the last of them")}";
        var are = best.Count == 1 ? "is" : "are";
        return $"At {Where(ranking)} the best of {Text.Count(ranking.Tickets.Length)} strategies {are} {place}{level}"
            + $"{string.Concat(others.Take(Named).Select(other => $"; {other}"))}.";
    }

    /// <summary>
    /// "5 % of the weights"; a threshold is shown as it is, because the shares that it leads to differ by layer and seed.
    /// </summary>
    private static string Where(Ranking ranking) =>
        ranking.Cut.Target is not null ? $"{ranking.Cut.Label()} of the weights" : ranking.Cut.Label();

    /// <summary>"1.23 points below magnitude (95 % interval −1.50 to −0.96, 3 seeds)".</summary>
    private static string Compared(PairedDifference difference, string other) =>
        $"{Difference(difference)} {(Text.Points(difference.Mean) == "0.00" ? "with " : "")}{other} ({difference.IntervalText})";

    private static string Difference(PairedDifference difference) => Text.Points(difference.Mean) switch
    {
        "0.00" => "level",
        _ => $"{Text.Size(difference.Mean)} points {(difference.Mean < 0 ? "below" : "above")}",
    };

    private static IEnumerable<string> Missing(Summary summary)
    {
        var groups = summary.Groups.Where(group => group.Missing.Length > 0).ToList();
        if (groups.Count == 0) yield break;
        var (missing, planned) = (groups.Sum(group => group.Missing.Length), summary.Groups.Sum(group => group.Missing.Length + group.N));
        var named = groups.Take(Named).Select(group =>
        {
            var seeds = $"{(group.Missing.Length == 1 ? "seed" : "seeds")} {Text.List(group.Missing.Select(seed => seed.Seed.ToString()))}";
            var reasons = group.Missing.Select(seed => seed.Reason).Distinct(StringComparer.Ordinal);
            return $"{group.Label}, {seeds} ({string.Join("; ", reasons)})";
        });
        var more = groups.Count > Named ? $"; and {groups.Count - Named} more rows of the table" : "";
        var (are, enter) = missing == 1 ? ("is", "enters") : ("are", "enter");
        yield return $"{missing} of {planned} trainings {are} missing and {enter} no mean: {string.Join("; ", named)}{more}.";
    }

    /// <summary>The only seed of an experiment to which more seeds would add something; otherwise null.</summary>
    public static Seed? OnlySeed(Summary summary) => summary.Seeds is [var seed] && !DenseIsAtChance(summary) ? seed : null;

    private static IEnumerable<string> OneSeed(Summary summary)
    {
        if (OnlySeed(summary) is not { } seed) yield break;
        yield return $"One seed gives no interval: the seeds {Text.FiveSeeds(seed)} would show which of these differences stay when the "
            + "seed changes.";
    }

    private static IEnumerable<string> HighDensities(Summary summary)
    {
        var high = summary.Tickets.Where(group => group.Density > HighDensity).ToList();
        if (high.Count == 0 || DenseIsAtChance(summary)) yield break;

        var controls = high.FindAll(group => summary.Controls.Contains(group.Strategy!) && group.ToDense?.Last is not null);
        // Several arms may have one control.
        var small = controls.Where(group => Math.Abs(group.ToDense!.Last!.Mean) <= SmallLoss)
            .DistinctBy(group => (group.Strategy, Share(group), Difference(group.ToDense!.Last!))).ToList();
        if (small.Count > 0)
        {
            var losses = small.Select(group => $"{Difference(group.ToDense!.Last!)} at {Share(group)}");
            var strategies = Text.List(small.Select(group => group.Strategy!).Distinct());
            yield return $"Comparisons at {WeightShares(small)} tell little: {strategies} masks train nearly as well as the dense net "
                + $"there ({Text.List(losses)}). Look at the smaller densities.";
        }
        else if (controls.Count == 0)
        {
            yield return $"Comparisons at more than {Text.Share(HighDensity)} of the weights usually tell little, because even random "
                + "masks lose little there; no random control was trained here to check it.";
        }
    }

    /// <summary>Then neither more seeds nor other densities help.</summary>
    private static bool DenseIsAtChance(Summary summary) => summary.DenseNets.Any(dense => dense.AtChance.Length > 0);

    private static IEnumerable<string> NoValidation(Summary summary)
    {
        if (!summary.HasValidation)
            yield return "No images were held back for validation, so nothing stopped early and there are no accuracy curves.";
    }

    /// <summary>"20 %, 10 % and 5 % of the weights"; thresholds are shown with the shares they led to.</summary>
    private static string WeightShares(List<GroupSummary> groups) => groups[0].Cut?.Target is not null
        ? $"{Shares(groups)} of the weights"
        : Text.List(groups.Select(group => group.Density is { } density
            ? $"{Share(group)} ({Text.Share(density)} of the weights)"
            : Share(group)));

    private static string Shares(List<GroupSummary> groups) => Text.List(groups.Select(Share).Distinct(StringComparer.Ordinal));

    private static string Share(GroupSummary group) => group.Cut?.Label() ?? group.Name;
}
