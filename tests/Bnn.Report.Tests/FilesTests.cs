using System.Collections.Immutable;
using System.Text.Json;
using Bnn.Core;
using CsCheck;

namespace Bnn.Report.Tests;

public sealed class FilesTests
{
    [Fact]
    public void Csv_has_a_row_for_each_finished_training_in_order()
    {
        var dense = Inputs.Done(Inputs.Dense(7), 0.98, null);
        var ticket = Inputs.Done(Inputs.Ticket("variance", 0.05m, 7), 0.1 + 0.2);
        Assert.Equal(
            "seed,kind,strategy,scope,target_density,density,kept,total,early_stop_step,test_accuracy_early_stop,test_nll_early_stop,test_accuracy_last,test_nll_last,run\n"
            + $"7,dense,,,,1,1000,1000,,,,0.98,0.125,{dense.Run.Key}\n"
            + $"7,ticket,variance,paper,0.05,0.05,50,1000,200,0.30100000000000005,0.1,0.30000000000000004,0.125,{ticket.Run.Key}\n",
            TableFiles.Csv(Inputs.Of([dense, ticket])));
    }

    [Fact]
    public void Csv_quotes_what_would_break_a_row() =>
        Assert.Contains("1,ticket,\"a,\"\"b\"\"\nc\",paper,", TableFiles.Csv(Inputs.Of([Inputs.Done(Inputs.Ticket("a,\"b\"\nc", 0.05m, 1), 0.9)])));

    [Fact]
    public void Json_holds_the_same_as_csv()
    {
        var input = Inputs.Seeds(2, stop: null);
        var lines = TableFiles.Csv(input).TrimEnd('\n').Split('\n');
        using var json = JsonDocument.Parse(TableFiles.Json(input));
        Assert.Equal(lines.Length - 1, json.RootElement.GetArrayLength());
        foreach (var (row, line) in json.RootElement.EnumerateArray().Zip(lines.Skip(1)))
        {
            Assert.Equal(lines[0].Split(','), row.EnumerateObject().Select(property => property.Name));
            Assert.Equal(line.Split(','), row.EnumerateObject().Select(property => property.Value.ValueKind switch
            {
                JsonValueKind.Null => "",
                JsonValueKind.String => property.Value.GetString()!,
                _ => property.Value.GetRawText(),
            }));
        }
        Assert.DoesNotContain('\r', TableFiles.Json(input));
    }

    [Fact]
    public void Files_and_report_do_not_depend_on_the_culture()
    {
        var input = Inputs.Seeds(3);
        string[] All() => [TableFiles.Csv(input), TableFiles.Json(input), MetricsFile.Csv(input.Finished[0].Rows), string.Join('\n', Findings.Of(Summary.From(input))), HtmlReport.Render(input)];
        var expected = All();
        Assert.Equal(expected, Cultures.WithDecimalComma(All));
    }

    private static readonly Gen<double?> Cell = Gen.OneOf(
        Gen.Double.Select(x => (double?)(double.IsNaN(x) ? double.NaN : x)), Gen.Const((double?)null), Gen.Const<double?>(-0.0), Gen.Const<double?>(5e-324));

    [Fact]
    public void Metrics_read_back_to_the_same_bits() =>
        Gen.Select(Cell, Cell, Cell, Cell, Cell).Array[0, 12].Sample(cells =>
        {
            ImmutableArray<MetricsRow> rows = [.. cells.Select((c, i) => new MetricsRow(100 * i, c.Item1, c.Item2, c.Item3, c.Item4, c.Item5))];
            string Write() => MetricsFile.Csv(rows);
            var read = Cultures.WithDecimalComma(() => ((Result<ImmutableArray<MetricsRow>>.Ok)MetricsFile.Parse(Write())).Value);
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
        var fault = Assert.IsType<Fault.DamagedStore>(Assert.Single(((Result<ImmutableArray<MetricsRow>>.Failed)MetricsFile.Parse(text, "runs/1a/metrics.csv")).Faults));
        Assert.StartsWith("runs/1a/metrics.csv: line ", fault.Path);
    }

    private static IEnumerable<long?> Bits(MetricsRow row) =>
        ((double?[])[row.Step, row.TrainLoss, row.TrainNll, row.Kl, row.ValidationNll, row.ValidationAccuracy])
            .Select(value => value is { } number ? BitConverter.DoubleToInt64Bits(number) : (long?)null);
}
