using Bnn.Core;

namespace Bnn.Report;

/// <summary>Whether a ticket wins.</summary>
public enum Outcome
{
    /// <summary>Not a ticket: the dense and the Bayesian net.</summary>
    NotJudged,
    Wins,
    DoesNotWin,
    NotEnough,
}

/// <summary>
/// One seed: a ticket wins when it stops early no later than the dense net and its test accuracy after the last step is no lower.
/// Several: when the lower end of the 95 % interval of the paired difference to the dense net, after the last step, is −0.2 points or
/// higher.
/// </summary>
/// <param name="Reason">In words, with the numbers that decided.</param>
public sealed record Verdict(Outcome Outcome, string Reason)
{
    /// <summary>Loss of accuracy that a winning ticket of several seeds may not exceed: 0.2 points.</summary>
    public const double Margin = 0.002;

    /// <summary>
    /// Accuracies are counts of images over their total: differences carry rounding errors of 1e-16, and no real difference is this small.
    /// </summary>
    private const double Rounding = 1e-12;

    public static Verdict None { get; } = new(Outcome.NotJudged, "");

    /// <summary>"wins", "does not win", "not enough"; empty for what isn't judged.</summary>
    public string Word => Outcome switch
    {
        Outcome.Wins => "wins",
        Outcome.DoesNotWin => "does not win",
        Outcome.NotEnough => "not enough",
        _ => "",
    };

    internal static Verdict Of(GroupMembers ticket, GroupMembers? dense, PairedDifference? toDense) => toDense switch
    {
        _ when ticket.Finished.IsEmpty => new(Outcome.NotEnough, "no seed of it has finished"),
        _ when dense is null || dense.Finished.IsEmpty => new(Outcome.NotEnough, "no dense net has finished to compare with"),
        null => new(Outcome.NotEnough, "no seed has both the ticket and the dense net"),
        { Interval: { } interval } => OfInterval(interval),
        { Seeds: [var seed, ..] } => OfOne(RecordOf(ticket, seed), RecordOf(dense, seed)),
        _ => throw new System.Diagnostics.UnreachableException(),
    };

    private static TrainingRecord RecordOf(GroupMembers group, Seed seed) =>
        group.Finished.First(finished => finished.Training.Seed == seed).Record;

    private static Verdict OfInterval(TInterval interval)
    {
        const string The = "the 95 % interval of the difference to dense";
        var (low, high, margin) = (Text.Points(interval.Low), Text.Points(interval.High), Text.Points(-Margin));
        return interval switch
        {
            _ when interval.Low >= -Margin - Rounding => new(Outcome.Wins, $"{The} starts at {low} points, not below {margin}"),
            _ when interval.High < -Margin => new(
                Outcome.DoesNotWin, $"{The} ends at {high} points, below {margin}: the loss is shown"),
            _ => new(
                Outcome.DoesNotWin,
                $"{The} starts at {low} points: {Text.Seeds(interval.N)} can't rule out a loss beyond {margin}"),
        };
    }

    private static Verdict OfOne(TrainingRecord ticket, TrainingRecord dense)
    {
        if (ticket.EarlyStopStep is not { } step || dense.EarlyStopStep is not { } denseStep)
            return new(Outcome.NotEnough, "no early stop to compare: without validation images one seed can't be judged");
        var (soon, accurate) = (step <= denseStep, ticket.TestAccuracyLast >= dense.TestAccuracyLast);
        var difference = Text.Points(ticket.TestAccuracyLast - dense.TestAccuracyLast);
        var reason = $"early stop at step {Text.Count(step)}, dense at {Text.Count(denseStep)}; "
            + $"last step {difference} points to dense; one seed";
        return new(soon && accurate ? Outcome.Wins : Outcome.DoesNotWin, reason);
    }
}
