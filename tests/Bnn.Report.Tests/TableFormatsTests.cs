using System.Text.Json;
using Bnn.Core;
using Bnn.Tests;
using CsCheck;
using Parquet;
using Parquet.Schema;

namespace Bnn.Report.Tests;

/// <summary>Tables of any trainings in every format: what is a cell stays one, whatever it holds.</summary>
public sealed class TableFormatsTests
{
    private const string Hostile = "<script>alert('|')</script>,\"x\"\r\n\u001b[31m`*_[a](b)\\& é\u202a";

    private static readonly PlannedTraining Odd = Inputs.Ticket(Hostile, 0.05m, ulong.MaxValue)
        .With("lr", "1E-05").With("batch", "60").With("per-round", "0.2").With("bayesian-at", "500").With("optimizer", Hostile);

    [Fact]
    public void All_columns_are_those_of_table_csv_and_every_measure_and_factor()
    {
        var input = Inputs.Seeds(1);
        var names = TableFiles.AllColumns(input.Experiment.Trainings).Select(column => column.Name).ToList();
        Assert.Equal(names.Distinct(), names);
        Assert.Empty(TableFiles.Csv(input).Split('\n')[0].Split(',').Except(names));
        Assert.Empty(Measures.All.Select(measure => measure.Name).Except(names));
        Assert.Empty(((string[])["layers", "steps", "data", "threshold", "arms"]).Except(names));
        Assert.Equal(FilesTests.LastColumns + ",arms", $",{string.Join(',', names[^FilesTests.LastColumns.Split(',').Length..])}");
    }

    [Fact]
    public void Numbers_of_settings_are_numbers_and_a_foreign_text_leaves_its_column_text()
    {
        var table = Table(Odd.With("layers", "36-8"), Inputs.Dense(1).With("batch", "90"));
        Is(table, "batch", 60L, ColumnType.Whole);
        Is(table, "lr", 1e-5, ColumnType.Number);
        Is(table, "per_round", 0.2, ColumnType.Number);
        Is(table, "bayesian_at", "500", ColumnType.Text);
        Is(table, "layers", "36-8", ColumnType.Text);
        Is(Table(Odd, Inputs.Dense(1).With("batch", "many")), "batch", "60", ColumnType.Text);

        static void Is(TrainingTable table, string name, object value, ColumnType type)
        {
            Assert.Equal(value, table.Value(name, 0));
            Assert.Equal(type, table.Type(name));
        }
    }

    [Fact]
    public void A_factor_of_a_foreign_plan_can_t_take_another_column_s_name()
    {
        var table = Table(Inputs.Dense(1).With("seed", "7").With("a,b", "1"));
        Assert.Equal(1ul, table.Value("seed", 0));
        Assert.Contains(",\"a,b\",", TableFormats.Csv(table).Split('\n')[0], StringComparison.Ordinal);
    }

    [Fact]
    public void Csv_reads_back_whatever_the_texts_are() =>
        Gen.String.Array[1, 3].Sample(texts =>
        {
            var table = Table([.. texts.Select((text, i) => Inputs.Dense((ulong)i).With("optimizer", text))]);
            var rows = CsvText.Read(TableFormats.Csv(table));
            Assert.All(rows, row => Assert.Equal(table.Columns.Length, row.Length));
            Assert.Equal(texts, rows.Skip(1).Select(row => row[Array.IndexOf(rows[0], "optimizer")]));
        });

    [Fact]
    public void Json_has_numbers_as_numbers_and_no_control_character()
    {
        var text = TableFormats.Json(Table(Odd));
        using var json = JsonDocument.Parse(text);
        var row = json.RootElement[0];
        Assert.Equal(Hostile, row.GetProperty("strategy").GetString());
        Assert.Equal(ulong.MaxValue, row.GetProperty("seed").GetUInt64());
        Assert.Equal(60, row.GetProperty("batch").GetInt64());
        Assert.Equal(JsonValueKind.Null, row.GetProperty("threshold").ValueKind);
        Assert.DoesNotContain(text, letter => letter != '\n' && char.IsControl(letter));
    }

    [Fact]
    public void Markdown_has_one_line_for_each_row_and_no_text_becomes_markup()
    {
        var lines = TableFormats.Markdown(Table(Odd, Inputs.Dense(2))).TrimEnd('\n').Split('\n');
        Assert.Equal(4, lines.Length);
        Assert.All(lines, line => Assert.Equal(Bars(lines[0]), Bars(line)));
        Assert.StartsWith("| seed | kind |", lines[0], StringComparison.Ordinal);
        Assert.StartsWith("| ---: | --- |", lines[1], StringComparison.Ordinal);
        Assert.Contains(" early_stop_step |", lines[0], StringComparison.Ordinal);
        Assert.Contains(
            "| \\<script\\>alert('\\|')\\</script\\>,\"x\"???\\[31m\\`\\*\\_\\[a\\](b)\\\\\\& é", lines[2], StringComparison.Ordinal);

        static int Bars(string line) => line.Where((letter, i) => letter == '|' && (i == 0 || line[i - 1] != '\\')).Count();
    }

    [Fact]
    public async Task Parquet_has_types_and_the_same_values()
    {
        var done = Inputs.Done(Odd, 0.1 + 0.2);
        var table = new TrainingTable(
            [.. TableFiles.AllColumns([Odd, Inputs.Dense(2)]), TableFiles.Experiments, .. TableFiles.Times],
            [
                new TableRow(Odd, done.Record) { Experiments = ["a", "b"], Seconds = 1.5 },
                new TableRow(Inputs.Dense(2), Inputs.Done(Inputs.Dense(2), double.NaN, stop: null).Record),
            ]);
        var bytes = TableFormats.Parquet(table);
        Assert.Equal(bytes, TableFormats.Parquet(table));

        await using var reader = await ParquetReader.CreateAsync(
            new MemoryStream(bytes), cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal(table.Columns.Select(column => column.Name), reader.Schema.DataFields.Select(field => field.Name));
        Assert.All(reader.Schema.DataFields, field => Assert.True(field.IsNullable));
        Assert.Equal([ulong.MaxValue, 2ul], await Values<ulong>(reader, "seed"));
        Assert.Equal([60L, null], await Values<long>(reader, "batch"));
        Assert.Equal([200L, null], await Values<long>(reader, "early_stop_step"));
        Assert.Equal([0.05, null], await Values<double>(reader, "target_density"));
        Assert.Equal([0.1 + 0.2, double.NaN], await Values<double>(reader, "test_accuracy_last"));
        Assert.Equal([1.5, null], await Values<double>(reader, "seconds"));
        Assert.Equal([Hostile, null], await Texts(reader, "strategy"));
        Assert.Equal(["a/b", null], await Texts(reader, "experiments"));
        Assert.Equal([Odd.Key.Value, Inputs.Dense(2).Key.Value], await Texts(reader, "run"));
    }

    [Fact]
    public async Task A_table_without_rows_has_its_columns_in_every_format()
    {
        var table = Table();
        Assert.StartsWith("seed,kind,", TableFormats.Csv(table), StringComparison.Ordinal);
        Assert.Equal("[]\n", TableFormats.Json(table));
        Assert.Equal(2, TableFormats.Markdown(table).TrimEnd('\n').Split('\n').Length);
        await using var reader = await ParquetReader.CreateAsync(
            new MemoryStream(TableFormats.Parquet(table)), cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal(table.Columns.Length, reader.Schema.DataFields.Length);
    }

    [Fact]
    public void No_format_depends_on_the_culture()
    {
        var table = Table(Odd, Inputs.AtThreshold("variance", 0.25, 1));
        string[] All() => [
            TableFormats.Csv(table), TableFormats.Json(table), TableFormats.Markdown(table),
            Convert.ToHexString(TableFormats.Parquet(table))];
        Assert.Equal(All(), Cultures.WithDecimalComma(All));
    }

    private static TrainingTable Table(params PlannedTraining[] trainings) => new(
        TableFiles.AllColumns(trainings),
        [.. trainings.Select(training => new TableRow(training, Inputs.Done(training, 0.9).Record))]);

    private static async Task<T?[]> Values<T>(ParquetReader reader, string name)
        where T : struct
    {
        using var group = reader.OpenRowGroupReader(0);
        var values = new T?[group.RowCount];
        await group.ReadAsync<T>(FieldOf(reader, name), values.AsMemory());
        return values;
    }

    private static async Task<string?[]> Texts(ParquetReader reader, string name)
    {
        using var group = reader.OpenRowGroupReader(0);
        var values = new string?[group.RowCount];
        await group.ReadAsync(FieldOf(reader, name), values.AsMemory()!);
        return values;
    }

    private static DataField FieldOf(ParquetReader reader, string name) => reader.Schema.DataFields.Single(field => field.Name == name);
}

file static class Cells
{
    public static object? Value(this TrainingTable table, string column, int row) => Of(table, column).Value(table.Rows[row]);

    public static ColumnType Type(this TrainingTable table, string column) => Of(table, column).Type;

    private static TableColumn Of(TrainingTable table, string name) => table.Columns.Single(column => column.Name == name);
}
