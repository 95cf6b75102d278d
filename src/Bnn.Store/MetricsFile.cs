using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using Bnn.Core;

namespace Bnn.Store;

/// <summary>metrics.csv: a training's curve. Numbers read back to the bits that were written.</summary>
public static class MetricsFile
{
    public const string Header = "step,train_loss,train_nll,kl,validation_nll,validation_accuracy";

    private const int Columns = 6;

    /// <summary>No white space, no thousands, no currency: only what <see cref="Csv"/> writes.</summary>
    private const NumberStyles Plain = NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent;

    public static string Csv(IEnumerable<MetricsRow> rows)
    {
        var csv = new StringBuilder(Header).Append('\n');
        foreach (var row in rows)
        {
            csv.Append(CultureInfo.InvariantCulture, $"{row.Step},{Cell(row.TrainLoss)},{Cell(row.TrainNll)},{Cell(row.Kl)},")
                .Append(CultureInfo.InvariantCulture, $"{Cell(row.ValidationNll)},{Cell(row.ValidationAccuracy)}\n");
        }
        return csv.ToString();
    }

    /// <summary>
    /// The rows, or the line at which the text isn't a metrics file. The last line must end with a line feed: a file cut off inside a
    /// number would read as another number.
    /// </summary>
    /// <param name="file">What the text is called in messages.</param>
    public static Result<ImmutableArray<MetricsRow>> Parse(string text, string file = "metrics.csv")
    {
        var lines = text.Split('\n');
        if (lines[0] != Header) return Damaged(file, 1, $"the header '{Header}'", lines[0]);
        if (lines[^1].Length > 0 || lines.Length == 1) return Damaged(file, lines.Length, "a line feed at the end", lines[^1]);

        var rows = ImmutableArray.CreateBuilder<MetricsRow>(lines.Length - 2);
        for (var i = 1; i < lines.Length - 1; i++)
        {
            if (Row(lines[i]) is not { } row)
                return Damaged(file, i + 1, $"a whole step and {Columns - 1} numbers or empty cells, comma-separated", lines[i]);
            if (rows.Count > 0 && row.Step <= rows[^1].Step)
                return Damaged(file, i + 1, $"a step after {rows[^1].Step}", lines[i]);
            rows.Add(row);
        }
        return rows.MoveToImmutable();
    }

    private static MetricsRow? Row(string line)
    {
        var cells = line.Split(',');
        if (cells.Length != Columns || !int.TryParse(cells[0], NumberStyles.None, CultureInfo.InvariantCulture, out var step)) return null;
        var numbers = new double?[Columns];
        for (var i = 1; i < Columns; i++)
        {
            if (cells[i].Length == 0) continue;
            if (!double.TryParse(cells[i], Plain, CultureInfo.InvariantCulture, out var number) || !double.IsFinite(number)) return null;
            numbers[i] = number;
        }
        return new MetricsRow(step, numbers[1], numbers[2], numbers[3], numbers[4], numbers[5]);
    }

    private static string Cell(double? value) => value is { } number ? number.ToString("R", CultureInfo.InvariantCulture) : "";

    private static Fault.DamagedStore Damaged(string file, int line, string expected, string found) => new(
        string.Create(CultureInfo.InvariantCulture, $"{file}: line {line}"), expected,
        found.Length == 0 ? "an empty line" : $"'{(found.Length > 80 ? found[..80] + "…" : found)}'",
        TrainingFolder.Again);
}
