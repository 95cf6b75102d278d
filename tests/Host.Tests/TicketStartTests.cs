namespace Host.Tests;

/// <summary>What tickets start from: rewinding, rules for kept and pruned weights, Glorot's start; and what keeps it.</summary>
public sealed class TicketStartTests(Installation installation)
{
    private const string One = $"run --strategy magnitude --compare none --density 0.5 {Place.Small}";

    [Fact]
    public async Task A_rewound_ticket_starts_from_the_whole_net_at_the_step()
    {
        using var place = installation.Place();
        (await place.Run($"{One} --rewind 30 --seeds 1..2")).Done();
        var row = place.Results.Table().First(row => row["kind"] == "ticket");
        Assert.Equal("30", row["rewind"]);
        var (ticket, at) = (place.Results.Run(row["run"]), TensorFile.Read(place.Results.Dense.File("weights.step30.safetensors")));
        for (var layer = 1; layer <= 3; layer++)
        {
            var mask = ticket.Weights[$"layer{layer}.mask"].Bytes;
            Assert.Equal(
                at[$"step30.layer{layer}.weight"].Floats.Zip(mask, (weight, kept) => kept == 0 ? 0f : weight),
                ticket.Weights[$"initial.layer{layer}.weight"].Floats);
            Assert.Equal(at[$"step30.layer{layer}.bias"].Bits, ticket.Weights[$"initial.layer{layer}.bias"].Bits);
        }
        Assert.Equal(["30", "40", "60"], ticket.Metrics.Skip(1).Select(cells => cells[0]));
        (await place.Run("verify")).Done();
        (await place.Run($"verify {ticket.Key} {place.Results.Dense.Key}")).Done();
    }

    /// <summary>A net that was trained before anyone asked for a step of it is trained again up to there, and keeps its bits.</summary>
    [Fact]
    public async Task A_step_that_is_asked_for_later_is_kept_then()
    {
        using var place = installation.Place();
        (await place.Run($"{One} --output later")).Done();
        (await place.Run($"{One} --output later --rewind 30")).Done().Reused(1, 0, 0);
        (await place.Run($"{One} --output later --rewind 30")).Done().Reused(1, 1, 1);
        (await place.Run($"{One} --output at-once --rewind 30")).Done();
        (await place.Run("verify --output later")).Done();
        var (later, atOnce) = (place.At("later"), place.At("at-once"));
        var dense = atOnce.Dense.Key;
        foreach (var file in (string[])["weights.safetensors", "weights.step30.safetensors", "metrics.csv"])
            Assert.Equal(File.ReadAllBytes(atOnce.Run(dense).File(file)), File.ReadAllBytes(later.Run(dense).File(file)));

        File.Delete(later.Run(dense).File("weights.step30.safetensors"));
        (await place.Run($"{One} --output later --rewind 30")).Done();
        Assert.True(File.Exists(later.Run(dense).File("weights.step30.safetensors")));

        var damaged = later.Run(dense).File("weights.step30.safetensors");
        var content = File.ReadAllBytes(damaged);
        content[^1] ^= 1;
        File.WriteAllBytes(damaged, content);
        (await place.Run("verify --output later")).Ends(5).Says("weights.step30.safetensors");
        (await place.Run($"run --strategy snr,magnitude --compare none --density 0.4 --rewind 30 {Place.Small} --output later")).Ends(5)
            .Says("weights.step30.safetensors");
    }

    /// <summary>A file that a killed writer left before it could say so is made again.</summary>
    [Fact]
    public async Task A_step_that_the_result_does_not_name_is_kept_again()
    {
        using var place = installation.Place();
        (await place.Run(One)).Done();
        File.WriteAllText(place.Results.Dense.File("weights.step30.safetensors"), "half");
        (await place.Run($"{One} --rewind 30")).Done();
        (await place.Run("verify")).Done();
    }

    /// <summary>The dense net is stopped behind the step before anyone asks for it.</summary>
    [Fact]
    public async Task A_checkpoint_without_a_step_that_is_asked_for_now_is_not_continued_from()
    {
        using var place = installation.Place();
        const string Long = "--strategy magnitude --compare none --density 0.5 --bayesian-steps 10 --steps 40000 --batch 10 --layers 8,5 "
            + "--validation 50 --eval-every 1000 --jobs 1";
        var running = place.Start($"run {Long} --checkpoint-every 0.05");
        while (!running.Task.IsCompleted && (!Directory.Exists(place.Results.RunsFolder) || Directory.GetFiles(
            place.Results.RunsFolder, "checkpoint-*.safetensors", SearchOption.AllDirectories).Length < 2))
            await Task.Delay(20, TestContext.Current.CancellationToken);
        System.Diagnostics.Process.Start("kill", $"-TERM {running.ProcessId}")!.WaitForExit();
        Assert.Equal(143, (await running).ExitCode);
        (await place.Run($"run {Long} --rewind 30 --name rewound")).Done().Says("starts anew", "lacks step 30");
        var dense = place.Results.Of(row => row["kind"] == "dense", "rewound");
        Assert.True(File.Exists(dense.File("weights.step30.safetensors")));
        (await place.Run("verify")).Done();
    }

    [Fact]
    public async Task Controls_of_tickets_whose_pruned_weights_depend_on_their_evidence_are_made_of_their_masks()
    {
        using var place = installation.Place();
        (await place.Run($"{One} --pruned towards-zero --controls random,random-live,shuffle-inputs")).Done();
        Assert.Equal(
            ["random", "random-live", "shuffle-inputs"],
            place.Results.Table().Select(row => row["control"]).Where(control => control.Length > 0));
    }

    [Fact]
    public async Task Rewound_to_the_end_a_ticket_trains_on()
    {
        using var place = installation.Place();
        (await place.Run($"{One} --rewind final")).Done();
        var (ticket, dense) = (place.Results.Tickets.Single(), place.Results.Dense);
        var mask = ticket.Weights["layer1.mask"].Bytes;
        Assert.Equal(
            dense.Weights["final.layer1.weight"].Floats.Zip(mask, (weight, kept) => kept == 0 ? 0f : weight),
            ticket.Weights["initial.layer1.weight"].Floats);
        Assert.Equal("0", ticket.Metrics[1][0]);
    }

    [Fact]
    public async Task A_rewound_masked_Bayesian_net_starts_from_the_whole_one_at_the_step()
    {
        using var place = installation.Place();
        (await place.Run($"run --strategy variance --compare none --rounds 2 --rewind 30 {Place.Small}")).Done();
        var masked = place.Results.Runs.Single(run => run.Kind == "masked-bayesian");
        var at = TensorFile.Read(place.Results.Bayesian.File("posterior.step30.safetensors"));
        var mask = masked.Posterior["layer2.mask"].Bytes;
        foreach (var tensor in (string[])["mu", "rho"])
        {
            Assert.Equal(
                at[$"step30.layer2.{tensor}"].Floats.Zip(mask, (value, kept) => kept == 0 ? 0f : value),
                masked.Posterior[$"initial.layer2.{tensor}"].Floats);
        }
        Assert.Equal("30", masked.Metrics[1][0]);
    }

    [Theory]
    [InlineData("reinit"), InlineData("shuffle"), InlineData("reinit-same-sign"), InlineData("shuffle-same-sign"), InlineData("constant")]
    public async Task Kept_weights_start_from_what_their_rule_says(string rule)
    {
        using var place = installation.Place();
        (await place.Run($"{One} --kept {rule}")).Done();
        var (ticket, dense) = (place.Results.Tickets.Single(), place.Results.Dense);
        var mask = ticket.Weights["layer1.mask"].Bytes;
        var (own, start) = (dense.Weights["initial.layer1.weight"].Floats, ticket.Weights["initial.layer1.weight"].Floats);
        int[] kept = [.. Enumerable.Range(0, mask.Length).Where(i => mask[i] != 0)];
        Assert.All(Enumerable.Range(0, mask.Length).Except(kept), i => Assert.Equal(0, start[i]));
        Assert.NotEqual(kept.Select(i => own[i]), kept.Select(i => start[i]));
        if (rule.EndsWith("same-sign", StringComparison.Ordinal) || rule == "constant")
            Assert.All(kept, i => Assert.Equal(Math.Sign(own[i]), Math.Sign(start[i])));
        if (rule.StartsWith("shuffle", StringComparison.Ordinal))
            Assert.Equal(kept.Select(i => Math.Abs(own[i])).Order(), kept.Select(i => Math.Abs(start[i])).Order());
        if (rule == "constant") Assert.All(kept, i => Assert.Equal(0.1f, Math.Abs(start[i])));
        Assert.Equal(
            !rule.StartsWith("reinit", StringComparison.Ordinal),
            dense.Weights["initial.layer1.bias"].Bits.SequenceEqual(ticket.Weights["initial.layer1.bias"].Bits));
        Assert.Equal(rule, place.Results.Table().Single(row => row["kind"] == "ticket")["kept_rule"]);
    }

    [Theory, InlineData("freeze"), InlineData("towards-zero")]
    public async Task Frozen_weights_stay_where_they_started(string rule)
    {
        using var place = installation.Place();
        (await place.Run($"run --strategy magnitude,variance --compare none --rounds 2 --per-round 0.5 --pruned {rule} {Place.Small}"))
            .Done();
        var dense = place.Results.Dense.Weights;
        foreach (var row in place.Results.Table().Where(row => row["kind"] == "ticket"))
        {
            var ticket = place.Results.Run(row["run"]).Weights;
            for (var layer = 1; layer <= 3; layer++)
            {
                var (mask, own) = (ticket[$"layer{layer}.mask"].Bytes, dense[$"initial.layer{layer}.weight"].Floats);
                var (start, end) = (ticket[$"initial.layer{layer}.weight"].Bits, ticket[$"final.layer{layer}.weight"].Bits);
                int[] pruned = [.. Enumerable.Range(0, mask.Length).Where(i => mask[i] == 0)];
                Assert.All(pruned, i => Assert.Equal(start[i], end[i]));
                Assert.All(pruned, i => Assert.True(
                    start[i] == BitConverter.SingleToUInt32Bits(own[i]) || (rule == "towards-zero" && start[i] == 0)));
            }
        }
        if (rule == "freeze") return;
        var first = place.Results.Of(row => row["strategy"] == "magnitude" && row["round"] == "1").Weights;
        var (initial, final) = (dense["initial.layer1.weight"].Floats, dense["final.layer1.weight"].Floats);
        Assert.All(
            Enumerable.Range(0, initial.Length).Where(i => first["layer1.mask"].Bytes[i] == 0),
            i => Assert.Equal(
                Math.Abs(final[i]) < Math.Abs(initial[i]) ? 0f : initial[i], first["initial.layer1.weight"].Floats[i]));
    }

    [Fact]
    public async Task From_Glorots_start_biases_are_zero_and_no_Bayesian_net_is_trained_that_nothing_needs()
    {
        using var place = installation.Place();
        (await place.Run($"{One} --start glorot")).Done();
        Assert.Equal(["dense", "ticket"], place.Results.Table().Select(row => row["kind"]));
        Assert.All(place.Results.Table(), row => Assert.Equal("glorot", row["start"]));
        var weights = place.Results.Dense.Weights;
        Assert.All(weights["initial.layer1.bias"].Bits, bits => Assert.Equal(0u, bits));
        var most = 2 * Math.Sqrt(2.0 / (36 + 8)) / 0.8796;
        Assert.All(weights["initial.layer1.weight"].Floats, weight => Assert.InRange(Math.Abs(weight), 0, most));
    }

    /// <summary>With a learning rate that changes nothing, the trained accuracy is the untrained one.</summary>
    [Fact]
    public async Task Untrained_accuracy_is_that_of_the_masked_start()
    {
        using var place = installation.Place();
        (await place.Run($"run --strategy magnitude --compare random --density 0.5,0.2 --optimizer sgd --lr 1e-30 --steps 60 --batch 10 "
                + "--layers 8,5 --validation 50 --eval-every 20")).Done();
        foreach (var row in place.Results.Table())
            Assert.Equal(row["kind"] == "ticket" ? row["test_accuracy_last"] : "", row["test_accuracy_untrained"]);
    }

    [Theory]
    [InlineData("--rounds 3 --threshold 0.1", "--rounds", "--threshold")]
    [InlineData("--rounds 3 --scope counts-of:snr", "--scope", "--rounds")]
    [InlineData("--rewind 60", "--rewind", "60")]
    [InlineData("--rewind 30 --kept reinit", "--rewind", "--kept")]
    [InlineData("--scope counts-of:snrr", "--scope", "did you mean 'snr'")]
    [InlineData("--kept reint", "--kept", "did you mean 'reinit'")]
    [InlineData("--bayesian-images 0.01", "--bayesian-images", "fewer than the batch")]
    [InlineData("--bayesian-at 1,1000", "--bayesian-at", "its last, which is 60")]
    [InlineData("--controls randm", "--controls", "did you mean 'random'")]
    [InlineData("--controls reinit --controls-at 0.3", "--controls-at", "0.5")]
    public async Task What_cannot_be_is_refused_before_anything_is_trained(string flags, params string[] says)
    {
        using var place = installation.Place();
        var density = flags.Contains("threshold", StringComparison.Ordinal) ? "" : "--density 0.5";
        (await place.Run($"run --strategy variance --compare none {density} {Place.Small} {flags}")).Refused(2, says);
        Assert.False(Directory.Exists(place.Results.Root));
    }
}
