using System.Collections.Immutable;
using Bnn.Core;

namespace Bnn.Report;

/// <summary>What a paired difference shows.</summary>
public enum Direction
{
    /// <summary>Better, by the paired t test after Holm's correction.</summary>
    Better,

    /// <summary>Better, and by less than the margin: both tests hold.</summary>
    BetterWithinMargin,

    /// <summary>Worse, by the paired t test after Holm's correction.</summary>
    Worse,

    /// <summary>Worse, and by less than the margin: both tests hold.</summary>
    WorseWithinMargin,

    /// <summary>No difference is shown, and one as large as the margin is ruled out.</summary>
    Equivalent,

    /// <summary>The 95 % interval leaves 0 out, but among so many comparisons that happens by chance too.</summary>
    UndecidedAfterCorrection,

    /// <summary>These seeds show neither a difference nor that there is none.</summary>
    Undecided,

    /// <summary>One pair: a difference without an interval.</summary>
    OneSeed,

    /// <summary>Its numbers say nothing; <see cref="Comparison.Reason"/> has why.</summary>
    CantBeCompared,
}

/// <summary>The tests of one paired difference of test accuracy after the last step. Accuracies are fractions.</summary>
/// <param name="T">Student's paired t test, with the 95 % interval.</param>
/// <param name="HolmP">Its two-sided p after Holm's correction over the family.</param>
/// <param name="Equivalence">Two one-sided t tests against the margin, with the 90 % interval.</param>
/// <param name="HolmEquivalenceP">The larger of their two p after Holm's correction over the family.</param>
/// <param name="Wilcoxon">The signed-rank test's two-sided p, exact; NaN where no difference is left.</param>
/// <param name="LeastWilcoxon">The smallest p that as many differences can reach in that test.</param>
/// <param name="Values">The differences themselves, seed by seed.</param>
public sealed record PairedTests(
    PairedT T, double HolmP, Equivalence Equivalence, double HolmEquivalenceP, double Wilcoxon, double LeastWilcoxon,
    ImmutableArray<double> Values)
{
    /// <summary>The level of every test.</summary>
    public const double Level = 0.05;

    public bool DiffersAfterCorrection => HolmP < Level;

    public bool IsEquivalent => HolmEquivalenceP < Level;

    /// <summary>How many seeds show a difference with 80 % power, as a range; null below five seeds.</summary>
    /// <param name="difference">Of accuracies, a fraction.</param>
    public SeedsNeeded? Needed(double difference) => SeedsPlanner.Needed(difference, Values);

    /// <summary>
    /// Whether the signed-rank test, where it can reach the level, says something else than the t test, both uncorrected.
    /// </summary>
    public bool WilcoxonDisagrees =>
        LeastWilcoxon < Level && double.IsFinite(Wilcoxon) && T.PTwoSided < Level != Wilcoxon < Level;
}

/// <summary>An arm against a baseline or a control at equal sparsity.</summary>
/// <param name="Against">The name of what it is compared with.</param>
/// <param name="Density">Mean kept share of the arm's tickets.</param>
/// <param name="Difference">Test accuracy of arm − baseline, paired by seed.</param>
/// <param name="Direction">What the last step's difference shows.</param>
/// <param name="Reason">Why the two can't be compared; empty where they can.</param>
public sealed record Comparison(
    string Arm, string Against, CutPoint Cut, double? Density, Differences Difference, Direction Direction, string Reason)
{
    /// <summary>The tests; null for one seed and where the two can't be compared.</summary>
    public PairedTests? Tests { get; init; }

    /// <summary>
    /// The arm's mean early-stop step as a share of the baseline's, with its 95 % interval; null below five pairs of early stops.
    /// </summary>
    public RatioOfMeans? EarlyStop { get; init; }

    /// <summary>Whether some seed's two tickets keep different numbers of weights in a layer.</summary>
    public bool HasOtherCounts { get; init; }

    /// <summary>The seeds that only one of both has, which are left out.</summary>
    public ImmutableArray<Seed> LeftOut { get; init; } = [];

    /// <summary>What it shows, in a few words.</summary>
    public string Words => Direction switch
    {
        Direction.Better => "better",
        Direction.BetterWithinMargin => "better, within the margin",
        Direction.Worse => "worse",
        Direction.WorseWithinMargin => "worse, within the margin",
        Direction.Equivalent => "equivalent",
        Direction.UndecidedAfterCorrection => "undecided after correction",
        Direction.Undecided => "undecided",
        Direction.OneSeed => "one seed",
        _ => "can't be compared",
    };

    /// <summary>"5 %"; for a threshold or a round with the share that it led to.</summary>
    public string At => Cut.Target is not null || Density is not { } density ? Cut.Label() : $"{Cut.Label()} ({Text.Share(density)})";

    /// <summary>"5 % of the weights"; for a threshold the share that it led to.</summary>
    public string Where => Cut.Target is not null
        ? $"{Cut.Label()} of the weights"
        : Density is { } density ? $"{Cut.Label()} ({Text.Share(density)} of the weights)" : Cut.Label();

    /// <summary>A pair before its family corrects it: one without tests is done.</summary>
    internal static Comparison Of(TicketPair pair)
    {
        var (own, other, against) = pair;
        var difference = new Differences(
            PairedDifference.Of(own.Finished, other.Finished, record => record.TestAccuracyLast),
            PairedDifference.Of(own.Finished, other.Finished, record => record.TestAccuracyEarlyStop));
        var reason = WhyNot(pair, difference.Last);
        var direction = reason.Length > 0 ? Direction.CantBeCompared
            : difference.Last!.Interval is null ? Direction.OneSeed
            : Direction.Undecided;
        var (mine, others) = (own.Finished.Select(SeedOf).ToHashSet(), other.Finished.Select(SeedOf).ToHashSet());
        return new Comparison(own.Name, against, own.Cut!, own.Density, difference, direction, reason)
        {
            EarlyStop = RatioOf(own, other),
            LeftOut = [.. mine.Except(others).Concat(others.Except(mine)).OrderBy(seed => seed.Value)],
            HasOtherCounts = own.Finished.Any(one => other.Finished.Any(two =>
                SeedOf(one) == SeedOf(two) && !one.Record.Kept.SequenceEqual(two.Record.Kept))),
        };

        static Seed SeedOf(FinishedTraining finished) => finished.Training.Seed;
    }

    private static RatioOfMeans? RatioOf(GroupSummary own, GroupSummary other)
    {
        var pairs =
            from one in own.Finished
            join two in other.Finished on one.Training.Seed equals two.Training.Seed
            where one.Record.EarlyStopStep is > 0 && two.Record.EarlyStopStep is > 0
            orderby one.Training.Seed.Value
            select (Own: (double)one.Record.EarlyStopStep!.Value, Other: (double)two.Record.EarlyStopStep!.Value);
        var steps = pairs.ToList();
        return RatioOfMeans.Of(steps.ConvertAll(pair => pair.Own), steps.ConvertAll(pair => pair.Other));
    }

    /// <summary>Where two nets of one seed are at chance, how they differ says nothing; where one is, it is the worse.</summary>
    private static string WhyNot(TicketPair pair, PairedDifference? difference)
    {
        var (own, other, _) = pair;
        return difference switch
        {
            null => "no seed has both",
            _ when pair.By != Factor.Data && own.Cell[Factor.Data] != other.Cell[Factor.Data] => "they were trained on different data",
            _ when pair.By != TrainingSettings.Layers.Name && own.Cell.Net.ToString() != other.Cell.Net.ToString() =>
                $"their networks differ: {own.Cell.Net} and {other.Cell.Net}",
            _ when own.Hindrance is { } hindrance => hindrance.ReasonOf(own.Name),
            _ when other.Hindrance is { } hindrance => hindrance.ReasonOf(other.Name),
            _ when own.AtChance.Intersect(other.AtChance).Any() => $"both are no better than {own.Chance.Answer}",
            { Interval: { } interval } when interval.HasNoWidth() => Verdict.NoWidth(difference),
            _ => "",
        };
    }
}
