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

    /// <summary>A number without a unit, from 0.</summary>
    Score,

    /// <summary>A whole number of multiplications, each with an addition.</summary>
    Operations,

    /// <summary>A correlation, from −1 to 1.</summary>
    Correlation,
}

/// <summary>What measures are taken of.</summary>
/// <param name="Connectivity">What the mask leaves connected; null where nothing is pruned.</param>
public sealed record MeasuredTraining(TrainingOutcome Outcome, MaskConnectivity? Connectivity);

/// <summary>How a measure is computed from the tensors that a training left, and the test images.</summary>
/// <param name="AppliesTo">Which kinds of training have such a number.</param>
/// <param name="Of">Gives the number; null, or no finite one, where there is none after all.</param>
public sealed record StoredDefinition(Func<TrainingKind, bool> AppliesTo, Func<StoredNetwork, double?> Of);

/// <summary>
/// A number that every finished training has, or can have: a column of table.csv and of a table of the report. It is taken from the
/// training's outcome and stored in result.json; or from its rows, or from what was trained before it, whenever these are read; or from its
/// tensors, once, and then stored in measures.json. One that is taken from the outcome may be defined from tensors too, for trainings that
/// were done before it was there.
/// </summary>
/// <param name="Name">The name in files.</param>
/// <param name="Title">The name for people.</param>
/// <param name="Of">Gives the number when a training has just been done; null where there is none. Null itself if it isn't taken from the
/// outcome.</param>
public sealed record Measure(string Name, string Title, MeasureUnit Unit, Func<MeasuredTraining, double?>? Of = null)
{
    /// <summary>Given all rows of metrics.csv, gives the number; null where there is none.</summary>
    public Func<ImmutableArray<MetricsRow>, double?>? OfRows { get; init; }

    /// <summary>How it is computed from tensors.</summary>
    public StoredDefinition? OfTensors { get; init; }

    /// <summary>Given what it took to find a ticket, gives the number.</summary>
    public Func<FindingCost, double>? OfFinding { get; init; }

    /// <summary>
    /// Whether it was added after tables had been written: its column is then one of the last, so that the others keep their positions.
    /// </summary>
    public bool AddedLater { get; init; }

    /// <summary>Whether the report has it in the table of further measures, and not in that of the trainings.</summary>
    public bool IsFurther { get; init; }

    /// <summary>Raised when its definition from tensors changes: what was stored by another version is computed anew.</summary>
    public int Version { get; init; } = 1;

    /// <summary>Whether it compares the test images with those of a second data set, and so belongs to that set.</summary>
    public bool NeedsSecondSet { get; init; }

    /// <summary>The point of a curve that it is; null for a number that has a column of its own in table.csv.</summary>
    public PrunedPoint? Point { get; init; }

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
            OfTensors = new(
                kind => kind == TrainingKind.Ticket, net => net.Evaluate(((TrainedTensors.Weights)net.Tensors).Initial).Accuracy),
        };

    /// <summary>Mean over the last fifth of the evaluations behind the start, rounded up.</summary>
    public static Measure ValidationAccuracyLastFifth { get; } =
        new("validation_accuracy_last_fifth", "validation accuracy, mean of the last fifth", MeasureUnit.Share)
        {
            AddedLater = true,
            IsFurther = true,
            OfRows = LastFifth,
        };

    public static Measure StepsTo97 { get; } = StepsTo("steps_to_97", "steps to 97 % validation accuracy", 0.97);

    public static Measure StepsTo975 { get; } = StepsTo("steps_to_97_5", "steps to 97.5 % validation accuracy", 0.975);

    public static Measure StepsTo98 { get; } = StepsTo("steps_to_98", "steps to 98 % validation accuracy", 0.98);

    /// <summary>After the last step; of a Bayesian net's mean over its draws.</summary>
    public static Measure TestBrierLast { get; } = Predicted(
        "test_brier_last", "test Brier score, last step", MeasureUnit.Score, net => Classification.Brier(net.Probabilities, net.Labels));

    /// <summary>Expected calibration error in 15 bins, after the last step; of a Bayesian net's mean over its draws.</summary>
    public static Measure TestEceLast { get; } = Predicted(
        "test_ece_last", "test ECE, last step", MeasureUnit.Share, net => Calibration.Of(net.Probabilities, net.Labels).Ece);

    /// <summary>Mean entropy of the predictions after the last step; of a Bayesian net's mean over its draws.</summary>
    public static Measure TestEntropyLast { get; } = Predicted(
        "test_entropy_last", "predictive entropy, last step", MeasureUnit.Nats, net => Mean(net.Predictions.PredictiveEntropy()));

    /// <summary>Of a Bayesian net's mean over its draws; <see cref="TestNllLast"/> is that of its mean weights.</summary>
    public static Measure TestNllSampled { get; } = OfDraws(
        "test_nll_sampled", "test NLL, mean of draws", net => Classification.Nll(net.Probabilities, net.Labels));

    /// <summary>Of label and weights: mean over the test images of predictive minus expected entropy.</summary>
    public static Measure TestMutualInformation { get; } = OfDraws(
        "test_mutual_information", "mutual information", net => Mean(net.Predictions.MutualInformation()));

    /// <summary>Updates of everything that had to be trained before a ticket could begin.</summary>
    public static Measure FindingSteps { get; } = new("finding_steps", "steps to find the ticket", MeasureUnit.Steps)
    {
        AddedLater = true,
        IsFurther = true,
        OfFinding = cost => cost.Steps,
    };

    /// <summary>Multiplications with additions of those updates, and of gradients that the criterion is made of.</summary>
    public static Measure FindingMultiplyAdds { get; } =
        new("finding_multiply_adds", "multiply-adds to find the ticket", MeasureUnit.Operations)
        {
            AddedLater = true,
            IsFurther = true,
            OfFinding = cost => cost.MultiplyAdds,
        };

    /// <summary>
    /// Spearman's correlation, over the first layer's weights, of σ² after the last step with how bright the weight's pixel is: the root
    /// mean square of the input over the training images.
    /// </summary>
    public static Measure VarianceWithActivity { get; } =
        new("variance_with_activity", "correlation of σ² and the pixel's activity", MeasureUnit.Correlation)
        {
            AddedLater = true,
            IsFurther = true,
            OfTensors = new(kind => kind == TrainingKind.Bayesian, net => net.VarianceWithActivity()),
        };

    /// <summary>
    /// How well the entropy of the predictions after the last step tells images of a second data set from the test images, of a Bayesian
    /// net's mean over its draws.
    /// </summary>
    public static Measure AurocEntropy { get; } = BesideSecondSet(
        "auroc_entropy", "AUROC of the entropy", _ => true, predictions => predictions.PredictiveEntropy());

    /// <summary>The same with the mutual information of label and weights.</summary>
    public static Measure AurocMutualInformation { get; } = BesideSecondSet(
        "auroc_mutual_information", "AUROC of the mutual information", kind => kind.IsBayesian(),
        predictions => predictions.MutualInformation());

    /// <summary>Test accuracies of the posterior itself as a pruned net.</summary>
    public static ImmutableArray<Measure> OfPrunedPosterior { get; } = [
        .. PrunedPosterior.Points.Select(point => new Measure(
            $"test_accuracy_pruned_{point.RankName}_{point.Percent}_{point.FormName}",
            $"test accuracy of the posterior cut to {point.Percent} % by {point.RankName}, {point.FormName}", MeasureUnit.Share)
        {
            AddedLater = true,
            IsFurther = true,
            Point = point,
            OfTensors = new(kind => kind == TrainingKind.Bayesian, net => net.Pruned[point]),
        })];

    /// <summary>In the order of their columns.</summary>
    public static ImmutableArray<Measure> All { get; } = [
        EarlyStopStep, TestAccuracyEarlyStop, TestNllEarlyStop, TestAccuracyLast, TestNllLast, LivingUnits, ConnectedClasses,
        TestAccuracyUntrained, ValidationAccuracyLastFifth, StepsTo97, StepsTo975, StepsTo98, TestBrierLast, TestEceLast, TestEntropyLast,
        TestNllSampled, TestMutualInformation, FindingSteps, FindingMultiplyAdds, AurocEntropy, AurocMutualInformation,
        VarianceWithActivity, .. OfPrunedPosterior];

    /// <summary>Those that result.json has.</summary>
    public static ImmutableArray<Measure> OfOutcome { get; } = [.. All.Where(measure => measure.Of is not null)];

    /// <summary>Those that can be computed from what a training of a kind left.</summary>
    public static IEnumerable<Measure> FromTensors(TrainingKind kind) =>
        All.Where(measure => measure.OfTensors is { } definition && definition.AppliesTo(kind));

    /// <summary>Those that tell something of some of these trainings, in the order of their columns.</summary>
    public static ImmutableArray<Measure> ShownFor(ImmutableArray<FinishedTraining> trainings) =>
        [.. All.Where(measure => measure.Tells is not { } tells || trainings.Any(tells))];

    private static Measure StepsTo(string name, string title, double accuracy) => new(name, title, MeasureUnit.Steps)
    {
        AddedLater = true,
        IsFurther = true,
        OfRows = rows => rows.FirstOrDefault(row => row.ValidationAccuracy >= accuracy)?.Step,
    };

    /// <summary>One that every training has, taken from its predictions.</summary>
    private static Measure Predicted(string name, string title, MeasureUnit unit, Func<StoredNetwork, double?> of) => new(name, title, unit)
    {
        AddedLater = true,
        IsFurther = true,
        OfTensors = new(_ => true, of),
    };

    private static Measure OfDraws(string name, string title, Func<StoredNetwork, double?> of) => new(name, title, MeasureUnit.Nats)
    {
        AddedLater = true,
        IsFurther = true,
        OfTensors = new(kind => kind.IsBayesian(), of),
    };

    private static Measure BesideSecondSet(
        string name, string title, Func<TrainingKind, bool> appliesTo, Func<SampledPredictions, double[]> scores) =>
        new(name, title, MeasureUnit.Score)
        {
            AddedLater = true,
            IsFurther = true,
            NeedsSecondSet = true,
            OfTensors = new(appliesTo, net => Uncertainty.Auroc(scores(net.Predictions), scores(net.SecondPredictions))),
        };

    private static double? LastFifth(ImmutableArray<MetricsRow> rows)
    {
        double[] accuracies = [.. rows.Skip(1).Select(row => row.ValidationAccuracy).OfType<double>()];
        return accuracies.Length == 0 ? null : Mean(accuracies.AsSpan(^((accuracies.Length + 4) / 5)..));
    }

    /// <summary>In the order of the numbers, so that the last bit is always the same.</summary>
    private static double Mean(ReadOnlySpan<double> values)
    {
        var sum = 0.0;
        foreach (var value in values) sum += value;
        return sum / values.Length;
    }

    private static bool IsCut(FinishedTraining training) =>
        training.Record[ConnectedClasses] is { } connected && connected < training.Training.Cell.Net.Sizes[^1];
}
