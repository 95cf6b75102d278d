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
}

/// <summary>
/// A number that every finished training has, or can have: stored in result.json, a column of table.csv and of the report's table.
/// </summary>
/// <param name="Name">The name in files.</param>
/// <param name="Title">The name for people.</param>
/// <param name="Of">Gives the number; null where there is none.</param>
public sealed record Measure(string Name, string Title, MeasureUnit Unit, Func<TrainingOutcome, double?> Of)
{
    /// <summary>
    /// Whether it was added after tables had been written: its column is then one of the last, so that the others keep their positions.
    /// </summary>
    public bool AddedLater { get; init; }
}

/// <summary>The measures, each defined here once; a new one is an entry (docs/extending/measure.md).</summary>
public static class Measures
{
    public static Measure EarlyStopStep { get; } =
        new("early_stop_step", "early-stop step", MeasureUnit.Steps, outcome => outcome.EarlyStopStep);

    public static Measure TestAccuracyEarlyStop { get; } =
        new("test_accuracy_early_stop", "test accuracy, early stop", MeasureUnit.Share, outcome => outcome.TestAtEarlyStop?.Accuracy);

    public static Measure TestNllEarlyStop { get; } =
        new("test_nll_early_stop", "test NLL, early stop", MeasureUnit.Nats, outcome => outcome.TestAtEarlyStop?.Nll);

    public static Measure TestAccuracyLast { get; } =
        new("test_accuracy_last", "test accuracy, last step", MeasureUnit.Share, outcome => outcome.TestAtLast.Accuracy);

    public static Measure TestNllLast { get; } =
        new("test_nll_last", "test NLL, last step", MeasureUnit.Nats, outcome => outcome.TestAtLast.Nll);

    /// <summary>In the order of their columns.</summary>
    public static ImmutableArray<Measure> All { get; } =
        [EarlyStopStep, TestAccuracyEarlyStop, TestNllEarlyStop, TestAccuracyLast, TestNllLast];
}
