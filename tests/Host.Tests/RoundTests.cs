namespace Host.Tests;

/// <summary>Pruning round after round: which net each mask is found from, how many weights each leaves, and what is reported.</summary>
public sealed class RoundTests(Installation installation)
{
    private const string Brief = "--batch 10 --layers 8,5 --validation 50 --eval-every 20 --lr 0.01";

    private static readonly int[] Sizes = [36 * 8, 8 * 5, 5 * 3];

    [Fact]
    public async Task Each_round_of_magnitude_prunes_the_smallest_weights_of_the_ticket_before()
    {
        using var place = installation.Place();
        (await place.Run($"run --strategy magnitude --compare none --rounds 3 --per-round 0.4 {Place.Small}")).Done();
        var rows = place.Results.Table().Where(row => row["kind"] == "ticket").ToList();
        Assert.Equal([("1", "1"), ("2", "2"), ("3", "3")], rows.Select(row => (row["rounds"], row["round"])));
        var before = place.Results.Dense;
        int[] counts = [.. Sizes];
        double[] rates = [0.4, 0.4, 0.2];
        foreach (var run in rows.Select(row => place.Results.Run(row["run"])))
        {
            counts = [.. counts.Zip(rates, (n, rate) => n - (int)Math.Floor(rate * n + 0.5))];
            Assert.Equal(counts, run.KeptPerLayer);
            for (var layer = 1; layer <= 3; layer++)
            {
                var mask = run.Weights[$"layer{layer}.mask"].Bytes;
                Assert.Equal(Largest(before, layer, counts[layer - 1]), mask);
                var own = place.Results.Dense.Weights[$"initial.layer{layer}.weight"].Floats;
                Assert.Equal(own.Zip(mask, (weight, kept) => kept == 0 ? 0f : weight), run.Weights[$"initial.layer{layer}.weight"].Floats);
            }
            before = run;
        }
    }

    [Fact]
    public async Task Each_round_of_variance_prunes_the_most_uncertain_weights_of_a_Bayesian_net_with_the_mask_before()
    {
        using var place = installation.Place();
        (await place.Run($"run --strategy variance --compare none --rounds 3 --scope layerwise {Place.Small}")).Done();
        var masked = place.Results.Runs.Where(run => run.Kind == "masked-bayesian").ToList();
        Assert.Equal(2, masked.Count);
        var tickets = place.Results.Table().Where(row => row["kind"] == "ticket").Select(row => place.Results.Run(row["run"])).ToList();
        Assert.Equal(3, tickets.Count);
        for (var layer = 1; layer <= 3; layer++)
        {
            var before = place.Results.Bayesian;
            foreach (var ticket in tickets)
            {
                var mask = ticket.Weights[$"layer{layer}.mask"].Bytes;
                var rho = before.Posterior[$"final.layer{layer}.rho"].Floats;
                var kept = before == place.Results.Bayesian || !before.Posterior.Names.Contains("layer1.mask")
                    ? [.. rho.Select(_ => (byte)1)]
                    : before.Posterior[$"layer{layer}.mask"].Bytes;
                var pruned = (int)Math.Floor(0.2 * kept.Sum(k => k) + 0.5);
                var worst = Enumerable.Range(0, rho.Length).Where(i => kept[i] != 0).OrderByDescending(i => rho[i]).Take(pruned);
                Assert.Equal(kept.Select((k, i) => worst.Contains(i) ? (byte)0 : k), mask);
                before = masked.Find(run => run.Posterior[$"layer{layer}.mask"].Bytes.SequenceEqual(mask)) ?? before;
            }
        }
        Assert.All(masked, run => Assert.All(
            run.Posterior["layer1.mask"].Bytes.Zip(run.Posterior["final.layer1.mu"].Bits).Where(pair => pair.First == 0),
            pair => Assert.Equal(0u, pair.Second)));
        Assert.DoesNotContain("masked-bayesian", place.Results.Report(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Densities_name_rounds_and_one_shot_tickets_have_their_counts()
    {
        using var place = installation.Place();
        var outcome = (await place.Run(
            $"run --strategy magnitude --compare random --rounds 0,6 --density 0.65,0.4,0.42 {Place.Small}")).Done();
        Assert.Equal(
            ["magnitude", "magnitude", "magnitude (iterative)", "magnitude (iterative)", "random", "random", "random (iterative)",
                "random (iterative)"],
            outcome.Table.Skip(3).Select(row => row[0]));
        var rows = place.Results.Table().Where(row => row["kind"] == "ticket").ToList();
        foreach (var round in (string[])["2", "4"])
        {
            var equal = rows.Where(row => row["round"] == round && row["rounds"] is "0" || row["rounds"] == round).ToList();
            Assert.Equal(4, equal.Count);
            Assert.Single(equal.Select(row => string.Join(' ', place.Results.Run(row["run"]).KeptPerLayer)).Distinct());
        }
        // Rounds 1 to 3 are trained for round 4 to be found from, and not reported.
        Assert.Equal(4, rows.Count(row => row["strategy"] == "magnitude" && row["rounds"] != "0"));
        Assert.DoesNotContain("round 3", outcome.Out, StringComparison.Ordinal);
        (await place.Run($"run --strategy magnitude --compare none --rounds 3 --density 0.05 {Place.Small}")).Refused(
            2, "--density", "0.05", "round 3");
    }

    /// <summary>A global round counts in all, so strategies keep different numbers in a layer: that is said.</summary>
    [Fact]
    public async Task Where_counts_per_layer_differ_it_is_said_beside_the_comparison()
    {
        using var place = installation.Place();
        var line = $"--strategy variance --compare magnitude --rounds 4 --density 0.41 --seeds 1..3 --steps 400 {Brief}";
        (await place.Run($"run --scope global {line} --name global")).Done();
        (await place.Run($"run --scope layerwise {line} --name layerwise")).Done();
        const string Said = "keep different numbers of weights in each layer at round 4";
        Assert.Contains(Said, place.Results.Report("global"), StringComparison.Ordinal);
        Assert.DoesNotContain(Said, place.Results.Report("layerwise"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task All_strategies_and_a_plugin_of_contract_1_0_go_three_rounds()
    {
        using var old = new Installation();
        File.Copy(
            Path.Combine(Installation.Source, "..", "tests", "TestPlugins", "contract-1.0", "PluginGood.dll"),
            Path.Combine(old.Plugins, "PluginGood.dll"));
        using var place = old.Place();
        (await place.Run($"run --strategy all --compare none --rounds 3 --steps 20 {Brief}")).Done();
        var tickets = place.Results.Table().Where(row => row["kind"] == "ticket").GroupBy(row => row["strategy"]).ToList();
        Assert.Contains("index", tickets.Select(rows => rows.Key));
        Assert.True(tickets.Count >= 31, $"{tickets.Count} strategies");
        foreach (var strategy in tickets)
        {
            var rounds = strategy.Where(row => row["round"] is "1" or "2" or "3").OrderBy(row => row.Whole("round"))
                .Select(row => place.Results.Run(row["run"]).Weights).ToList();
            Assert.Equal(3, rounds.Count);
            for (var layer = 1; layer <= 3; layer++)
            {
                var masks = rounds.ConvertAll(weights => weights[$"layer{layer}.mask"].Bytes);
                Assert.All(
                    masks.Zip(masks.Skip(1)),
                    pair => Assert.All(pair.First.Zip(pair.Second), kept => Assert.True(kept.Second <= kept.First, strategy.Key)));
            }
        }
    }

    [Fact]
    public async Task A_round_that_empties_a_layer_is_trained_and_named()
    {
        using var place = installation.Place();
        (await place.Run(
            $"run --strategy magnitude --compare none --rounds 3 --per-round 0.9 --scope layerwise --seeds 1..2 {Place.Small}")).Done();
        Assert.Contains(place.Results.Tickets, run => run.KeptPerLayer.Contains(0));
        Assert.Contains("no path", place.Results.Report(), StringComparison.Ordinal);
    }

    /// <summary>Flat indices of the largest final weights of a net that its own mask kept, as a mask.</summary>
    private static byte[] Largest(Run net, int layer, int count)
    {
        var (weights, kept) = (net.Weights[$"final.layer{layer}.weight"].Floats, net.Weights[$"layer{layer}.mask"].Bytes);
        var mask = new byte[weights.Length];
        foreach (var i in Enumerable.Range(0, mask.Length).Where(i => kept[i] != 0)
            .OrderByDescending(i => Math.Abs(weights[i])).ThenByDescending(i => i).Take(count)) mask[i] = 1;
        return mask;
    }
}
