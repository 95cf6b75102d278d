using System.Text.Json;
using System.Text.Json.Nodes;

namespace Host.Tests;

/// <summary>Measures that are computed from what trainings left.</summary>
public sealed class LaterMeasureTests(Installation installation)
{
    private const string Line = $"run --strategy magnitude --compare random {Place.SmallAtDensities}";

    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, NewLine = "\n" };

    [Fact]
    public async Task A_ticket_of_an_earlier_version_gets_its_untrained_accuracy_without_training()
    {
        using var place = await installation.Trained(Line);
        var table = File.ReadAllText(Path.Combine(place.Results.Experiment(), "table.csv"));
        Assert.All(place.Results.Table().Where(row => row["kind"] == "ticket"), row => Assert.NotEmpty(row["test_accuracy_untrained"]));
        foreach (var run in place.Results.Tickets)
        {
            File.Delete(run.File("measures.json"));
            Change(run.File("result.json"), json => json.Remove("test_accuracy_untrained"));
        }
        (await place.Run(Line)).Done().Reused(1, 1, 4).Says("measuring 4 trainings");
        Assert.Equal(table, File.ReadAllText(Path.Combine(place.Results.Experiment(), "table.csv")));
        Assert.All(place.Results.Tickets, run => Assert.NotNull(Measure(run, "test_accuracy_untrained")));
        (await place.Run("verify")).Done();

        var file = place.Results.Tickets[0].File("measures.json");
        File.WriteAllText(file, File.ReadAllText(file).Replace("\"value\": 0.", "\"value\": 0.0", StringComparison.Ordinal));
        (await place.Run("verify")).Ends(5).Says(file);
        (await place.Run($"report {place.Results.Experiment()}")).Ends(5).Says(file, "delete it");
        File.Delete(file);
        (await place.Run(Line)).Done();
        Assert.True(File.Exists(file));
    }

    [Fact]
    public async Task Every_training_is_measured_once_for_each_version_of_a_measure()
    {
        using var place = installation.Place();
        (await place.Run(Line)).Done().Says("measuring 6 trainings");
        var files = place.Results.Runs.ToDictionary(run => run.Key, run => File.ReadAllText(run.File("measures.json")));
        var table = File.ReadAllText(Path.Combine(place.Results.Experiment(), "table.csv"));
        Assert.DoesNotContain("measuring", (await place.Run(Line)).Done().Err, StringComparison.Ordinal);

        File.Delete(place.Results.Bayesian.File("measures.json"));
        Change(place.Results.Dense.File("measures.json"), json => json["measures"]!["test_ece_last"]!["version"] = 0);
        Change(place.Results.Tickets[0].File("measures.json"), json => json["measures"]!.AsObject().Remove("test_brier_last"));
        Change(place.Results.Tickets[1].File("measures.json"), json => json["inputs"]!["weights.safetensors"] = new string('0', 64));
        // One that was computed, and of which there is none, is not computed again.
        Change(place.Results.Tickets[2].File("measures.json"), json => json["measures"]!["test_ece_last"]!["value"] = null);
        (await place.Run(Line)).Done().Reused(1, 1, 4).Says("measuring 4 trainings");
        foreach (var run in place.Results.Runs.Where(run => run.Key != place.Results.Tickets[2].Key))
            Assert.Equal(files[run.Key], File.ReadAllText(run.File("measures.json")));
        Assert.Equal("", place.Results.Table().Single(row => row["run"] == place.Results.Tickets[2].Key)["test_ece_last"]);
        File.Delete(place.Results.Tickets[2].File("measures.json"));
        (await place.Run(Line)).Done().Says("measuring 1 training from");
        Assert.Equal(table, File.ReadAllText(Path.Combine(place.Results.Experiment(), "table.csv")));
    }

    [Fact]
    public async Task Deleted_tensors_and_a_damaged_file_are_left_as_they_are()
    {
        using var place = await installation.Trained(Line);
        foreach (var name in (string[])["weights.safetensors", "measures.json"]) File.Delete(place.Results.Tickets[0].File(name));
        Assert.DoesNotContain("measuring", (await place.Run(Line)).Done().Err, StringComparison.Ordinal);
        Assert.False(File.Exists(place.Results.Tickets[0].File("measures.json")));
        var file = place.Results.Dense.File("measures.json");
        File.WriteAllText(file, "{}");
        (await place.Run(Line)).Ends(5).Says(file, "delete it");
        Assert.Equal("{}", File.ReadAllText(file));
    }

    [Fact]
    public async Task Damaged_tensors_are_named_once()
    {
        using var place = await installation.Trained(Line);
        var tensors = place.Results.Dense.File("weights.safetensors");
        File.WriteAllText(tensors, "damaged");
        File.Delete(place.Results.Dense.File("measures.json"));
        var outcome = (await place.Run(Line)).Ends(5);
        Assert.Single(outcome.Faults, fault => fault.Contains(tensors, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Calibration_is_that_of_the_stored_weights_on_the_test_images()
    {
        using var place = await installation.Trained(Line);
        var (images, labels) = (new IdxSet()[IdxSet.TestImages][16..], new IdxSet()[IdxSet.TestLabels][8..]);
        foreach (var row in place.Results.Table().Where(row => row["kind"] is "dense" or "ticket"))
        {
            var weights = place.Results.Run(row["run"]).Weights;
            double[][] predictions = [.. images.Chunk(36).Select(image => Softmax(Logits(weights, image)))];
            var brier = predictions.Zip(labels, (p, label) => p.Select((value, c) => Math.Pow(value - (c == label ? 1 : 0), 2)).Sum());
            Assert.Equal(brier.Average(), row.Number("test_brier_last"), 1e-5);
            Assert.Equal(predictions.Average(p => -p.Sum(value => value * Math.Log(value))), row.Number("test_entropy_last"), 1e-5);
            var gaps =
                from pair in predictions.Zip(labels)
                group (Confidence: pair.First.Max(), Right: Array.IndexOf(pair.First, pair.First.Max()) == pair.Second ? 1 : 0)
                    by Math.Floor(15 * pair.First.Max()) into bin
                select Math.Abs(bin.Sum(one => one.Right - one.Confidence)) / labels.Length;
            Assert.Equal(gaps.Sum(), row.Number("test_ece_last"), 1e-5);
            Assert.Equal(("", ""), (row["test_nll_sampled"], row["test_mutual_information"]));
            Assert.Equal(Folders.Json(place.Results.Run(row["run"]).File("measures.json")).GetProperty("measures")
                .GetProperty("test_brier_last").GetProperty("value").GetDouble(), row.Number("test_brier_last"));
        }
        var bayesian = place.Results.Table().Single(row => row["kind"] == "bayesian");
        Assert.InRange(bayesian.Number("test_mutual_information"), 1e-4, bayesian.Number("test_entropy_last"));
        Assert.InRange(bayesian.Number("test_nll_sampled"), 0.01, 2 * Math.Log(3));
        Assert.InRange(bayesian.Number("test_brier_last"), 0.01, 1);
    }

    private static JsonNode? Measure(Run run, string name) =>
        JsonNode.Parse(File.ReadAllText(run.File("measures.json")))!["measures"]![name];

    /// <summary>Another content with a seal of its own, as another version would have written it.</summary>
    private static void Change(string file, Action<JsonObject> change)
    {
        var json = JsonNode.Parse(File.ReadAllText(file))!.AsObject();
        change(json);
        json["sha256"] = Bnn.Store.Seal.Open;
        File.WriteAllText(file, Bnn.Store.Seal.Close(json.ToJsonString(Indented) + "\n"));
    }

    private static double[] Logits(TensorFile weights, byte[] image)
    {
        double[] a = [.. image.Select(pixel => pixel / 255.0)];
        for (var l = 1; l <= 3; l++)
        {
            var (w, b) = (weights[$"final.layer{l}.weight"].Floats, weights[$"final.layer{l}.bias"].Floats);
            var (inputs, last) = (a, l == 3);
            a = [.. b.Select((bias, o) => inputs.Select((x, i) => x * w[i * b.Length + o]).Sum() + bias)
                .Select(h => last ? h : Math.Max(h, 0))];
        }
        return a;
    }

    private static double[] Softmax(double[] logits)
    {
        double[] powers = [.. logits.Select(logit => Math.Exp(logit - logits.Max()))];
        return [.. powers.Select(power => power / powers.Sum())];
    }
}
