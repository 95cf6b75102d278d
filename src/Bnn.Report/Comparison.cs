using System.Collections.Immutable;

namespace Bnn.Report;

/// <summary>What a paired difference shows.</summary>
public enum Direction
{
    /// <summary>The 95 % interval lies above 0.</summary>
    Better,

    /// <summary>It lies below 0.</summary>
    Worse,

    /// <summary>It holds 0: these seeds show no difference, which isn't to say that there is none.</summary>
    NotShown,

    /// <summary>One pair: a difference without an interval.</summary>
    OneSeed,

    /// <summary>No seed has both.</summary>
    NotEnough,
}

/// <summary>A strategy against a baseline at equal sparsity.</summary>
/// <param name="Density">Mean kept share of the strategy's tickets.</param>
/// <param name="Difference">Test accuracy of strategy − baseline, paired by seed.</param>
/// <param name="Direction">Of the last step's difference.</param>
public sealed record Comparison(string Strategy, string Against, CutPoint Cut, double? Density, Differences Difference, Direction Direction)
{
    /// <summary>"5 % of the weights"; with a threshold the share that it led to.</summary>
    public string Where => Cut.Target is not null
        ? $"{Cut.Label} of the weights"
        : Density is { } density ? $"{Cut.Label} ({Text.Share(density)} of the weights)" : Cut.Label;

    /// <summary>Asked strategies against magnitude and against random, and where one of these was asked for, all others against it.</summary>
    internal static IEnumerable<Comparison> All(
        ImmutableArray<string> strategies, ImmutableArray<string> asked, ImmutableArray<CutPoint> cuts, ImmutableArray<GroupSummary> groups) =>
        from baseline in (string[])[Summary.Magnitude, Summary.Random]
        where strategies.Contains(baseline)
        from strategy in strategies
        where strategy != baseline && (asked.Contains(strategy) || asked.Contains(baseline))
        where !(baseline == Summary.Magnitude && strategy == Summary.Random)   // it comes the other way round
        from cut in cuts
        let own = groups.FirstOrDefault(g => g.Strategy == strategy && g.Cut == cut)
        let other = groups.FirstOrDefault(g => g.Strategy == baseline && g.Cut == cut)
        where own is not null && other is not null
        select Of(own, other, cut);

    private static Comparison Of(GroupSummary own, GroupSummary other, CutPoint cut)
    {
        var difference = new Differences(
            PairedDifference.Of(own.Finished, other.Finished, run => run.TestAccuracyLast),
            PairedDifference.Of(own.Finished, other.Finished, run => run.TestAccuracyEarlyStop));
        return new Comparison(own.Name, other.Name, cut, own.Density, difference, DirectionOf(difference.Last));
    }

    private static Direction DirectionOf(PairedDifference? difference) => difference switch
    {
        null => Direction.NotEnough,
        { Interval: null } => Direction.OneSeed,
        { Interval.Low: > 0 } => Direction.Better,
        { Interval.High: < 0 } => Direction.Worse,
        _ => Direction.NotShown,
    };
}
