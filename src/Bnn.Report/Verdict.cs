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
/// Several: when the lower end of the 95 % interval of the paired difference to the dense net, after the last step, is −0.2 points or higher.
/// </summary>
/// <param name="Reason">In words, with the numbers that decided.</param>
public sealed record Verdict(Outcome Outcome, string Reason)
{
    /// <summary>Loss of accuracy that a winning ticket of several seeds may not exceed: 0.2 points.</summary>
    public const double Margin = 0.002;

    /// <summary>Accuracies are whole images over their number: their differences hold rounding of 1e-16, no real difference is this small.</summary>
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
        { Seeds: [var seed, ..] } => OfOne(ticket.Finished.First(t => t.Training.Seed == seed).Record, dense.Finished.First(t => t.Training.Seed == seed).Record),
        _ => throw new System.Diagnostics.UnreachableException(),
    };

    private static Verdict OfInterval(TInterval interval)
    {
        var margin = Text.Points(-Margin);
        return interval switch
        {
            _ when interval.Low >= -Margin - Rounding => new(
                Outcome.Wins, $"the 95 % interval of the difference to dense starts at {Text.Points(interval.Low)} points, not below {margin}"),
            _ when interval.High < -Margin => new(
                Outcome.DoesNotWin, $"the 95 % interval of the difference to dense ends at {Text.Points(interval.High)} points, below {margin}: the loss is shown"),
            _ => new(
                Outcome.DoesNotWin, $"the 95 % interval of the difference to dense starts at {Text.Points(interval.Low)} points: {Text.Seeds(interval.N)} can't rule out a loss beyond {margin}"),
        };
    }

    private static Verdict OfOne(TrainingRecord ticket, TrainingRecord dense)
    {
        if (ticket.EarlyStopStep is not { } step || dense.EarlyStopStep is not { } denseStep)
            return new(Outcome.NotEnough, "no early stop to compare: without validation images one seed can't be judged");
        var (soon, accurate) = (step <= denseStep, ticket.TestAccuracyLast >= dense.TestAccuracyLast);
        var reason = $"early stop at step {Text.Count(step)}, dense at {Text.Count(denseStep)}; last step {Text.Points(ticket.TestAccuracyLast - dense.TestAccuracyLast)} points to dense; one seed";
        return new(soon && accurate ? Outcome.Wins : Outcome.DoesNotWin, reason);
    }
}
