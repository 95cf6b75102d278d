using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;

namespace Host.Tests;

/// <summary>One command and everything that it leaves behind.</summary>
public sealed class ExperimentTests(Experiment experiment) : IClassFixture<Experiment>
{
    private const string TableHeader =
        "seed,kind,strategy,scope,target_density,density,kept,total,early_stop_step,test_accuracy_early_stop,test_nll_early_stop,"
        + "test_accuracy_last,test_nll_last,run,rounds,round,start,rewind,kept_rule,pruned_rule,bayesian_images,bayesian_at,bayesian_noise,"
        + "control,test_accuracy_untrained,validation_accuracy_last_fifth,steps_to_97,steps_to_97_5,steps_to_98,test_brier_last,"
        + "test_ece_last,test_entropy_last,test_nll_sampled,test_mutual_information,finding_steps,"
        + "finding_multiply_adds,auroc_entropy,auroc_mutual_information,variance_with_activity,second_data";

    private Results Results => experiment.Results;

    [Fact]
    public void Stdout_has_the_table_and_where_the_report_is()
    {
        var table = experiment.Outcome.Table;
        string[] headings = ["strategy", "density", "kept", "last step", "early stop", "dense", "mag", "early stop at"];
        Assert.All(headings.Zip(table[0]), pair => Assert.Contains(pair.First, pair.Second, StringComparison.Ordinal));
        var rows = Results.Table();
        var dense = rows.Single(row => row["kind"] == "dense").Number("test_accuracy_last");
        Assert.Equal(
            rows.Select(row => (
                row["kind"] is "ticket" ? row["strategy"] : row["kind"],
                row["kind"] is "ticket" ? $"{100 * row.Number("target_density"):0} %" : "",
                row["kept"],
                Percent(row.Number("test_accuracy_last")), Percent(row.Number("test_accuracy_early_stop")),
                row["kind"] is "dense" ? "" : Points(row.Number("test_accuracy_last") - dense),
                row["strategy"] is "" or "magnitude" ? "" : Points(row.Number("test_accuracy_last") - Magnitude(row)),
                row["early_stop_step"])),
            table.Skip(1).Select(cells => (
                cells[0], cells[1], cells[2], cells[3].Split(' ')[0], cells[4].Split(' ')[0], cells[5], cells[6], cells[7])));
        Assert.EndsWith(
            $"\nreport: {Path.Combine(Results.Experiment(), "report.html")}\n", experiment.Outcome.Out, StringComparison.Ordinal);
        Assert.DoesNotContain("seed 1: done", experiment.Outcome.Out, StringComparison.Ordinal);

        double Magnitude(Row row) =>
            rows.Single(other => other["strategy"] == "magnitude" && other["target_density"] == row["target_density"])
                .Number("test_accuracy_last");
    }

    [Fact]
    public void Stderr_has_the_talk() => experiment.Outcome.Says(
        "8 trainings of 36-8-5-3", "bayesian · seed 1: done", "variance 0.2 · seed 1: done", "[8/8]", "One seed gives no interval",
        "./host run --strategy variance", "--seeds 1..5");

    [Fact]
    public void Nothing_but_the_described_files_is_left()
    {
        var name = Path.GetFileName(Results.Experiment());
        Assert.Matches("^variance-[0-9a-f]{12}$", name);
        string[] expected = [
            "store.json",
            .. from file in (string[])["SHA256SUMS", "plan.json", "report.html", "summary.md", "table.csv", "table.json"]
               select $"experiments/{name}/{file}",
            .. from row in Results.Table()
               let tensors = row["kind"] is "bayesian" ? "posterior.safetensors" : "weights.safetensors"
               from file in (string[])["config.json", "log.txt", "measures.json", "metrics.csv", "result.json", tensors]
               select $"runs/{row["run"]}/{file}",
            .. Results.Table().Select(row => $".done/{row["run"]}"),
            .. Results.Table().Select(row => $".locks/{row["run"]}").Append($".locks/experiment {name}").Append(".locks/store")];
        Assert.Equal(expected.Order(StringComparer.Ordinal), Folders.Files(Results.Root).Keys);
        Assert.Equal("results", Assert.Single(Directory.GetFileSystemEntries(experiment.Place.Folder).Select(Path.GetFileName)));
    }

    [Fact]
    public void A_run_is_named_by_the_sha256_of_its_config() => Assert.All(Results.Runs, run =>
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(run.File("config.json"))))[..12], run.Key));

    [Fact]
    public void The_config_holds_what_changes_bits_and_nothing_else()
    {
        string[] shared = [
            "format", "kind", "engine", "numerics", "data", "validation", "layers", "initialisation", "optimizer", "batch", "eval_every",
            "seed", "steps"];
        Assert.All(Results.Runs, run => Assert.Equal(
            run.Kind switch
            {
                "bayesian" => [.. shared, "kl_weight", "prior_scale"],
                "ticket" => [.. shared, "scope", "density", "strategy", "plugin_sha256", "needs"],
                _ => shared,
            },
            run.Config.EnumerateObject().Select(property => property.Name)));
    }

    [Fact]
    public void A_ticket_names_its_plugin_and_the_trainings_its_strategy_needs()
    {
        string[] NeedsOf(string strategy)
        {
            var needs = Results.Of(row => row["strategy"] == strategy).Config.GetProperty("needs");
            return [.. needs.EnumerateArray().Select(key => key.GetString()!)];
        }

        Assert.Equal([Results.Bayesian.Key], NeedsOf("variance"));
        Assert.Equal([Results.Dense.Key], NeedsOf("magnitude"));
        Assert.Empty(NeedsOf("random"));
        var dll = Path.Combine(Installation.Source, "..", "plugins", "MaskStrategies", "MaskStrategies.dll");
        var plugin = Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(dll)));
        Assert.All(Results.Tickets, ticket => Assert.Equal(plugin, ticket.Config.GetProperty("plugin_sha256").GetString()));
    }

    [Fact]
    public void Times_and_versions_are_in_the_result() => Assert.All(Results.Runs, run =>
    {
        var provenance = run.Result.GetProperty("provenance");
        var started = provenance.GetProperty("started").GetDateTimeOffset();
        var finished = provenance.GetProperty("finished").GetDateTimeOffset();
        Assert.True(started <= finished && finished <= DateTimeOffset.UtcNow && finished > DateTimeOffset.UtcNow.AddHours(-1));
        Assert.StartsWith("host ", provenance.GetProperty("host").GetString(), StringComparison.Ordinal);
        Assert.StartsWith(".NET ", provenance.GetProperty("runtime").GetString(), StringComparison.Ordinal);
        Assert.StartsWith("simd", provenance.GetProperty("engine").GetString(), StringComparison.Ordinal);
        Assert.Equal(Environment.MachineName, provenance.GetProperty("machine").GetString());
    });

    [Fact]
    public void Metrics_have_a_row_at_0_at_every_evaluation_and_at_the_end() => Assert.All(Results.Runs, run =>
    {
        var rows = run.Metrics;
        Assert.Equal("step,train_loss,train_nll,kl,validation_nll,validation_accuracy", string.Join(',', rows[0]));
        Assert.Equal(["0", "20", "40", "60"], rows.Skip(1).Select(row => row[0]));
        Assert.Equal(["", "", ""], rows[1][1..4]);
        foreach (var row in rows.Skip(2))
        {
            var (loss, nll) = (Number(row[1]), Number(row[2]));
            Assert.Equal(run.Kind is "bayesian", row[3].Length > 0);
            Assert.Equal(run.Kind is "bayesian" ? nll + Number(row[3]) / 250 : nll, loss, Math.Abs(loss) * 1e-12);
        }
        foreach (var row in rows.Skip(1))
        {
            Assert.InRange(Number(row[4]), 0, 10);
            Assert.Equal(Math.Round(50 * Number(row[5])), 50 * Number(row[5]), 1e-9);      // of 50 validation images
        }
    });

    [Fact]
    public void The_early_stop_is_the_first_lowest_validation_loss_after_step_0() => Assert.All(Results.Table(), row =>
        Assert.Equal(row["early_stop_step"], Results.Run(row["run"]).Metrics.Skip(2).MinBy(cells => Number(cells[4]))![0]));

    [Fact]
    public void The_table_has_the_described_columns_in_plan_order()
    {
        Assert.Equal(TableHeader, File.ReadLines(Path.Combine(Results.Experiment(), "table.csv")).First());
        Assert.Equal(
            [
                "1,bayesian,,,,343", "1,dense,,,,343",
                "1,ticket,variance,paper,0.5,175", "1,ticket,variance,paper,0.2,75",
                "1,ticket,magnitude,paper,0.5,175", "1,ticket,magnitude,paper,0.2,75",
                "1,ticket,random,paper,0.5,175", "1,ticket,random,paper,0.2,75",
            ],
            Results.Table().Select(row => string.Join(
                ',', row["seed"], row["kind"], row["strategy"], row["scope"], row["target_density"], row["kept"])));
        Assert.Equal(
            Results.Table().Select(row => row["run"]),
            Folders.Json(Path.Combine(Results.Experiment(), "plan.json")).GetProperty("trainings").EnumerateArray()
                .Select(training => training.GetProperty("key").GetString()));
    }

    [Fact]
    public void Table_and_result_agree_to_the_last_digit() => Assert.All(Results.Table(), row =>
    {
        var result = Results.Run(row["run"]).Result;
        string[] measures = [
            "early_stop_step", "test_accuracy_early_stop", "test_nll_early_stop", "test_accuracy_last", "test_nll_last"];
        foreach (var column in measures)
            Assert.Equal(result.GetProperty(column).GetDouble(), row.Number(column));
        Assert.Equal(row.Number("kept") / row.Number("total"), row.Number("density"));
        Assert.Equal(row.Whole("kept"), Results.Run(row["run"]).KeptPerLayer.Sum());
    });

    [Fact]
    public void Json_table_and_csv_table_hold_the_same()
    {
        static string Line(Func<string, string> cellOf) => string.Join(',', TableHeader.Split(',').Select(cellOf));
        static string Cell(JsonElement value) => value.ValueKind is JsonValueKind.Null ? "" : value.ToString();
        Assert.Equal(
            Results.Table().Select(row => Line(column => row[column])),
            Folders.Json(Path.Combine(Results.Experiment(), "table.json")).EnumerateArray()
                .Select(row => Line(column => Cell(row.GetProperty(column)))));
    }

    [Fact]
    public void The_dense_net_learns_and_beats_chance() =>
        Assert.True(Results.Table().Single(row => row["kind"] == "dense").Number("test_accuracy_last") > 0.5);

    [Fact]
    public void The_report_opens_offline_and_names_the_experiment()
    {
        var report = Results.Report();
        Assert.Contains(Path.GetFileName(Results.Experiment()), report, StringComparison.Ordinal);
        Assert.Contains("./host run --strategy variance --density 0.5,0.2", report, StringComparison.Ordinal);
        Assert.Contains("default-src 'none'", report, StringComparison.Ordinal);
        Assert.DoesNotContain("src=\"http", report, StringComparison.Ordinal);
        Assert.DoesNotContain("<link", report, StringComparison.Ordinal);
        Assert.DoesNotContain(experiment.Place.Folder, report, StringComparison.Ordinal);
    }

    [Fact]
    public void The_store_tells_its_format() =>
        Assert.Equal(1, Folders.Json(Path.Combine(Results.Root, "store.json")).GetProperty("format").GetInt32());

    private static string Percent(double fraction) => (100 * fraction).ToString("0.00", CultureInfo.InvariantCulture);

    private static string Points(double difference) => (100 * difference).ToString("+0.00;−0.00;0.00", CultureInfo.InvariantCulture);

    private static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);
}
