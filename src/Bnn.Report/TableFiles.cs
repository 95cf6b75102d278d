using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Bnn.Core;

namespace Bnn.Report;

/// <summary>The table of finished trainings for other programs: one row per training, in plan order, at full precision.</summary>
public static class TableFiles
{
    /// <summary>Those of every experiment.</summary>
    private static readonly ImmutableArray<Column> Always = [
        new("seed", f => f.Training.Seed.Value),
        new("kind", f => f.Training.Kind.Name()),
        new("strategy", f => f.Training.Cell.Strategy),
        new("scope", f => f.Training.Cell.Scope),
        new("target_density", f => f.Training.Cell.Cut?.Target),
        new("density", f => f.Record.KeptShare),
        new("kept", f => f.Record.KeptCount),
        new("total", f => f.Record.TotalCount),
        .. Measures.All.Where(measure => !measure.AddedLater).Select(Of),
        new("run", f => f.Record.Key.Value),
    ];

    /// <summary>What an experiment varies beside strategies and densities, and what was added since: behind all others.</summary>
    private static readonly ImmutableArray<Column> Last = [
        new("rounds", f => f.Training.Cell.Cut is { } cut ? IsIterative(f) ? cut.Round : 0 : null),
        new("round", f => f.Training.Cell.Cut?.Round),
        Of(TrainingSettings.Start.Name),
        Of(TrainingSettings.Rewind.Name),
        Of(TrainingSettings.Kept.Name) with { Name = "kept_rule" },
        Of(TrainingSettings.Pruned.Name) with { Name = "pruned_rule" },
        Of(TrainingSettings.BayesianImages.Name),
        Of(TrainingSettings.BayesianAt.Name),
        Of(TrainingSettings.BayesianNoise.Name),
        new("control", f => f.Training.Cell.Control),
        Of(Measures.TestAccuracyUntrained),
    ];

    private static readonly ImmutableArray<string> FactorsOfLast = [
        Factor.Pruning, TrainingSettings.Start.Name, TrainingSettings.Rewind.Name, TrainingSettings.Kept.Name,
        TrainingSettings.Pruned.Name, TrainingSettings.BayesianImages.Name, TrainingSettings.BayesianAt.Name,
        TrainingSettings.BayesianNoise.Name];

    private static bool IsIterative(FinishedTraining finished) => finished.Training.Cell[Factor.Pruning] == Factor.Iterative;

    private sealed record Column(string Name, Func<FinishedTraining, object?> Value);

    private static Column Of(Measure measure) => new(measure.Name, finished =>
        finished.Record[measure] is not { } value
            ? null
            : measure.Unit is MeasureUnit.Steps or MeasureUnit.Count ? (object)(int)value : value);

    private static Column Of(string factor) => new(factor.Replace('-', '_'), finished => finished.Training.Cell[factor]);

    /// <summary>
    /// Behind those of every experiment come measures that were added later and tell something of this one, then what its rows differ in
    /// besides: thresholds, and the factors that vary; then <see cref="Last"/>. A group by all factors and by kind, strategy, scope and
    /// target density is a cell.
    /// </summary>
    private static ImmutableArray<Column> Columns(ReportInput input)
    {
        List<PlannedCell> cells = [.. input.Experiment.Trainings.Select(training => training.Cell).Distinct()];
        return [
            .. Always,
            .. Measures.ShownFor(input.Finished)
                .Where(measure => measure.AddedLater && measure != Measures.TestAccuracyUntrained).Select(Of),
            .. cells.Exists(cell => cell.Cut?.Threshold is not null)
                ? (Column[])[new("threshold", finished => finished.Training.Cell.Cut?.Threshold)]
                : [],
            .. VaryingFactors.Of(cells).Where(factor => factor != Factor.Scope && !FactorsOfLast.Contains(factor)).Select(Of),
            .. VaryingFactors.WithSeveralPlugins(cells).IsEmpty ? (Column[])[] : [Of(Factor.Plugin)],
            .. Last];
    }

    /// <summary>Header and rows with line feeds; missing values are empty cells; text in quotes where it needs them (RFC 4180).</summary>
    public static string Csv(ReportInput input)
    {
        var columns = Columns(input);
        var csv = new StringBuilder().AppendJoin(',', columns.Select(column => column.Name)).Append('\n');
        foreach (var finished in input.Finished) csv.AppendJoin(',', columns.Select(column => Cell(column.Value(finished)))).Append('\n');
        return csv.ToString();
    }

    /// <summary>The table as an array of JSON objects; missing values are null.</summary>
    public static string Json(ReportInput input)
    {
        var columns = Columns(input);
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream, new JsonWriterOptions { Indented = true, IndentSize = 2, NewLine = "\n" }))
        {
            json.WriteStartArray();
            foreach (var finished in input.Finished)
            {
                json.WriteStartObject();
                foreach (var (name, value) in columns)
                {
                    json.WritePropertyName(name);
                    Write(json, value(finished));
                }
                json.WriteEndObject();
            }
            json.WriteEndArray();
        }
        return Encoding.UTF8.GetString(stream.ToArray()) + "\n";
    }

    private static void Write(Utf8JsonWriter json, object? value)
    {
        switch (value)
        {
            case null: json.WriteNullValue(); break;
            case string text: json.WriteStringValue(text); break;
            case int number: json.WriteNumberValue(number); break;
            case ulong number: json.WriteNumberValue(number); break;
            case double number when double.IsFinite(number): json.WriteNumberValue(number); break;
            case double number: json.WriteStringValue(Text.Exact(number)); break;   // JSON has no such numbers
            case Density density: json.WriteRawValue(density.ToString()); break;
            default: throw new System.Diagnostics.UnreachableException();
        }
    }

    private static string Cell(object? value) => value switch
    {
        null => "",
        string text => Quoted(text),
        double number => Text.Exact(number),
        IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
        _ => value.ToString()!,
    };

    /// <summary>A cell's text, in quotes where it needs them.</summary>
    internal static string Quoted(string text) =>
        text.AsSpan().IndexOfAny(",\"\r\n") < 0 ? text : $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
}
