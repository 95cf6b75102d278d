using System.Collections.Immutable;
using Bnn.Core;

namespace Bnn.Report;

/// <summary>
/// The columns of tables of trainings, one row per training in plan order at full precision; and table.csv and table.json, made of them.
/// </summary>
public static class TableFiles
{
    /// <summary>Those of every experiment.</summary>
    private static readonly ImmutableArray<TableColumn> Always = [
        new("seed", row => row.Training.Seed.Value, ColumnType.Natural),
        new("kind", row => row.Training.Kind.Name()),
        new("strategy", row => row.Training.Cell.Strategy),
        new("scope", row => row.Training.Cell.Scope),
        new("target_density", row => row.Training.Cell.Cut?.Target, ColumnType.Number),
        new("density", row => row.Record?.KeptShare, ColumnType.Number),
        new("kept", row => row.Record?.KeptCount, ColumnType.Whole),
        new("total", row => row.Record?.TotalCount, ColumnType.Whole),
        .. Measures.All.Where(measure => !measure.AddedLater).Select(Of),
        new("run", row => row.Training.Key.Value),
    ];

    /// <summary>What an experiment varies beside strategies and densities, and what was added since: behind all others.</summary>
    private static readonly ImmutableArray<TableColumn> Last = [
        new("rounds", row => row.Training.Cell.Cut is { } cut ? IsIterative(row) ? cut.Round : 0 : null, ColumnType.Whole),
        new("round", row => row.Training.Cell.Cut?.Round, ColumnType.Whole),
        Of(TrainingSettings.Start.Name),
        Of(TrainingSettings.Rewind.Name),
        Of(TrainingSettings.Kept.Name) with { Name = "kept_rule" },
        Of(TrainingSettings.Pruned.Name) with { Name = "pruned_rule" },
        Of(TrainingSettings.BayesianImages.Name),
        Of(TrainingSettings.BayesianAt.Name),
        Of(TrainingSettings.BayesianNoise.Name),
        new("control", row => row.Training.Cell.Control),
        .. Measures.All.Where(measure => measure is { AddedLater: true, Tells: null, Point: null }).Select(Of),
        new("second_data", row => row.Record?.SecondSet),
    ];

    private static readonly ImmutableArray<string> FactorsOfLast = [
        Factor.Pruning, TrainingSettings.Start.Name, TrainingSettings.Rewind.Name, TrainingSettings.Kept.Name,
        TrainingSettings.Pruned.Name, TrainingSettings.BayesianImages.Name, TrainingSettings.BayesianAt.Name,
        TrainingSettings.BayesianNoise.Name];

    private static readonly TableColumn Threshold =
        new("threshold", row => row.Training.Cell.Cut?.Threshold, ColumnType.Number);

    private static bool IsIterative(TableRow row) => row.Training.Cell[Factor.Pruning] == Factor.Iterative;

    private static TableColumn Of(Measure measure)
    {
        var isWhole = measure.Unit.IsWhole();
        return new TableColumn(
            measure.Name,
            row => row.Record?[measure] is not { } value ? null : isWhole ? (object)(long)value : value,
            isWhole ? ColumnType.Whole : ColumnType.Number);
    }

    private static TableColumn Of(string factor) => new(factor.Replace('-', '_'), row => row.Training.Cell[factor]) { Factor = factor };

    /// <summary>
    /// Behind those of every experiment come measures that were added later and tell something of this one, then what its rows differ in
    /// besides: thresholds, and the factors that vary; then <see cref="Last"/>. A group by all factors and by kind, strategy, scope and
    /// target density is a cell.
    /// </summary>
    private static ImmutableArray<TableColumn> Columns(ReportInput input)
    {
        List<PlannedCell> cells = [.. input.Experiment.Trainings.Select(training => training.Cell).Distinct()];
        return [
            .. Always,
            .. Measures.ShownFor(input.Finished)
                .Where(measure => measure is { AddedLater: true, Tells: not null }).Select(Of),
            .. cells.Exists(cell => cell.Cut?.Threshold is not null) ? (TableColumn[])[Threshold] : [],
            .. VaryingFactors.Of(cells).Where(factor => factor != Factor.Scope && !FactorsOfLast.Contains(factor)).Select(Of),
            .. VaryingFactors.WithSeveralPlugins(cells).IsEmpty ? (TableColumn[])[] : [Of(Factor.Plugin)],
            .. Last];
    }

    /// <summary>
    /// The columns of a table of any trainings: those above, with every measure and every factor that some row has, whether or not it
    /// varies, and the names of the arms that asked for it. Numbers of settings are numbers.
    /// </summary>
    public static ImmutableArray<TableColumn> AllColumns(IReadOnlyCollection<PlannedTraining> trainings)
    {
        var factors = trainings.SelectMany(training => training.Cell.Factors).Select(factor => factor.Name)
            .Distinct(StringComparer.Ordinal)
            .Where(factor => factor is not (Factor.Kind or Factor.Strategy or Factor.Scope or Factor.Cut))
            .Where(factor => !FactorsOfLast.Contains(factor));
        return [
            .. ((IEnumerable<TableColumn>)[
                .. Always,
                .. Measures.All.Where(measure => measure is { AddedLater: true, Tells: not null }).Select(Of),
                Threshold,
                .. factors.Select(Of),
                .. trainings.Any(training => training.Kind == TrainingKind.Bayesian) ? Measures.OfPrunedPosterior.Select(Of) : [],
                .. Last,
                new("arms", row => row.Training.Cell.Arms is { IsEmpty: false } arms ? string.Join(" | ", arms) : null)])
            .DistinctBy(column => column.Name, StringComparer.Ordinal)      // a factor of a foreign plan may have any name
            .Select(column => FactorType.Typed(column, trainings))];
    }

    /// <summary>Of a table over several experiments: the names of those that hold each row, with a slash between two.</summary>
    public static TableColumn Experiments { get; } =
        new("experiments", row => row.Experiments.IsEmpty ? null : string.Join('/', row.Experiments));

    /// <summary>
    /// Seconds that each training took, and that finding its mask took; no other column depends on anything but what was trained.
    /// </summary>
    public static ImmutableArray<TableColumn> Times { get; } = [
        new("seconds", row => row.Seconds, ColumnType.Number),
        new("finding_seconds", row => row.FindingSeconds, ColumnType.Number)];

    /// <summary>table.csv.</summary>
    public static string Csv(ReportInput input) => TableFormats.Csv(Table(input));

    /// <summary>table.json.</summary>
    public static string Json(ReportInput input) => TableFormats.Json(Table(input));

    private static TrainingTable Table(ReportInput input) => new(
        Columns(input), [.. input.Finished.Select(finished => new TableRow(finished.Training, finished.Record))]);
}
