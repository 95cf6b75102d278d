using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Bnn.Core;

namespace Bnn.Report;

/// <summary>The table of finished trainings for other programs: one row per training, in plan order, at full precision.</summary>
public static class TableFiles
{
    private static readonly ImmutableArray<(string Name, Func<FinishedTraining, object?> Value)> Columns = [
        ("seed", f => f.Training.Seed.Value),
        ("kind", f => f.Training.Kind.Name()),
        ("strategy", f => f.Training.Cell.Strategy),
        ("scope", f => f.Training.Cell.Scope),
        ("target_density", f => f.Training.Cell.Cut?.Target),
        ("density", f => f.Record.KeptShare),
        ("kept", f => f.Record.KeptCount),
        ("total", f => f.Record.TotalCount),
        .. Measures.All.Where(measure => !measure.AddedLater).Select(Column),
        ("run", f => f.Record.Key.Value),
        .. Measures.All.Where(measure => measure.AddedLater).Select(Column),
    ];

    private static (string Name, Func<FinishedTraining, object?> Value) Column(Measure measure) => (measure.Name, finished =>
        finished.Record[measure] is not { } value ? null : measure.Unit == MeasureUnit.Steps ? (object)(int)value : value);

    /// <summary>Header and rows with line feeds; missing values are empty cells; text in quotes where it needs them (RFC 4180).</summary>
    public static string Csv(ReportInput input)
    {
        var csv = new StringBuilder().AppendJoin(',', Columns.Select(column => column.Name)).Append('\n');
        foreach (var finished in input.Finished) csv.AppendJoin(',', Columns.Select(column => Cell(column.Value(finished)))).Append('\n');
        return csv.ToString();
    }

    /// <summary>The table as an array of JSON objects; missing values are null.</summary>
    public static string Json(ReportInput input)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream, new JsonWriterOptions { Indented = true, IndentSize = 2, NewLine = "\n" }))
        {
            json.WriteStartArray();
            foreach (var finished in input.Finished)
            {
                json.WriteStartObject();
                foreach (var (name, value) in Columns)
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

    private static string Quoted(string text) =>
        text.AsSpan().IndexOfAny(",\"\r\n") < 0 ? text : $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
}
