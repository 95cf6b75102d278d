using System.Globalization;

namespace Compare;

/// <summary>Milliseconds of the same thing done many times.</summary>
internal sealed class Timing
{
    private readonly double[] _sorted;

    public Timing(IEnumerable<double> ms) => _sorted = [.. ms.Order()];

    public double Min => _sorted[0];

    public double Max => _sorted[^1];

    public double Median => (_sorted[(_sorted.Length - 1) / 2] + _sorted[_sorted.Length / 2]) / 2;
}

/// <summary>The times of one work on one engine.</summary>
internal sealed record Row(string Work, string Engine, Timing Ms);

/// <summary>What was measured, for people and as CSV.</summary>
internal static class Table
{
    public const string CsvHead = "work,engine,threads,min_ms,median_ms,max_ms";

    /// <summary>Number of threads that every engine computes with.</summary>
    private const int Threads = 1;

    /// <summary>Prints times, and their ratios to those of <paramref name="reference"/>.</summary>
    public static void Print(IReadOnlyList<Row> rows, string reference)
    {
        Write($"{"work",-18} {"engine",-11} {"min ms",9} {"median ms",9}   {$"min ÷ {reference}",11} {$"median ÷ {reference}",13}");
        foreach (var row in rows)
        {
            var to = rows.First(other => other.Work == row.Work && other.Engine == reference).Ms;
            var ratios = FormattableString.Invariant($"{row.Ms.Min / to.Min,11:0.00} {row.Ms.Median / to.Median,13:0.00}");
            Write($"{row.Work,-18} {row.Engine,-11} {row.Ms.Min,9:0.000} {row.Ms.Median,9:0.000}   {ratios}");
        }
    }

    public static IEnumerable<string> Csv(IEnumerable<Row> rows) => rows
        .Select(row => string.Create(
            CultureInfo.InvariantCulture, $"{row.Work},{row.Engine},{Threads},{row.Ms.Min:R},{row.Ms.Median:R},{row.Ms.Max:R}"))
        .Prepend(CsvHead);

    /// <summary>Writes a line to stdout, with numbers in the invariant culture.</summary>
    public static void Write(FormattableString line) => Console.Out.WriteLine(line.ToString(CultureInfo.InvariantCulture));
}
