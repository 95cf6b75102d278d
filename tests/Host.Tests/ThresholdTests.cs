using System.Globalization;

namespace Host.Tests;

/// <summary>The post's own cut: a value of the raw criterion, for all layers alike.</summary>
public sealed class ThresholdTests(Installation installation)
{
    private static readonly int[] Layers = [1, 2, 3];

    [Fact]
    public async Task Kept_is_what_lies_at_or_below_it_and_compared_strategies_get_its_counts()
    {
        using var place = installation.Place();
        (await place.Run($"run --compare none {Place.SmallAtDensities} --output first")).Done();
        var posterior = place.At("first").Bayesian.Posterior;
        double[][] variances = [.. Layers.Select(l => posterior[$"final.layer{l}.rho"].Floats.Select(Variance).ToArray())];
        var threshold = Between(variances, share: 0.3);
        (await place.Run($"run --threshold {Text(threshold)} {Place.Small}")).Done();

        var tickets = place.Results.Table().Where(row => row["kind"] == "ticket").ToList();
        Assert.Equal(["variance", "magnitude", "random"], tickets.Select(row => row["strategy"]));
        int[] counts = [.. variances.Select(layer => layer.Count(variance => variance <= threshold))];
        Assert.All(tickets, row =>
        {
            Assert.Equal(counts, place.Results.Run(row["run"]).KeptPerLayer);
            Assert.Equal("threshold", row["scope"]);
            Assert.Equal("", row["target_density"]);
            Assert.Equal(counts.Sum() / 343.0, row.Number("density"));
        });
        var mask = place.Results.Run(tickets[0]["run"]).Weights;
        foreach (var l in Layers)
        {
            Assert.Equal(
                variances[l - 1].Select(variance => variance <= threshold ? 1 : 0),
                mask[$"layer{l}.mask"].Bytes.Select(kept => (int)kept));
        }
        Assert.Equal(threshold, place.Results.Run(tickets[0]["run"]).Config.GetProperty("threshold").GetDouble());
        Assert.Equal("variance", place.Results.Run(tickets[1]["run"]).Config.GetProperty("counts_of").GetProperty("strategy").GetString());
    }

    /// <summary>What docs/results.md shows: rows by threshold, columns by strategy.</summary>
    [Fact]
    public async Task Tables_can_be_grouped_by_the_threshold()
    {
        using var place = installation.Place();
        (await place.Run($"run --strategy magnitude --compare random --threshold 0.2,0.05 {Place.Small} --seeds 1,2")).Done();
        var cells = place.Results.Table().Where(row => row["kind"] == "ticket")
            .GroupBy(row => (row["threshold"], row["strategy"])).Select(cell => (cell.Key, cell.Count()));
        Assert.Equal(
            [(("0.2", "magnitude"), 2), (("0.05", "magnitude"), 2), (("0.2", "random"), 2), (("0.05", "random"), 2)], cells);
        var json = Folders.Json(Path.Combine(place.Results.Experiment(), "table.json")).EnumerateArray()
            .Where(row => row.GetProperty("kind").GetString() == "ticket").ToList();
        Assert.All(json, row => Assert.Equal(System.Text.Json.JsonValueKind.Null, row.GetProperty("target_density").ValueKind));
        Assert.Equal([0.05, 0.2], json.Select(row => row.GetProperty("threshold").GetDouble()).Distinct().Order());
    }

    [Fact]
    public async Task Where_the_highest_stay_kept_is_what_lies_at_or_above_it()
    {
        using var place = installation.Place();
        (await place.Run($"run --compare none {Place.SmallAtDensities} --output first")).Done();
        var weights = place.At("first").Dense.Weights;
        double[][] magnitudes = [
            .. Layers.Select(l => weights[$"final.layer{l}.weight"].Floats.Select(weight => Math.Abs((double)weight)).ToArray())];
        var exactly = magnitudes.SelectMany(layer => layer).Order().ElementAt(200);      // a weight's own magnitude: at it is kept
        (await place.Run($"run --strategy magnitude --compare variance --threshold {Text(exactly)} {Place.Small}")).Done();
        int[] counts = [.. magnitudes.Select(layer => layer.Count(magnitude => magnitude >= exactly))];
        Assert.Equal(343 - 200, counts.Sum());
        Assert.All(place.Results.Tickets, ticket => Assert.Equal(counts, ticket.KeptPerLayer));
    }

    [Fact]
    public async Task One_that_keeps_nothing_fails_with_the_range_to_choose_from()
    {
        using var place = installation.Place();
        (await place.Run($"run --threshold 1e-9 --compare random {Place.Small}"))
            .Ends(7)
            .Says("--threshold", "variance runs from 0.00", "keeps no weight", "choose one between", "dense · seed 1: done");
        Assert.Equal(["bayesian", "dense"], place.Results.Table().Select(row => row["kind"]));
        Assert.Contains("variance runs from", place.Results.Report(), StringComparison.Ordinal);
    }

    private static double Variance(float rho) => Math.Pow(Math.Pow(2, -23) + Math.Log(1 + Math.Exp(rho)), 2);

    /// <summary>The middle of the first gap after this share of the values that rounding can't bridge.</summary>
    private static double Between(double[][] values, double share)
    {
        var sorted = values.SelectMany(layer => layer).Order().ToArray();
        var k = Enumerable.Range((int)(share * sorted.Length), 100).First(k => sorted[k + 1] > sorted[k] * (1 + 1e-4));
        return (sorted[k] + sorted[k + 1]) / 2;
    }

    private static string Text(double value) => value.ToString("R", CultureInfo.InvariantCulture);
}
