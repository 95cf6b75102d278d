using Bnn.Core;

namespace Bnn.Report;

/// <summary>What a paired difference shows.</summary>
public enum Direction
{
    /// <summary>The 95 % interval is above 0.</summary>
    Better,

    /// <summary>The 95 % interval is below 0.</summary>
    Worse,

    /// <summary>The interval contains 0: these seeds show no difference, which doesn't mean that there is none.</summary>
    NotShown,

    /// <summary>One pair: a difference without an interval.</summary>
    OneSeed,

    /// <summary>Its numbers say nothing; <see cref="Comparison.Reason"/> has why.</summary>
    CantBeCompared,
}

/// <summary>An arm against a baseline or a control at equal sparsity.</summary>
/// <param name="Against">The strategy compared with.</param>
/// <param name="Density">Mean kept share of the arm's tickets.</param>
/// <param name="Difference">Test accuracy of arm − baseline, paired by seed.</param>
/// <param name="Direction">The direction of the last step's difference.</param>
/// <param name="Reason">Why the two can't be compared; empty where they can.</param>
public sealed record Comparison(
    string Arm, string Against, CutPoint Cut, double? Density, Differences Difference, Direction Direction, string Reason)
{
    /// <summary>Whether some seed's two tickets keep different numbers of weights in a layer.</summary>
    public bool HasOtherCounts { get; init; }

    /// <summary>"5 % of the weights"; for a threshold the share that it led to.</summary>
    public string Where => Cut.Target is not null
        ? $"{Cut.Label()} of the weights"
        : Density is { } density ? $"{Cut.Label()} ({Text.Share(density)} of the weights)" : Cut.Label();

    /// <summary>
    /// Asked arms against baselines and controls, and where one of these was asked for, all others against it. Each pair in one direction.
    /// </summary>
    internal static IEnumerable<Comparison> All(Summary summary) =>
        from reference in summary.Baselines.Concat(summary.Controls)
        from arm in summary.Arms
        where arm.Strategy != reference && (summary.IsAsked(arm.Name) || summary.Roles.Asked.Contains(reference))
        where !ComesTheOtherWay(summary, arm.Strategy, reference)
        from cut in summary.Cuts
        from own in summary.Tickets
        where own.Name == arm.Name && own.Cut == cut && own.Cell.Control is null
        let other = summary.Counterpart(own, reference)
        where other is not null
        select Of(own, other, reference, cut);

    /// <summary>A baseline is compared with controls and with the baselines before it, not they with it.</summary>
    private static bool ComesTheOtherWay(Summary summary, string strategy, string reference)
    {
        var (own, other) = (summary.Roles.References.IndexOf(strategy), summary.Roles.References.IndexOf(reference));
        if (own < 0) return false;
        var (isControl, isBaseline) = (summary.Roles.Controls.Contains(strategy), summary.Roles.Baselines.Contains(reference));
        return isControl == isBaseline ? isControl : own < other;
    }

    private static Comparison Of(GroupSummary own, GroupSummary other, string reference, CutPoint cut)
    {
        var difference = new Differences(
            PairedDifference.Of(own.Finished, other.Finished, record => record.TestAccuracyLast),
            PairedDifference.Of(own.Finished, other.Finished, record => record.TestAccuracyEarlyStop));
        var reason = WhyNot(own, other, difference.Last);
        var direction = reason.Length > 0 ? Direction.CantBeCompared : DirectionOf(difference.Last!);
        return new Comparison(own.Name, reference, cut, own.Density, difference, direction, reason)
        {
            HasOtherCounts = own.Finished.Any(one => other.Finished.Any(two =>
                one.Training.Seed == two.Training.Seed && !one.Record.Kept.SequenceEqual(two.Record.Kept))),
        };
    }

    /// <summary>Where two nets of one seed are at chance, how they differ says nothing; where one is, it is the worse.</summary>
    private static string WhyNot(GroupSummary own, GroupSummary other, PairedDifference? difference) => difference switch
    {
        null => "no seed has both",
        _ when own.Hindrance is { } hindrance => hindrance.ReasonOf(own.Name),
        _ when other.Hindrance is { } hindrance => hindrance.ReasonOf(other.Name),
        _ when own.AtChance.Intersect(other.AtChance).Any() => $"both are no better than {own.Chance.Answer}",
        { Interval: { } interval } when interval.HasNoWidth() => Verdict.NoWidth(difference),
        _ => "",
    };

    private static Direction DirectionOf(PairedDifference difference) => difference switch
    {
        { Interval: null } => Direction.OneSeed,
        { Interval.Low: > 0 } => Direction.Better,
        { Interval.High: < 0 } => Direction.Worse,
        _ => Direction.NotShown,
    };
}
