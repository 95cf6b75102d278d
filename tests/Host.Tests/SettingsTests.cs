namespace Host.Tests;

/// <summary>The effect of settings on an experiment as a whole.</summary>
public sealed class SettingsTests(Installation installation)
{
    [Fact]
    public async Task Without_validation_all_images_train_and_nothing_stops_early()
    {
        using var place = installation.Place();
        (await place.Run($"run {Place.SmallAtDensities}".Replace("--validation 50", "--validation 0", StringComparison.Ordinal))).Done();
        Assert.All(place.Results.Table(), row =>
            Assert.Equal(("", "", ""), (row["early_stop_step"], row["test_accuracy_early_stop"], row["test_nll_early_stop"])));
        Assert.All(place.Results.Runs, run => Assert.All(run.Metrics.Skip(1), row => Assert.Equal(("", ""), (row[4], row[5]))));
        Assert.DoesNotContain(place.Results.Dense.Weights.Names, name => name.StartsWith("earlystop", StringComparison.Ordinal));
        var bayesian = place.Results.Bayesian.Metrics[^1]
            .Take(4)
            .Select(cell => double.Parse(cell, System.Globalization.CultureInfo.InvariantCulture))
            .ToArray();
        Assert.Equal(bayesian[2] + bayesian[3] / 300, bayesian[1], 1e-9);      // KL over all images
        Assert.Contains("no images were held back for validation, so there is no curve", place.Results.Report(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Images_held_back_do_not_train()
    {
        // One training image is left: its class is all that a network can learn.
        using var place = installation.Place();
        const string Line = "run --compare none --steps 200 --batch 1 --layers 4 --validation 299 --eval-every 50 --lr 0.05 --density 0.5";
        (await place.Run(Line)).Done();
        Assert.Equal(1 / 3.0, place.Results.Table()[1].Number("test_accuracy_last"));
    }

    [Fact]
    public async Task No_hidden_layers_are_allowed()
    {
        using var place = installation.Place();
        (await place.Run("run --steps 60 --batch 10 --validation 50 --eval-every 20 --density 0.5 --layers", "")).Done().Says("of 36-3");
        Assert.All(place.Results.Table(), row => Assert.Equal(108, row.Whole("total")));
        Assert.Equal(
            [
                "layer1.mask", "initial.layer1.weight", "initial.layer1.bias", "earlystop.layer1.weight", "earlystop.layer1.bias",
                "final.layer1.weight", "final.layer1.bias",
            ],
            place.Results.Dense.Weights.Names);
    }

    [Fact]
    public async Task Other_sizes_and_classes_come_from_the_heads()
    {
        using var place = installation.Place();
        new IdxSet(size: 5, classes: 5, train: 120, test: 40).WriteTo(place.File("other"), gzip: true);
        (await place.Run($"run --data other {Place.SmallAtDensities}")).Done().Says("of 25-8-5-5");
        (await place.Run("data --data other")).Done();
        Assert.Equal([25, 8], place.Results.Bayesian.Posterior["final.layer1.mu"].Shape);
        Assert.Equal([5, 5], place.Results.Bayesian.Posterior["final.layer3.mu"].Shape);
    }

    [Fact]
    public async Task Raw_and_packed_data_are_the_same_data()
    {
        using var place = installation.Place();
        new IdxSet().WriteTo(place.File("raw"), gzip: false);
        (await place.Run($"run --compare none {Place.SmallAtDensities}")).Done();
        (await place.Run($"run --compare none {Place.SmallAtDensities} --data raw --name raw")).Done().Reused(1, 1, 2);
        Assert.Equal(4, place.Results.Runs.Count);
    }

    [Fact]
    public async Task Print_config_shows_every_setting_and_trains_nothing()
    {
        using var place = installation.Place();
        var lines = (await place.Run($"run --print-config --strategy snr {Place.SmallAtDensities} --seeds 1..3 --jobs 2"))
            .Done().Out.TrimEnd('\n')
            .Split('\n');
        string[] expected = [
            "strategy = snr", "compare = magnitude,random", "density = 0.5,0.2", "scope = paper", "layers = 8,5", "network = 36-8-5-3",
            "steps = 60", "bayesian-steps = 60", "batch = 10", "lr = 0.01", "seeds = 1,2,3", "validation = 50", "eval-every = 20",
            "kl-weight = 1", "prior-scale = 1", "jobs = 2", "trainings = 24"];
        Assert.All(expected, line => Assert.Contains(line, lines));
        Assert.Empty(Folders.Files(place.Folder));
    }

    [Fact]
    public async Task The_defaults_are_those_of_the_description()
    {
        using var place = installation.Place();
        var lines = (await place.Run("run --print-config --validation 50")).Done().Out.Split('\n');
        string[] expected = [
            "strategy = variance", "compare = magnitude,random", "density = 0.2,0.1,0.05,0.02,0.01", "scope = paper",
            "layers = 300,100", "network = 36-300-100-3", "steps = 30000", "bayesian-steps = 30000", "batch = 60", "lr = 0.0012",
            "seeds = 1", "eval-every = 100", $"jobs = {Environment.ProcessorCount}", "trainings = 17"];
        Assert.All(expected, line => Assert.Contains(line, lines));
        Assert.Contains(lines, line => line.StartsWith("optimizer = adam", StringComparison.Ordinal));
        (await place.Run("run --print-config")).Refused(2, "--validation", "found 5000", "fewer than the 300");
    }

    [Fact]
    public async Task Compare_none_leaves_what_was_asked_for()
    {
        using var place = installation.Place();
        (await place.Run($"run --strategy snr,random --compare none {Place.SmallAtDensities}")).Done();
        Assert.Equal(["", "", "snr", "snr", "random", "random"], place.Results.Table().Select(row => row["strategy"]));
    }

    [Fact]
    public async Task A_strategy_both_asked_for_and_compared_with_is_trained_once()
    {
        using var place = installation.Place();
        (await place.Run($"run --strategy magnitude,magnitude {Place.SmallAtDensities}")).Done();
        Assert.Equal(["", "", "magnitude", "magnitude", "random", "random"], place.Results.Table().Select(row => row["strategy"]));
    }

    [Fact]
    public async Task Density_1_keeps_everything_and_is_the_dense_net()
    {
        using var place = installation.Place();
        (await place.Run($"run --compare none {Place.Small} --density 1")).Done();
        var ticket = Assert.Single(place.Results.Tickets);
        Assert.Equal(
            File.ReadAllBytes(place.Results.Dense.File("weights.safetensors")),
            File.ReadAllBytes(ticket.File("weights.safetensors")));
    }

    [Fact]
    public async Task Shorter_trainings_are_prefixes_of_longer_ones()
    {
        using var place = installation.Place();
        (await place.Run($"run --compare none {Place.Small} --density 0.5 --output long")).Done();
        var shorter = Place.Small.Replace("--steps 60", "--steps 40", StringComparison.Ordinal);
        (await place.Run($"run --compare none {shorter} --density 0.5 --output short")).Done();
        Assert.Equal(place.At("long").Dense.Metrics[..4], place.At("short").Dense.Metrics);
        Assert.Equal(place.At("long").Bayesian.Metrics[..4], place.At("short").Bayesian.Metrics);
    }

    [Fact]
    public async Task A_last_row_stands_where_the_steps_end()
    {
        using var place = installation.Place();
        var shorter = Place.Small.Replace("--steps 60", "--steps 50", StringComparison.Ordinal);
        (await place.Run($"run --compare none {shorter} --density 0.5 --bayesian-steps 30")).Done();
        Assert.Equal(["step", "0", "20", "30"], place.Results.Bayesian.Metrics.Select(row => row[0]));
        Assert.Equal(["step", "0", "20", "40", "50"], place.Results.Dense.Metrics.Select(row => row[0]));
    }

    [Fact]
    public async Task Several_seeds_give_spread_and_intervals()
    {
        using var place = installation.Place();
        var outcome = (await place.Run($"run --seeds 1..3 {Place.SmallAtDensities}")).Done();
        Assert.DoesNotContain("One seed gives no interval", outcome.Err + outcome.Out, StringComparison.Ordinal);
        Assert.Equal(
            Enumerable.Repeat("1", 8).Concat(Enumerable.Repeat("2", 8)).Concat(Enumerable.Repeat("3", 8)),
            place.Results.Table().Select(row => row["seed"]));
        var accuracies = place.Results.Table()
            .Where(row => row["strategy"] == "variance" && row["target_density"] == "0.5")
            .Select(row => row.Number("test_accuracy_last"))
            .ToArray();
        var shown = outcome.Table.Single(cells => cells[0] == "variance" && cells[1] == "50 %");
        var sd = Math.Sqrt(accuracies.Sum(accuracy => Math.Pow(accuracy - accuracies.Average(), 2)) / 2);
        Assert.Equal($"{100 * accuracies.Average():0.00} ± {100 * sd:0.00}", shown[3].Replace(" %", "", StringComparison.Ordinal));
        Assert.All(shown[5..7], difference => Assert.Matches(@"^[+−]?[\d.]+ \[[+−]?[\d.]+, [+−]?[\d.]+\]$", difference));
        Assert.Contains("95 %", place.Results.Report(), StringComparison.Ordinal);
    }
}
