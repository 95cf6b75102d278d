using System.Collections.Immutable;
using Bnn.Core;

namespace Bnn.Report;

/// <summary>Whether a ticket wins.</summary>
public enum Outcome
{
    /// <summary>Not a ticket: the dense and the Bayesian net.</summary>
    NotJudged,
    Wins,
    DoesNotWin,

    /// <summary>Its numbers support neither of the two.</summary>
    CantBeJudged,
}

/// <summary>
/// One seed: a ticket wins when it stops early no later than the dense net and its test accuracy after the last step is no lower.
/// Several: when the lower end of the 95 % interval of the paired difference to the dense net, after the last step, is −0.2 points or
/// higher, and, where several tickets are judged, the one-sided t test against −0.2 points has p below 0.025 after Holm's correction over
/// all of them. A loss is shown by the same test on the other side.
/// </summary>
/// <remarks>
/// It can't be judged beside a dense net that is no better than chance, by a mask without a path or a criterion made of a net at chance, by
/// one seed of which a training still improved at its last step, or by an interval of width 0. A ticket at chance beside a dense net that
/// has learned doesn't win.
/// </remarks>
/// <param name="Reason">In words, with the numbers that decided.</param>
public sealed record Verdict(Outcome Outcome, string Reason)
{
    /// <summary>Loss of accuracy that a winning ticket of several seeds may not exceed: 0.2 points.</summary>
    public const double Margin = 0.002;

    /// <summary>
    /// Accuracies are counts of images over their total: differences carry rounding errors of 1e-16, and no real difference is this small.
    /// </summary>
    private const double Rounding = 1e-12;

    /// <summary>The level of the two one-sided tests: each end of a 95 % interval leaves out as much.</summary>
    public const double Level = 0.025;

    public static Verdict None { get; } = new(Outcome.NotJudged, "");

    /// <summary>The tests against the margin; null where an interval isn't what decided.</summary>
    public MarginTests? Tests { get; init; }

    /// <summary>Whether a loss of more than the margin is shown, and not only not ruled out.</summary>
    public bool ShowsLoss { get; init; }

    /// <summary>"wins", "does not win", "can't be judged"; empty for what isn't judged.</summary>
    public string Word => Outcome switch
    {
        Outcome.Wins => "wins",
        Outcome.DoesNotWin => "does not win",
        Outcome.CantBeJudged => "can't be judged",
        _ => "",
    };

    internal static Verdict Of(GroupMembers ticket, GroupMembers? dense, PairedDifference? toDense, Hindrance? hindrance) => toDense switch
    {
        _ when ticket.Finished.IsEmpty => Cant("no seed of it has finished"),
        _ when dense is null || dense.Finished.IsEmpty => Cant("no dense net has finished to compare with"),
        null => Cant("no seed has both the ticket and the dense net"),
        _ when dense.AtChance.Intersect(toDense.Seeds).Any() => Cant($"the dense net is no better than {dense.Chance.Answer}"),
        _ when hindrance is not null => Cant(hindrance.Reason),
        { Interval: { } interval } => interval.HasNoWidth() ? Cant(NoWidth(toDense)) : Beside(OfInterval(interval), ticket, dense),
        { Seeds: [var seed, ..] } => OfOne(Of(ticket, seed), Of(dense, seed)),
        _ => throw new System.Diagnostics.UnreachableException(),
    };

    /// <summary>Why an interval of width 0 shows nothing.</summary>
    internal static string NoWidth(PairedDifference difference) =>
        $"the differences of all {Text.Seeds(difference.N)} are the same ({Text.Points(difference.Mean)} points), and an interval of width "
        + "0 shows no spread to judge by";

    /// <summary>Whether the training's early stop is its last step: more steps might have given more.</summary>
    internal static bool StillImproved(FinishedTraining training) =>
        training.Record.EarlyStopStep is { } stop && stop >= (training.Rows is [.., var last] ? last.Step : training.Training.Cell.Steps);

    /// <summary>How many seeds would rule out a loss if there were none; null where the spread isn't known well enough.</summary>
    internal static SeedsNeeded? SeedsToRuleOut(PairedDifference toDense) => SeedsPlanner.Needed(Margin, toDense.Values);

    private static Verdict Cant(string reason) => new(Outcome.CantBeJudged, reason);

    private static FinishedTraining Of(GroupMembers group, Seed seed) =>
        group.Finished.First(finished => finished.Training.Seed == seed);

    private static Verdict OfInterval(TInterval interval)
    {
        const string The = "the 95 % interval of the difference to dense";
        var (low, high, margin) = (Text.Points(interval.Low), Text.Points(interval.High), Text.Points(-Margin));
        return interval switch
        {
            _ when interval.Low >= -Margin - Rounding => new(Outcome.Wins, $"{The} starts at {low} points, not below {margin}")
            {
                Tests = MarginTests.Of(interval),
            },
            _ when interval.High < -Margin => new(
                Outcome.DoesNotWin, $"{The} ends at {high} points, below {margin}: the loss is shown")
            {
                Tests = MarginTests.Of(interval),
                ShowsLoss = true,
            },
            _ => new(
                Outcome.DoesNotWin,
                $"{The} starts at {low} points: {Text.Seeds(interval.N)} can't rule out a loss beyond {margin}")
            {
                Tests = MarginTests.Of(interval),
            },
        };
    }

    /// <summary>
    /// The verdicts after Holm's correction over all that intervals decided, where there are several: what one ticket's interval shows may
    /// be chance among so many.
    /// </summary>
    internal static ImmutableArray<Verdict> Corrected(ImmutableArray<Verdict> verdicts)
    {
        int[] judged = [.. Enumerable.Range(0, verdicts.Length).Where(i => verdicts[i].Tests is not null)];
        if (judged.Length < 2) return verdicts;
        var noLoss = MultipleTesting.Holm([.. judged.Select(i => verdicts[i].Tests!.PNoLoss)]);
        var loss = MultipleTesting.Holm([.. judged.Select(i => verdicts[i].Tests!.PLoss)]);
        var corrected = verdicts.ToBuilder();
        for (var n = 0; n < judged.Length; n++)
        {
            var verdict = verdicts[judged[n]];
            verdict = verdict with { Tests = verdict.Tests! with { Tickets = judged.Length } };
            corrected[judged[n]] = verdict switch
            {
                { Outcome: Outcome.Wins } when !(noLoss[n] < Level) => verdict.Uncertain(noLoss[n], judged.Length),
                { ShowsLoss: true } when !(loss[n] < Level) => verdict.Uncertain(loss[n], judged.Length),
                _ => verdict,
            };
        }
        return corrected.ToImmutable();
    }

    private Verdict Uncertain(double p, int tickets) => this with
    {
        Outcome = Outcome.DoesNotWin,
        ShowsLoss = false,
        Reason = $"{Reason}; but among {Text.Count(tickets)} tickets one such interval is no proof: p {Text.P(p)} after Holm’s correction, "
            + $"which would have to be below {Level.ToString(System.Globalization.CultureInfo.InvariantCulture)}",
    };

    /// <summary>The verdict of several seeds, with what a reader should know beside it.</summary>
    private static Verdict Beside(Verdict verdict, GroupMembers ticket, GroupMembers dense)
    {
        var (tickets, nets) = (ticket.Finished.Count(StillImproved), dense.Finished.Count(StillImproved));
        return tickets + nets == 0
            ? verdict
            : verdict with
            {
                Reason = $"{verdict.Reason}; still improving when they ended: {Text.Count(tickets)} of "
                    + $"{Text.Count(ticket.Finished.Length)} tickets, {Text.Count(nets)} of {Text.Count(dense.Finished.Length)} dense nets",
            };
    }

    private static Verdict OfOne(FinishedTraining ticket, FinishedTraining dense)
    {
        if (ticket.Record.EarlyStopStep is not { } step || dense.Record.EarlyStopStep is not { } denseStep)
            return Cant("no early stop to compare: without validation images one seed can't be judged");
        var still = (StillImproved(ticket), StillImproved(dense)) switch
        {
            (true, true) => "the ticket and the dense net were",
            (true, false) => "the ticket was",
            (false, true) => "the dense net was",
            _ => null,
        };
        if (still is not null) return Cant($"{still} still improving at the last step, so one seed shows no early stop to compare");
        var (soon, accurate) = (step <= denseStep, ticket.Record.TestAccuracyLast >= dense.Record.TestAccuracyLast);
        var difference = Text.Points(ticket.Record.TestAccuracyLast - dense.Record.TestAccuracyLast);
        var reason = $"early stop at step {Text.Count(step)}, dense at {Text.Count(denseStep)}; "
            + $"last step {difference} points to dense; one seed";
        return new(soon && accurate ? Outcome.Wins : Outcome.DoesNotWin, reason);
    }
}

/// <summary>One-sided t tests of a ticket's paired difference to the dense net against the margin m.</summary>
/// <param name="PNoLoss">p for the alternative that the mean difference is above −m.</param>
/// <param name="PLoss">p for the alternative that it is below −m.</param>
public sealed record MarginTests(double PNoLoss, double PLoss)
{
    /// <summary>How many tickets Holm's correction is over.</summary>
    public int Tickets { get; init; } = 1;

    public static MarginTests Of(TInterval interval)
    {
        var t = (interval.Mean + Verdict.Margin) / interval.Sem;
        return new MarginTests(StudentT.UpperTail(t, interval.N - 1), StudentT.UpperTail(-t, interval.N - 1));
    }
}
