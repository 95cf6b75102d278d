using System.Collections.Immutable;
using System.Globalization;

namespace Bnn.Report;

/// <summary>
/// What comparisons show, in sentences: for each arm and what it is compared with, one for all cuts that show the same.
/// </summary>
public static class ComparisonSentences
{
    /// <summary>Differences, in points, of which the sentences say how many seeds would show them.</summary>
    private static readonly ImmutableArray<double> Planned = [0.001, 0.002, 0.005];

    /// <summary>In the order in which they are said: what is shown before what isn't.</summary>
    private static readonly ImmutableArray<Direction> Order = [
        Direction.Worse, Direction.Better, Direction.WorseWithinMargin, Direction.BetterWithinMargin, Direction.Equivalent,
        Direction.UndecidedAfterCorrection, Direction.Undecided, Direction.OneSeed];

    /// <summary>The sentences of some pairs of a family, and how they were computed.</summary>
    public static IEnumerable<string> Of(ComparisonFamily family, IReadOnlyCollection<Comparison> pairs)
    {
        foreach (var arm in pairs.GroupBy(pair => (pair.Arm, pair.Against)))
        {
            List<Comparison> all = [.. arm];
            foreach (var direction in Order)
            {
                var same = all.FindAll(pair => pair.Direction == direction);
                if (same.Count > 0) yield return Sentence(family, same);
            }
            foreach (var sentence in NotCompared(all)) yield return sentence;
            foreach (var sentence in OtherCounts(all)) yield return sentence;
        }
        foreach (var sentence in LeftOut(pairs)) yield return sentence;
        foreach (var sentence in Method(family, pairs)) yield return sentence;
    }

    /// <summary>One sentence of comparisons that show the same.</summary>
    private static string Sentence(ComparisonFamily family, List<Comparison> same)
    {
        var (arm, against, margin) = (same[0].Arm, same[0].Against, Text.Margin(family.Margin));
        return same[0].Direction switch
        {
            Direction.Worse => $"{arm} is worse than {against} {Sizes(same)}{Tail(same, HolmP)}.",
            Direction.Better => $"{arm} is better than {against} {Sizes(same)}{Tail(same, HolmP)}.",
            Direction.WorseWithinMargin =>
                $"{arm} is worse than {against}, by less than the margin of {margin} points: {Narrow(same)}{Tail(same, BothP)}.",
            Direction.BetterWithinMargin =>
                $"{arm} is better than {against}, by less than the margin of {margin} points: {Narrow(same)}{Tail(same, BothP)}.",
            Direction.Equivalent =>
                $"{arm} is equivalent to {against} within ±{margin} points: {Narrow(same)}{Tail(same, tests => tests.HolmEquivalenceP)}.",
            Direction.UndecidedAfterCorrection =>
                $"{arm} against {against} is undecided after correction: {Wide(same)}, {Seeds(same)}; "
                + $"{P(same, tests => tests.T.PTwoSided)} alone, {P(same, HolmP)} with Holm's correction over "
                + $"{Text.Count(family.Tested)} comparisons{Disagreement(same)}.",
            Direction.Undecided =>
                $"{arm} against {against} is undecided: {Wide(same)}{Tail(same, tests => tests.T.PTwoSided)}{Needed(family, same)}.",
            Direction.OneSeed => $"{arm} is {Below(same, against)} (one seed, no interval).",
            _ => throw new System.Diagnostics.UnreachableException(),
        };
    }

    private static double HolmP(PairedTests tests) => tests.HolmP;

    private static double BothP(PairedTests tests) => Math.Max(tests.HolmP, tests.HolmEquivalenceP);

    /// <summary>
    /// "by 0.74 points [0.51, 0.97] at 5 % and by 1.20 [0.90, 1.50] at 2 %": sizes, without the sign that the sentence says.
    /// </summary>
    private static string Sizes(List<Comparison> same) => Text.List(same.Select((pair, i) =>
    {
        var t = pair.Tests!.T;
        var (low, high) = t.MeanDifference < 0 ? (-t.High95, -t.Low95) : (t.Low95, t.High95);
        return $"by {Text.Size(t.MeanDifference)}{Unit(i)} {Text.Bracket(low, high)} at {pair.At}";
    }));

    /// <summary>"−0.10 points [−0.50, 0.30] at 20 %", with 95 % intervals.</summary>
    private static string Wide(List<Comparison> same) => Text.List(same.Select((pair, i) =>
        $"{Text.Points(pair.Tests!.T.MeanDifference)}{Unit(i)} {Text.Bracket(pair.Tests.T.Low95, pair.Tests.T.High95)} at {pair.At}"));

    /// <summary>The same with 90 % intervals, those of equivalence.</summary>
    private static string Narrow(List<Comparison> same) => Text.List(same.Select((pair, i) =>
    {
        var test = pair.Tests!.Equivalence;
        return $"{Text.Points(pair.Tests.T.MeanDifference)}{Unit(i)} {Text.Bracket(test.Interval.Low, test.Interval.High)} at {pair.At}";
    })) + " (90 % interval)";

    private static string Unit(int i) => i == 0 ? " points" : "";

    /// <summary>"1.01 points below magnitude at 5 % and 0.05 points below at 20 %".</summary>
    private static string Below(List<Comparison> same, string against) => Text.List(same.Select((pair, i) =>
    {
        var mean = pair.Difference.Last!.Mean;
        var other = i == 0 ? $" {against}" : "";
        var words = Text.Points(mean) == "0.00"
            ? i == 0 ? "level with" : "level"
            : $"{Text.Size(mean)} points {(mean < 0 ? "below" : "above")}";
        return $"{words}{other} at {pair.At}";
    }));

    /// <summary>", 10 seeds, p = 0.012", and what the signed-rank test says where it says something else.</summary>
    private static string Tail(List<Comparison> same, Func<PairedTests, double> p) => $", {Seeds(same)}, {P(same, p)}{Disagreement(same)}";

    private static string Seeds(List<Comparison> same)
    {
        var (least, most) = (same.Min(pair => pair.Tests!.T.N), same.Max(pair => pair.Tests!.T.N));
        return least == most ? Text.Seeds(least) : $"{Text.Count(least)} to {Text.Seeds(most)}";
    }

    /// <summary>"p = 0.012", "p &lt; 0.001"; of several the largest: "each p ≤ 0.012".</summary>
    private static string P(List<Comparison> same, Func<PairedTests, double> p)
    {
        var largest = same.Max(pair => p(pair.Tests!));
        return same.Count == 1 || largest < Text.SmallestP ? $"{(same.Count == 1 ? "" : "each ")}p {Text.P(largest)}"
            : $"each p ≤ {Text.P(largest)[2..]}";
    }

    private static string Disagreement(List<Comparison> same)
    {
        var other = same.FindAll(pair => pair.Tests!.WilcoxonDisagrees);
        if (other.Count == 0) return "";
        var where = Text.List(other.Select(pair => $"{pair.At} (p {Text.P(pair.Tests!.Wilcoxon)})"));
        return $"; Wilcoxon's signed-rank test disagrees at {where}";
    }

    /// <summary>"; 12 to 18 seeds would show 0.2 points": over all the cuts, if their spreads can be told.</summary>
    private static string Needed(ComparisonFamily family, List<Comparison> same)
    {
        var needed = same.ConvertAll(pair => pair.Tests!.Needed(family.Margin));
        return needed.Exists(range => range is null)
            ? ""
            : $"; {Text.Seeds(needed.Min(range => range!.Low), needed.Max(range => range!.High ?? int.MaxValue))} would show "
                + $"{Text.Margin(family.Margin)} points";
    }

    /// <summary>One sentence for each reason.</summary>
    private static IEnumerable<string> NotCompared(List<Comparison> all) =>
        from pair in all
        where pair.Direction == Direction.CantBeCompared
        group pair by pair.Reason into reason
        select $"{all[0].Arm} and {all[0].Against} can't be compared at {Text.List(reason.Select(pair => pair.Cut.Label()))}: "
            + $"{reason.Key}.";

    /// <summary>Where two tickets differ in more than which weights of a layer they keep.</summary>
    private static IEnumerable<string> OtherCounts(List<Comparison> all)
    {
        var at = all.FindAll(pair => pair.HasOtherCounts && pair.Direction != Direction.CantBeCompared);
        if (at.Count == 0) yield break;
        yield return $"{at[0].Arm} and {at[0].Against} keep different numbers of weights in each layer at "
            + $"{Text.List(at.Select(pair => pair.Cut.Label()))}: their difference may come from that alone.";
    }

    private static IEnumerable<string> LeftOut(IEnumerable<Comparison> pairs)
    {
        var some = pairs.Where(pair => !pair.LeftOut.IsEmpty && pair.Difference.Last is not null)
            .GroupBy(pair => string.Join(',', pair.LeftOut), StringComparer.Ordinal);
        foreach (var same in some)
        {
            var first = same.First();
            var seeds = $"{(first.LeftOut.Length == 1 ? "seed" : "seeds")} {Text.List(first.LeftOut.Select(seed => seed.ToString()))}";
            yield return $"Only one of both has {seeds}, which {(first.LeftOut.Length == 1 ? "is" : "are")} left out of "
                + $"{Text.List(same.Select(pair => $"{pair.Arm} against {pair.Against} at {pair.Cut.Label()}"))}.";
        }
    }

    /// <summary>What brackets and p are, and what the number of seeds allows.</summary>
    private static IEnumerable<string> Method(ComparisonFamily family, IEnumerable<Comparison> pairs)
    {
        var tested = pairs.Where(pair => pair.Tests is not null).ToList();
        if (tested.Count == 0) yield break;
        var correction = family.Tested == 1
            ? "there is one comparison, so that no correction is needed"
            : $"after Holm's correction over the {Text.Count(family.Tested)} comparisons with {family.Baseline}";
        yield return "Differences are in points of test accuracy after the last step, paired by seed; brackets are 95 % intervals where "
            + "nothing else is said; p is that of the paired t test, for equivalence of two one-sided ones against "
            + $"{Text.Margin(family.Margin)} points, {correction}; where it is undecided, p is uncorrected.";
        var least = tested.Min(pair => pair.Tests!.LeastWilcoxon);
        if (least >= PairedTests.Level)
        {
            yield return $"With {Text.Seeds(tested.Max(pair => pair.Tests!.T.N))} Wilcoxon's signed-rank test can't reach "
                + $"{PairedTests.Level.ToString(CultureInfo.InvariantCulture)} whatever the differences are (its smallest p is "
                + $"{least.ToString("0.####", CultureInfo.InvariantCulture)}), so that it confirms nothing here.";
        }
        foreach (var sentence in Plan(family, tested)) yield return sentence;
    }

    /// <summary>How many seeds the undecided ones need, by the spread that was observed.</summary>
    private static IEnumerable<string> Plan(ComparisonFamily family, List<Comparison> tested)
    {
        var undecided = tested.FindAll(pair => pair.Direction is Direction.Undecided or Direction.UndecidedAfterCorrection);
        if (undecided.Count == 0) yield break;
        var planned = undecided.FindAll(pair => pair.Tests!.Needed(family.Margin) is not null);
        if (planned.MaxBy(pair => pair.Tests!.T.SdDifference) is not { } widest)
        {
            yield return "From five seeds on the observed spread says how many more would show a difference.";
            yield break;
        }
        var ranges = Planned.Select(delta => (Delta: delta, Needed: widest.Tests!.Needed(delta)!))
            .Select(plan => $"{Text.Seeds(plan.Needed.Low, plan.Needed.High)} for {Text.Margin(plan.Delta)} points");
        yield return $"To show a difference with 80 % power takes {Text.List(ranges)}, at the spread of {widest.Arm} against "
            + $"{widest.Against} at {widest.At}, the widest undecided one with {family.Baseline}.";
    }
}
