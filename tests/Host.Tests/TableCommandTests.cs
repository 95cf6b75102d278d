using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Bnn.Core;
using Bnn.Tests;
using Parquet;

namespace Host.Tests;

/// <summary><c>host table</c>: one row per training with all factors and measures, in every format.</summary>
public sealed class TableCommandTests(StoredResults stored) : IClassFixture<StoredResults>
{
    private const string Hostile = "<b>x</b>|,\"\n\u001b[31m`_y_";

    private Place Place => stored.Place;

    [Fact]
    public async Task It_has_the_columns_of_table_csv_with_its_values_and_all_factors_and_measures()
    {
        var rows = Rows((await Place.Run("table one")).Done().Out);
        var expected = Place.Results.Table("one");
        Assert.Equal(StoredResults.OfOne, rows.Count);
        var columns = File.ReadAllLines(Path.Combine(Place.Results.Experiment("one"), "table.csv"))[0].Split(',');
        foreach (var (row, own) in rows.Zip(expected))
            Assert.All(columns, column => Assert.Equal(own[column], row[column]));
        Assert.All(Measures.All, measure => Assert.Contains(measure.Name, rows[0].Keys));
        var plan = Folders.Json(Path.Combine(Place.Results.Experiment("one"), "plan.json"));
        var cells = plan.GetProperty("cells").EnumerateArray().ToDictionary(cell => cell.GetProperty("id").GetString()!);
        foreach (var (row, training) in rows.Zip(plan.GetProperty("trainings").EnumerateArray()))
        {
            foreach (var factor in cells[training.GetProperty("cell").GetString()!].GetProperty("factors").EnumerateArray())
            {
                var (name, value) = (factor.GetProperty("name").GetString()!, factor.GetProperty("value").GetString()!);
                if (name is "cut" or "pruning" or "kept" or "pruned") continue;     // told by other columns
                Assert.Equal(value, row[name.Replace('-', '_')]);
            }
        }
        Assert.DoesNotContain("seconds", rows[0].Keys);
        Assert.DoesNotContain("experiments", rows[0].Keys);
    }

    [Fact]
    public async Task Over_a_results_folder_each_training_is_there_once_with_the_experiments_that_hold_it()
    {
        var rows = Rows((await Place.Run("table results --csv")).Done().Out);
        Assert.Equal(StoredResults.OfBoth, rows.Select(row => row["run"]).Distinct().Count());
        Assert.Equal(StoredResults.OfBoth, rows.Count);
        Assert.Equal(
            (StoredResults.OfOne + StoredResults.OfTwo - StoredResults.OfBoth, 1),
            (rows.Count(row => row["experiments"] == "one/two"), rows.Count(row => row["experiments"] == "two")));
        Assert.Equal("snr", Assert.Single(rows, row => row["experiments"] == "two")["strategy"]);
        var whole = (await Place.Run("table results")).Done().Out;
        Assert.Equal(whole, (await Place.Run("table")).Done().Out);
        Assert.Equal(whole, (await Place.Run($"table --output {Place.Results.Root}")).Done().Out);
        Assert.Equal((await Place.Run("table one")).Out, (await Place.Run("table results/experiments/one/")).Done().Out);
    }

    [Fact]
    public async Task Every_format_has_the_same_bytes_when_it_is_repeated_and_in_a_file()
    {
        using var place = stored.Copy();
        foreach (var format in (string[])["--csv", "--json", "--md"])
        {
            var shown = (await place.Run($"table two {format}")).Done().Out;
            var outcome = (await place.Run($"table two {format} --to table")).Done();
            Assert.Equal(("", "table: 4 trainings\n"), (outcome.Out, outcome.Err));
            Assert.Equal(shown, File.ReadAllText(place.File("table")));
        }
        (await place.Run("table --parquet --to table")).Done();
        var bytes = File.ReadAllBytes(place.File("table"));
        (await place.Run("table --parquet --to table")).Done();
        Assert.Equal(bytes, File.ReadAllBytes(place.File("table")));
        await using var reader = await ParquetReader.CreateAsync(
            place.File("table"), cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal((await place.Run("table")).Out.Split('\n')[0].Split(','), reader.Schema.DataFields.Select(field => field.Name));
        Assert.Equal(typeof(double), reader.Schema.DataFields.Single(field => field.Name == "test_accuracy_last").ClrType);
        Assert.Equal(typeof(long), reader.Schema.DataFields.Single(field => field.Name == "steps").ClrType);
    }

    [Fact]
    public async Task Json_and_markdown_have_a_row_for_each_training()
    {
        using var json = JsonDocument.Parse((await Place.Run("table two --json")).Done().Out);
        Assert.Equal(StoredResults.OfTwo, json.RootElement.GetArrayLength());
        Assert.All(json.RootElement.EnumerateArray(), row => Assert.Equal(10, row.GetProperty("batch").GetInt32()));
        var lines = (await Place.Run("table two --md")).Done().Out.TrimEnd('\n').Split('\n');
        Assert.Equal(StoredResults.OfTwo + 2, lines.Length);
        Assert.StartsWith("| seed | kind |", lines[0], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Seconds_are_there_when_they_are_asked_for()
    {
        var rows = Rows((await Place.Run("table one --times")).Done().Out);
        Assert.All(rows, row =>
        {
            var made = Place.Results.Run(row["run"]).Result.GetProperty("provenance");
            var seconds = (made.GetProperty("finished").GetDateTimeOffset() - made.GetProperty("started").GetDateTimeOffset()).TotalSeconds;
            Assert.Equal(seconds, double.Parse(row["seconds"], CultureInfo.InvariantCulture));
        });
    }

    [Theory, InlineData("result.json"), InlineData("metrics.csv"), InlineData("config.json")]
    public async Task A_damaged_training_is_named_and_left_out(string file)
    {
        using var place = stored.Copy();
        var damaged = place.Results.Of(row => row["strategy"] == "magnitude", "one");
        StoredResults.Flip(damaged.File(file));
        var outcome = (await place.Run("table")).Ends(5).Says(damaged.File(file), "expected ", "found ");
        var rows = Rows(outcome.Out);
        Assert.Equal(StoredResults.OfBoth - 1, rows.Count);
        Assert.DoesNotContain(rows, row => row["run"] == damaged.Key);
    }

    [Fact]
    public async Task A_damaged_plan_is_named_and_the_other_experiments_are_there()
    {
        using var place = stored.Copy();
        var plan = Path.Combine(place.Results.Experiment("two"), "plan.json");
        StoredResults.Flip(plan);
        Assert.Equal(StoredResults.OfOne, Rows((await place.Run("table")).Ends(5).Says(plan).Out).Count);
        (await place.Run("table two")).Refused(5, plan);
    }

    [Fact]
    public async Task What_is_not_done_yet_is_said()
    {
        using var place = stored.Copy();
        File.Delete(place.Results.Of(row => row["strategy"] == "magnitude", "one").File("result.json"));
        var outcome = (await place.Run("table one")).Done();
        Assert.Equal(StoredResults.OfOne - 1, Rows(outcome.Out).Count);
        outcome.Says("without a row: 1 training not done yet");
    }

    [Fact]
    public async Task What_is_wrong_is_refused()
    {
        using var place = stored.Copy();
        Directory.CreateDirectory(place.File("folder"));
        (await place.Run("table one --csv --json")).Refused(2, "--csv and --json are given", "give one format");
        (await place.Run("table one --parquet")).Refused(2, "--to", "Parquet isn't text", "--to trainings.parquet");
        (await place.Run("table one --parquet --md --to")).Refused(2, "--parquet", "--to");
        (await place.Run("table ones")).Refused(2, "EXPERIMENT", "found ones", "did you mean 'one'?", "./host ls lists them");
        (await place.Run("table", "")).Refused(2, "EXPERIMENT", "found nothing");
        (await place.Run("table one --output nowhere")).Refused(5, "store.json", "give a folder that host run wrote by --output");
        (await place.Run("table folder")).Refused(2, "EXPERIMENT", "found folder");
        (await place.Run("table one --to folder")).Refused(2, "--to", "found folder, which is a folder");
        (await place.Run("table one --to nowhere/table")).Refused(2, "--to", "a file in a folder that is there", "nowhere/table");
        (await place.Run("table one", "--to", "")).Refused(2, "--to", "found nothing");
        if (!OperatingSystem.IsLinux()) return;
        (await place.Run("table one --to /dev/null")).Refused(2, "--to", "/dev/null, which is a device");
        File.CreateSymbolicLink(place.File("link"), "target");
        (await place.Run("table one --to link")).Done();
        Assert.Equal("target", new FileInfo(place.File("link")).LinkTarget);
        Assert.Equal((await place.Run("table one")).Out, File.ReadAllText(place.File("target")));
    }

    [Fact]
    public async Task A_hostile_name_breaks_no_format_and_moves_no_cursor()
    {
        using var place = stored.Copy();
        StoredResults.ChangePlan(place, "two", plan =>
        {
            foreach (var cell in plan["cells"]!.AsArray().Where(cell => cell!["strategy"]?.GetValue<string>() == "snr"))
            {
                cell!["strategy"] = Hostile;
                cell["label"] = Hostile;
            }
        });
        var csv = (await place.Run("table two")).Done().Out;
        Assert.Contains(",\"<b>x</b>|,\"\"\n?[31m`_y_\",paper,", csv, StringComparison.Ordinal);
        (await place.Run("table two --to table.csv")).Done();
        Assert.Equal(csv, File.ReadAllText(place.File("table.csv")).Replace('\u001b', '?'));
        using var json = JsonDocument.Parse((await place.Run("table two --json")).Done().Out);
        Assert.Contains(json.RootElement.EnumerateArray(), row => row.GetProperty("strategy").GetString() == Hostile);
        var markdown = (await place.Run("table two --md")).Done().Out;
        Assert.Equal(StoredResults.OfTwo + 2, markdown.TrimEnd('\n').Split('\n').Length);
        Assert.Contains("| \\<b\\>x\\</b\\>\\|,\"??\\[31m\\`\\_y\\_ |", markdown, StringComparison.Ordinal);
        (await place.Run("table two --parquet --to table.parquet")).Done();

        var key = place.Results.Of(row => row["strategy"] == "snr", "two").Key;
        foreach (var line in (string[])["table two", "table two --json", "table two --md", "ls two", $"show {key}", "ls two --where x=1"])
        {
            var outcome = await place.Run(line);
            Assert.DoesNotContain(outcome.Out + outcome.Err, letter => letter != '\n' && char.IsControl(letter));
        }
    }

    /// <summary>The lines of docs/results.md, with each format's file as they name it.</summary>
    [Fact]
    public async Task The_lines_for_pandas_read_what_is_written()
    {
        using var place = stored.Copy();
        Assert.SkipUnless(await Python(place, "import pandas") is (0, _), "python3 has no pandas (Debian's python3-pandas)");
        var lines = File.ReadAllText(Path.Combine(Golden.Folder, "..", "..", "docs", "results.md"));
        lines = lines[lines.IndexOf("### Tables of all trainings", StringComparison.Ordinal)..];
        lines = lines[(lines.IndexOf("```python\n", StringComparison.Ordinal) + "```python\n".Length)..];
        lines = lines[..lines.IndexOf("```", StringComparison.Ordinal)];
        Assert.Contains("read_csv", lines, StringComparison.Ordinal);
        Assert.Contains("read_json", lines, StringComparison.Ordinal);
        Assert.Contains("read_parquet", lines, StringComparison.Ordinal);
        var hasParquet = await Python(place, "import pyarrow") is (0, _) || await Python(place, "import fastparquet") is (0, _);
        if (!hasParquet)
            lines = string.Join('\n', lines.Split('\n').Where(line => !line.Contains("parquet", StringComparison.Ordinal)));
        foreach (var (format, file) in ((string, string)[])[("csv", "csv"), ("json", "json"), ("parquet", "parquet")])
            (await place.Run($"table results --{format} --to trainings.{file}")).Done();
        var (code, said) = await Python(place, $$"""
            import csv
            {{lines}}
            written = list(csv.DictReader(open("trainings.csv")))
            tables = [by_csv, by_json] + ([by_parquet] if {{(hasParquet ? "True" : "False")}} else [])
            for table in tables:
                assert list(table.columns) == list(written[0].keys()), table.columns
                assert list(table["run"]) == [row["run"] for row in written]
                assert list(table["seed"]) == [int(row["seed"]) for row in written]
                for name in ["test_accuracy_last", "test_nll_last", "density", "lr"]:
                    assert list(table[name]) == [float(row[name]) for row in written], name
                assert [None if pd.isna(x) else x for x in table["bayesian_at"]] == [row["bayesian_at"] or None for row in written]
                assert [None if pd.isna(x) else x for x in table["target_density"]] == \
                    [float(row["target_density"]) if row["target_density"] else None for row in written]
            """);
        Assert.True(code == 0, said);
    }

    private static async Task<(int Code, string Said)> Python(Place place, string script)
    {
        try
        {
            using var python = Process.Start(new ProcessStartInfo("/usr/bin/python3", ["-c", script])
            {
                WorkingDirectory = place.Folder,
                RedirectStandardError = true,
                RedirectStandardOutput = true,
                UseShellExecute = false,
            })!;
            var said = await python.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
            await python.WaitForExitAsync(TestContext.Current.CancellationToken);
            return (python.ExitCode, said);
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return (-1, "there is no python3");
        }
    }

    private static List<Dictionary<string, string>> Rows(string csv)
    {
        var rows = CsvText.Read(csv);
        return [.. rows.Skip(1).Select(row => rows[0].Zip(row).ToDictionary(pair => pair.First, pair => pair.Second))];
    }
}
