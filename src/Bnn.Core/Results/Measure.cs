using System.Collections.Immutable;

namespace Bnn.Core;

/// <summary>What a measure's numbers are, and so how they are shown.</summary>
public enum MeasureUnit
{
    /// <summary>A fraction, shown in per cent.</summary>
    Share,

    /// <summary>Nats: the unit of natural logarithms.</summary>
    Nats,

    /// <summary>A whole number of steps.</summary>
    Steps,

    /// <summary>A whole number of units, classes, weights.</summary>
    Count,
}

/// <summary>What measures are taken of.</summary>
/// <param name="Connectivity">What the mask leaves connected; null where nothing is pruned.</param>
public sealed record MeasuredTraining(TrainingOutcome Outcome, MaskConnectivity? Connectivity);

/// <summary>
/// A number that every finished training has, or can have: stored in result.json, a column of table.csv and of the report's table.
/// </summary>
/// <param name="Name">The name in files.</param>
/// <param name="Title">The name for people.</param>
/// <param name="Of">Gives the number; null where there is none.</param>
public sealed record Measure(string Name, string Title, MeasureUnit Unit, Func<MeasuredTraining, double?> Of)
{
    /// <summary>
    /// Whether it was added after tables had been written: its column is then one of the last, so that the others keep their positions.
    /// </summary>
    public bool AddedLater { get; init; }

    /// <summary>Raised when its definition changes: what was stored by another version is computed anew.</summary>
    public int Version { get; init; } = 1;

    /// <summary>Given a training, whether its number tells something; the column is left out where it does for no training.</summary>
    public Func<FinishedTraining, bool>? Tells { get; init; }
}

/// <summary>The measures, each defined here once; a new one is an entry (docs/extending/measure.md).</summary>
public static class Measures
{
    public static Measure EarlyStopStep { get; } =
        new("early_stop_step", "early-stop step", MeasureUnit.Steps, training => training.Outcome.EarlyStopStep);

    public static Measure TestAccuracyEarlyStop { get; } =
        new("test_accuracy_early_stop", "test accuracy, early stop", MeasureUnit.Share,
            training => training.Outcome.TestAtEarlyStop?.Accuracy);

    public static Measure TestNllEarlyStop { get; } =
        new("test_nll_early_stop", "test NLL, early stop", MeasureUnit.Nats, training => training.Outcome.TestAtEarlyStop?.Nll);

    public static Measure TestAccuracyLast { get; } =
        new("test_accuracy_last", "test accuracy, last step", MeasureUnit.Share, training => training.Outcome.TestAtLast.Accuracy);

    public static Measure TestNllLast { get; } =
        new("test_nll_last", "test NLL, last step", MeasureUnit.Nats, training => training.Outcome.TestAtLast.Nll);

    public static Measure LivingUnits { get; } =
        new("living_units", "living hidden units", MeasureUnit.Count, training => training.Connectivity?.LivingUnits)
        {
            AddedLater = true,
            Tells = IsCut,
        };

    public static Measure ConnectedClasses { get; } =
        new("connected_classes", "connected classes", MeasureUnit.Count, training => training.Connectivity?.ConnectedClasses)
        {
            AddedLater = true,
            Tells = IsCut,
        };

    /// <summary>That of a ticket before training: what its mask alone makes of the weights that it starts from.</summary>
    public static Measure TestAccuracyUntrained { get; } =
        new("test_accuracy_untrained", "test accuracy, untrained", MeasureUnit.Share,
            training => training.Outcome.TestUntrained?.Accuracy)
        {
            AddedLater = true,
        };

    /// <summary>In the order of their columns.</summary>
    public static ImmutableArray<Measure> All { get; } = [
        EarlyStopStep, TestAccuracyEarlyStop, TestNllEarlyStop, TestAccuracyLast, TestNllLast, LivingUnits, ConnectedClasses,
        TestAccuracyUntrained];

    /// <summary>Those that tell something of some of these trainings, in the order of their columns.</summary>
    public static ImmutableArray<Measure> ShownFor(ImmutableArray<FinishedTraining> trainings) =>
        [.. All.Where(measure => measure.Tells is not { } tells || trainings.Any(tells))];

    private static bool IsCut(FinishedTraining training) =>
        training.Record[ConnectedClasses] is { } connected && connected < training.Training.Cell.Net.Sizes[^1];
}
