using System.Collections.Immutable;
using System.Globalization;
using Bnn.Core;
using CsCheck;

namespace Bnn.Store.Tests;

public sealed class MetricsFileTests
{
    private static readonly Gen<double?> Cell = Gen.OneOf(
        Gen.Double.Select(x => (double?)(double.IsNaN(x) ? double.NaN : x)),
        Gen.Const((double?)null), Gen.Const<double?>(-0.0), Gen.Const<double?>(5e-324));

    [Fact]
    public void Metrics_read_back_to_the_same_bits() =>
        Gen.Select(Cell, Cell, Cell, Cell, Cell).Array[0, 12].Sample(cells =>
        {
            ImmutableArray<MetricsRow> rows =
                [.. cells.Select((c, i) => new MetricsRow(100 * i, c.Item1, c.Item2, c.Item3, c.Item4, c.Item5))];
            string Write() => MetricsFile.Csv(rows);
            var read = WithDecimalComma(() => MetricsFile.Parse(Write()).OrThrow());
            return read.Length == rows.Length && read.Zip(rows).All(pair => Bits(pair.First).SequenceEqual(Bits(pair.Second)));
        });

    [Theory]
    [InlineData("")]
    [InlineData("step,loss\n0,1\n")]
    [InlineData(MetricsFile.Header)]
    [InlineData(MetricsFile.Header + "\n100,0.5,0.5,,0.25,0.9")]      // cut off: no line feed
    [InlineData(MetricsFile.Header + "\n100,0.5,0.5,,0.25\n")]        // a cell too few
    [InlineData(MetricsFile.Header + "\n100,0.5,0.5,,0.25,0.9,\n")]   // a cell too many
    [InlineData(MetricsFile.Header + "\n100,0.5,0.5,,x,0.9\n")]
    [InlineData(MetricsFile.Header + "\n100,0.5,0.5,, 1,0.9\n")]
    [InlineData(MetricsFile.Header + "\n1.5,0.5,0.5,,0.25,0.9\n")]
    [InlineData(MetricsFile.Header + "\n100,0.5,0.5,,0.25,0.9\n100,0.5,0.5,,0.25,0.9\n")]   // the same step again
    [InlineData(MetricsFile.Header + "\n100,0.5,0.5,,0.25,0.9\r\n")]
    public void Damaged_metrics_are_a_fault_that_names_the_file(string text)
    {
        var failed = Assert.IsType<Result<ImmutableArray<MetricsRow>>.Failed>(MetricsFile.Parse(text, "runs/1a/metrics.csv"));
        var fault = Assert.IsType<Fault.DamagedStore>(Assert.Single(failed.Faults));
        Assert.StartsWith("runs/1a/metrics.csv: line ", fault.Path);
    }

    private static IEnumerable<long?> Bits(MetricsRow row) =>
        ((double?[])[row.Step, row.TrainLoss, row.TrainNll, row.Kl, row.ValidationNll, row.ValidationAccuracy])
            .Select(value => value is { } number ? BitConverter.DoubleToInt64Bits(number) : (long?)null);

    private static T WithDecimalComma<T>(Func<T> work)
    {
        var before = CultureInfo.CurrentCulture;
        try
        {
            var commas = (CultureInfo)CultureInfo.InvariantCulture.Clone();
            commas.NumberFormat.NumberDecimalSeparator = ",";
            CultureInfo.CurrentCulture = commas;
            return work();
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }
}
