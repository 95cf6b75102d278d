using System.Collections.Immutable;
using System.Globalization;
using Bnn.Core;

namespace Bnn.Report;

/// <summary>A training as a row of a table.</summary>
/// <param name="Record">Null while it isn't done.</param>
public sealed record TableRow(PlannedTraining Training, TrainingRecord? Record)
{
    /// <summary>Names of the experiments that hold it, where a table is of several.</summary>
    public ImmutableArray<string> Experiments { get; init; } = [];

    /// <summary>How long it took; null where that isn't known.</summary>
    public double? Seconds { get; init; }

    /// <summary>How long everything took that was trained to find its mask; null where that isn't known, and for whole nets.</summary>
    public double? FindingSeconds { get; init; }
}

/// <summary>What a column's values are, where a format has types.</summary>
public enum ColumnType
{
    Text,

    /// <summary>A whole number of 64 bits.</summary>
    Whole,

    /// <summary>A whole number of 64 bits without a sign: a seed.</summary>
    Natural,

    /// <summary>A double.</summary>
    Number,
}

/// <summary>A column of a table of trainings.</summary>
/// <param name="Value">A row's value: a text, a number or a density; null where it has none.</param>
public sealed record TableColumn(string Name, Func<TableRow, object?> Value, ColumnType Type = ColumnType.Text)
{
    /// <summary>The factor that it shows, as plans name it; null for what isn't one.</summary>
    public string? Factor { get; init; }

    /// <summary>A row's value as a text that reads back to the same value; empty where there is none.</summary>
    public string Text(TableRow row) => Value(row) switch
    {
        null => "",
        string text => text,
        double number => Report.Text.Exact(number),
        IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
        var other => other.ToString()!,
    };
}

/// <summary>A table of trainings, to be written in one of <see cref="TableFormats"/>.</summary>
public sealed record TrainingTable(ImmutableArray<TableColumn> Columns, ImmutableArray<TableRow> Rows);

/// <summary>What a factor's texts are: a plan has all of them as texts.</summary>
internal static class FactorType
{
    /// <summary>The column with numbers in place of texts, if its setting is a number and every row's text is one.</summary>
    public static TableColumn Typed(TableColumn column, IReadOnlyCollection<PlannedTraining> trainings)
    {
        if (column.Factor is not { } factor || Of(factor) is not { } type) return column;
        var texts = trainings.Select(training => training.Cell[factor]).OfType<string>();
        return texts.All(text => Read(text, type) is not null)
            ? column with { Type = type, Value = row => row.Training.Cell[factor] is { } text ? Read(text, type) : null }
            : column;
    }

    /// <summary>Null for a text.</summary>
    private static ColumnType? Of(string factor) => TrainingSettings.All.FirstOrDefault(setting => setting.Name == factor) switch
    {
        Setting<int> or Setting<ImmutableArray<int>> { IsGrid: true } => ColumnType.Whole,
        Setting<double> or Setting<RoundRate> or Setting<ImmutableArray<Density>> => ColumnType.Number,
        _ => null,
    };

    private static object? Read(string text, ColumnType type)
    {
        if (type != ColumnType.Whole) return Parse.Number(text);
        return long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var whole) ? whole : null;
    }
}
