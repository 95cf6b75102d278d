using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Bnn.Core;

namespace Bnn.Report;

/// <summary>
/// A table of trainings in the formats of other programs. Equal tables give equal bytes; whatever a name holds, it stays a cell.
/// </summary>
public static class TableFormats
{
    /// <summary>What Markdown or HTML gives a meaning; a backslash takes it away.</summary>
    private const string MarkdownSigns = "\\`*[]<>|~&$_#!";

    /// <summary>Header and rows with line feeds; missing values are empty cells; text in quotes where it needs them (RFC 4180).</summary>
    public static string Csv(TrainingTable table)
    {
        var csv = new StringBuilder().AppendJoin(',', table.Columns.Select(column => Quoted(column.Name))).Append('\n');
        foreach (var row in table.Rows) csv.AppendJoin(',', table.Columns.Select(column => Quoted(column.Text(row)))).Append('\n');
        return csv.ToString();
    }

    /// <summary>The table as an array of JSON objects; missing values are null.</summary>
    public static string Json(TrainingTable table)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream, new JsonWriterOptions { Indented = true, IndentSize = 2, NewLine = "\n" }))
        {
            json.WriteStartArray();
            foreach (var row in table.Rows)
            {
                json.WriteStartObject();
                foreach (var column in table.Columns)
                {
                    json.WritePropertyName(column.Name);
                    Write(json, column.Value(row));
                }
                json.WriteEndObject();
            }
            json.WriteEndArray();
        }
        return Encoding.UTF8.GetString(stream.ToArray()) + "\n";
    }

    /// <summary>A table of GitHub's Markdown, numbers on the right; missing values are empty cells.</summary>
    public static string Markdown(TrainingTable table)
    {
        var text = new StringBuilder();
        Line(table.Columns.Select(column => Escaped(column.Name)));
        Line(table.Columns.Select(column => column.Type == ColumnType.Text ? "---" : "---:"));
        foreach (var row in table.Rows)
            Line(table.Columns.Select(column => column.Type == ColumnType.Text ? Escaped(column.Text(row)) : column.Text(row)));
        return text.ToString();

        void Line(IEnumerable<string> cells) => text.Append("| ").AppendJoin(" | ", cells).Append(" |\n");
    }

    /// <summary>A table of GitHub's Markdown whose cells are texts.</summary>
    internal static string Markdown(IReadOnlyList<string> headings, IEnumerable<IReadOnlyList<string>> rows)
    {
        var text = new StringBuilder();
        foreach (var row in rows.Prepend([.. headings.Select(_ => "---")]).Prepend(headings))
            text.Append("| ").AppendJoin(" | ", row.Select(Escaped)).Append(" |\n");
        return text.ToString();
    }

    /// <summary>
    /// A Parquet file of one row group: text, int64, uint64 or double by the column's type, each nullable. Numbers are the same bits as
    /// elsewhere; a density is the double nearest to it.
    /// </summary>
    public static byte[] Parquet(TrainingTable table) => ParquetFile.Write(
        [.. table.Columns.Select(column => (column.Name, column.Type, ValuesOf(column, table.Rows)))]);

    /// <summary>A column's values as the type has them: strings, longs, unsigned longs or doubles.</summary>
    private static ImmutableArray<object?> ValuesOf(TableColumn column, ImmutableArray<TableRow> rows) => [
        .. rows.Select(row => (column.Value(row), column.Type) switch
        {
            (null, _) => null,
            (_, ColumnType.Text) => column.Text(row),
            (var value, ColumnType.Whole) => Convert.ToInt64(value, CultureInfo.InvariantCulture),
            (var value, ColumnType.Natural) => Convert.ToUInt64(value, CultureInfo.InvariantCulture),
            (double value, _) => value,
            _ => (object)double.Parse(column.Text(row), CultureInfo.InvariantCulture),
        })];

    private static void Write(Utf8JsonWriter json, object? value)
    {
        switch (value)
        {
            case null: json.WriteNullValue(); break;
            case string text: json.WriteStringValue(text); break;
            case int number: json.WriteNumberValue(number); break;
            case long number: json.WriteNumberValue(number); break;
            case ulong number: json.WriteNumberValue(number); break;
            case double number when double.IsFinite(number): json.WriteNumberValue(number); break;
            case double number: json.WriteStringValue(Text.Exact(number)); break;   // JSON has no such numbers
            case Density density: json.WriteRawValue(density.ToString()); break;
            default: throw new System.Diagnostics.UnreachableException();
        }
    }

    internal static string Quoted(string text) =>
        text.AsSpan().IndexOfAny(",\"\r\n") < 0 ? text : $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";

    /// <summary>An underscore between letters means nothing and is left as it is, for people who read the text itself.</summary>
    internal static string Escaped(string text)
    {
        var plain = Printable.Line(text);
        var escaped = new StringBuilder();
        for (var i = 0; i < plain.Length; i++)
        {
            var isInside = plain[i] == '_' && i > 0 && i < plain.Length - 1
                && char.IsLetterOrDigit(plain[i - 1]) && char.IsLetterOrDigit(plain[i + 1]);
            if (MarkdownSigns.Contains(plain[i], StringComparison.Ordinal) && !isInside) escaped.Append('\\');
            escaped.Append(plain[i]);
        }
        return escaped.ToString();
    }
}
