using System.Collections.Immutable;
using Bnn.Core;

namespace Bnn.Report;

/// <summary>Two tickets that are compared.</summary>
/// <param name="Against">What the second is called.</param>
public sealed record TicketPair(GroupSummary Own, GroupSummary Other, string Against)
{
    /// <summary>The factor in which they are meant to differ; null where it is how their masks are found, or the arm.</summary>
    public string? By { get; init; }
}

/// <summary>
/// All that is compared with one baseline: Holm's correction is over these, since whoever asks for all of them reads whichever comes out.
/// </summary>
/// <param name="Baseline">A strategy or an arm, as it was asked for.</param>
/// <param name="Margin">A difference of accuracy that counts as none, a fraction.</param>
/// <param name="Pairs">Arm by arm, cut by cut.</param>
public sealed record ComparisonFamily(string Baseline, double Margin, ImmutableArray<Comparison> Pairs)
{
    private const int Digits = 12;

    /// <summary>The comparisons that have tests, and so count in the correction.</summary>
    public int Tested => Pairs.Count(pair => pair.Tests is not null);

    /// <summary>
    /// Those that the experiment asks for; without any, each baseline, and in any case each control: asked arms are compared with it, and
    /// where it was itself asked for, all others.
    /// </summary>
    internal static IEnumerable<ComparisonFamily> All(Summary summary, ImmutableArray<AskedComparison> asked)
    {
        foreach (var one in asked)
            yield return Of(one.Baseline, (one.Margin ?? 100 * Verdict.Margin) / 100, AskedPairs(summary, one.Baseline));
        var usual = (asked.IsEmpty ? summary.Baselines : []).Concat(summary.Controls);
        foreach (var reference in usual.Where(reference => asked.All(one => one.Baseline != reference)))
            yield return Of(reference, Verdict.Margin, UsualPairs(summary, reference));
    }

    /// <summary>What a factor's values can be compared with, and by.</summary>
    public const string ByStrategy = Factor.Strategy, ByArm = "arm";

    /// <summary>The factors that tickets can be compared by: strategy, arm, and each whose values differ.</summary>
    public static ImmutableArray<string> Factors(Summary summary) => [
        ByStrategy, .. summary.Tickets.Any(ticket => !ticket.Cell.Arms.IsEmpty) ? (string[])[ByArm] : [],
        .. VaryingFactors.Of([.. summary.Tickets.Select(ticket => ticket.Cell)])];

    /// <summary>
    /// Each ticket against the one that has another value of a factor and is the same in everything else.
    /// </summary>
    /// <param name="by">One of <see cref="Factors"/>.</param>
    /// <param name="baseline">The factor's value that the others are compared with.</param>
    /// <returns>The pairs, or a fault that names the factors or the values that there are.</returns>
    public static Result<ImmutableArray<TicketPair>> PairsBy(Summary summary, string by, string baseline)
    {
        if (!Factors(summary).Contains(by)) return new Fault.UnknownName("factor", by, Factors(summary));
        ImmutableArray<string> values = [
            .. summary.Tickets.Where(ticket => ticket.Cell.Control is null)
                .SelectMany(ticket => by == ByArm ? [.. ticket.Cell.Arms] : (string?[])[ticket.Cell[by]])
                .OfType<string>()
                .Distinct(StringComparer.Ordinal)];
        if (!values.Contains(baseline)) return new Fault.UnknownName(by, baseline, values);
        return by is ByStrategy or ByArm
            ? AskedPairs(summary, baseline).ToImmutableArray()
            : OfFactor(summary, by, baseline).ToImmutableArray();
    }

    private static IEnumerable<TicketPair> OfFactor(Summary summary, string factor, string baseline) =>
        from arm in summary.Arms
        from own in OfArm(summary, arm.Name)
        where own.Cell[factor] is { } value && value != baseline
        let other = Summary.Only(
            summary.Tickets,
            other => other.Cut == own.Cut && other.Cell.Control is null && other.Strategy == own.Strategy && other.Cell[factor] == baseline
                && VaryingFactors.DifferInNothingBut(factor, own.Cell, other.Cell))
        where other is not null
        select new TicketPair(own, other, other.Name) { By = factor };

    /// <summary>Makes a family of pairs: their tests, corrected together.</summary>
    public static ComparisonFamily Of(string baseline, double margin, IEnumerable<TicketPair> pairs)
    {
        var all = pairs.Select(pair => (Pair: Comparison.Of(pair), pair.Own, pair.Other)).ToList();
        var tested = all.FindAll(item => item.Pair.Direction == Direction.Undecided);
        var values = tested.ConvertAll(item => Values(item.Own, item.Other));
        var t = values.ConvertAll(pair => PairedT.Of(pair.X, pair.Y));
        var equivalence = values.ConvertAll(pair => Equivalence.Of(Difference(pair), margin));
        var holm = MultipleTesting.Holm([.. t.Select(test => test.PTwoSided)]);
        var holmEquivalence = MultipleTesting.Holm([.. equivalence.Select(test => test.P)]);
        var done = new Dictionary<Comparison, Comparison>(ReferenceEqualityComparer.Instance);
        for (var i = 0; i < tested.Count; i++)
        {
            var d = Difference(values[i]);
            var tests = new PairedTests(
                t[i], holm[i], equivalence[i], holmEquivalence[i], Wilcoxon.Of(d).PTwoSided, Wilcoxon.SmallestP(d.Count(x => x != 0)),
                [.. d]);
            var pair = tested[i].Pair;
            done[pair] = pair with { Tests = tests, Direction = DirectionOf(tests) };
        }
        return new ComparisonFamily(baseline, margin, [.. all.Select(item => done.GetValueOrDefault(item.Pair, item.Pair))]);
    }

    private static Direction DirectionOf(PairedTests tests) => (tests.DiffersAfterCorrection, tests.IsEquivalent, tests.T) switch
    {
        (true, true, { MeanDifference: > 0 }) => Direction.BetterWithinMargin,
        (true, true, _) => Direction.WorseWithinMargin,
        (true, false, { MeanDifference: > 0 }) => Direction.Better,
        (true, false, _) => Direction.Worse,
        (false, true, _) => Direction.Equivalent,
        (false, false, { PTwoSided: < PairedTests.Level }) => Direction.UndecidedAfterCorrection,
        _ => Direction.Undecided,
    };

    private static (double[] X, double[] Y) Values(GroupSummary own, GroupSummary other)
    {
        var pairs = (
            from one in own.Finished
            join two in other.Finished on one.Training.Seed equals two.Training.Seed
            select (one.Record.TestAccuracyLast, two.Record.TestAccuracyLast)).ToList();
        return ([.. pairs.Select(pair => pair.Item1)], [.. pairs.Select(pair => pair.Item2)]);
    }

    /// <summary>Rounded so that equal numbers of images are equal differences: ranks must see their ties.</summary>
    private static double[] Difference((double[] X, double[] Y) pair) => [.. pair.X.Zip(pair.Y, (x, y) => Math.Round(x - y, Digits))];

    private static IEnumerable<TicketPair> UsualPairs(Summary summary, string reference) =>
        from arm in summary.Arms
        where arm.Strategy != reference && (summary.IsAsked(arm.Name) || summary.Roles.Asked.Contains(reference))
        where !ComesTheOtherWay(summary, arm.Strategy, reference)
        from own in OfArm(summary, arm.Name)
        let other = summary.Counterpart(own, reference)
        where other is not null
        select new TicketPair(own, other, reference);

    /// <summary>A baseline is compared with controls and with the baselines before it, not they with it.</summary>
    private static bool ComesTheOtherWay(Summary summary, string strategy, string reference)
    {
        var (own, other) = (summary.Roles.References.IndexOf(strategy), summary.Roles.References.IndexOf(reference));
        if (own < 0) return false;
        var (isControl, isBaseline) = (summary.Roles.Controls.Contains(strategy), summary.Roles.Baselines.Contains(reference));
        return isControl == isBaseline ? isControl : own < other;
    }

    /// <summary>An arm's tickets that aren't controls, in the order of the cuts.</summary>
    private static IEnumerable<GroupSummary> OfArm(Summary summary, string arm) =>
        from cut in summary.Cuts
        from own in summary.Tickets
        where own.Name == arm && own.Cut == cut && own.Cell.Control is null
        select own;

    private static IEnumerable<TicketPair> AskedPairs(Summary summary, string baseline)
    {
        var isArm = summary.Tickets.Any(group => group.Cell.Arms.Contains(baseline));
        return
            from arm in summary.Arms
            from own in OfArm(summary, arm.Name)
            let other = isArm ? InArm(summary, own, baseline)
                : own.Strategy == baseline ? Plain(summary, own)
                : summary.Counterpart(own, baseline)
            where other is not null
            select new TicketPair(own, other, own.Strategy != baseline && !isArm ? baseline : other.Name);
    }

    /// <summary>
    /// The ticket of an arm that a ticket of another arm is compared with: at its cut, of its strategy if the arm has that one, and else of
    /// the one that it has.
    /// </summary>
    private static GroupSummary? InArm(Summary summary, GroupSummary own, string arm)
    {
        if (own.Cell.Arms.Contains(arm)) return null;
        var there = summary.Tickets
            .Where(other => other.Cut == own.Cut && other.Cell.Control is null && other.Cell.Arms.Contains(arm))
            .ToList();
        var same = there.FindAll(other => other.Strategy == own.Strategy);
        var fitting = same.Count > 0 ? same : there;
        return Summary.Only(fitting, _ => true) ?? Summary.Only(fitting, other => other.Cell.AgreesWith(own.Cell));
    }

    /// <summary>The ticket of the same strategy at the same cut that has nothing unusual, where this one has.</summary>
    private static GroupSummary? Plain(Summary summary, GroupSummary own) => Summary.Only(
        summary.Tickets,
        other => other.Cut == own.Cut && other.Cell.Control is null && other.Strategy == own.Strategy
            && VaryingFactors.IsVariantOf(own.Cell, other.Cell));
}
