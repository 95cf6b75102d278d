namespace Host.Tests;

/// <summary>Posteriors from part of the images, at a moment, from another draw of noise; counts of another strategy; controls.</summary>
public sealed class EvidenceTests(Installation installation)
{
    private const string One = $"run --strategy variance --compare none --density 0.5 {Place.Small}";

    [Fact]
    public async Task Masks_are_found_from_each_posterior_that_was_asked_for()
    {
        using var place = installation.Place();
        (await place.Run($"{One} --bayesian-images 1,0.5 --bayesian-at step:40,final --bayesian-noise 1,2")).Done();
        var rows = place.Results.Table();
        Assert.Equal(4, rows.Count(row => row["kind"] == "bayesian"));
        var tickets = rows.Where(row => row["kind"] == "ticket").ToList();
        Assert.Equal(8, tickets.Count);
        Assert.Equal(8, tickets.Select(row => (row["bayesian_images"], row["bayesian_at"], row["bayesian_noise"])).Distinct().Count());
        foreach (var row in tickets)
        {
            var posterior = place.Results.Of(other => other["kind"] == "bayesian"
                && other["bayesian_images"] == row["bayesian_images"] && other["bayesian_noise"] == row["bayesian_noise"]);
            var rho = row["bayesian_at"] == "final"
                ? posterior.Posterior["final.layer1.rho"].Floats
                : TensorFile.Read(posterior.File("posterior.step40.safetensors"))["step40.layer1.rho"].Floats;
            var mask = place.Results.Run(row["run"]).Weights["layer1.mask"].Bytes;
            var border = Enumerable.Range(0, rho.Length).Where(i => mask[i] != 0).Max(i => rho[i]);
            Assert.All(Enumerable.Range(0, rho.Length).Where(i => mask[i] == 0), i => Assert.True(rho[i] >= border));
        }
    }

    /// <summary>An epoch of 250 images in batches of 10 is 25 steps.</summary>
    [Fact]
    public async Task Epochs_are_steps()
    {
        using var place = installation.Place();
        (await place.Run($"{One} --bayesian-at 1 --output epoch")).Done();
        (await place.Run($"{One} --bayesian-at step:25 --output step")).Done();
        Folders.Same(place.At("epoch").Lasting, place.At("step").Lasting);
    }

    [Fact]
    public async Task Counts_of_a_strategy_are_everyones()
    {
        using var place = installation.Place();
        (await place.Run($"run --strategy snr --compare magnitude --scope counts-of:snr --density 0.3 {Place.Small}")).Done();
        var rows = place.Results.Table().Where(row => row["kind"] == "ticket").ToList();
        Assert.Equal(["global", "counts-of:snr"], rows.Select(row => row["scope"]));
        Assert.Equal(place.Results.Run(rows[0]["run"]).KeptPerLayer, place.Results.Run(rows[1]["run"]).KeptPerLayer);
        var own = place.Results.Dense.Weights["final.layer1.weight"].Floats;
        var mask = place.Results.Run(rows[1]["run"]).Weights["layer1.mask"].Bytes;
        var least = Enumerable.Range(0, own.Length).Where(i => mask[i] != 0).Min(i => Math.Abs(own[i]));
        Assert.All(Enumerable.Range(0, own.Length).Where(i => mask[i] == 0), i => Assert.True(Math.Abs(own[i]) <= least));
    }

    [Fact]
    public async Task Controls_lack_one_thing_that_the_ticket_has()
    {
        using var place = installation.Place();
        (await place.Run(
            $"run --strategy variance --compare none --density 0.5,0.2 --controls-at 0.2 {Place.Small} "
                + "--controls random,random-live,shuffle-inputs,inverted,reinit,glorot-start")).Done();
        var rows = place.Results.Table();
        string[] kinds = ["random", "random-live", "shuffle-inputs", "inverted", "reinit", "glorot-start"];
        Assert.Equal(kinds, rows.Select(row => row["control"]).Where(control => control.Length > 0));
        Run Of(string control) => place.Results.Of(row => row["control"] == control);
        var ticket = place.Results.Of(row => row["strategy"] == "variance" && row["target_density"] == "0.2" && row["control"] == "");
        Assert.All(kinds[..5], kind => Assert.Equal(ticket.KeptPerLayer, Of(kind).KeptPerLayer));
        byte[] Mask(Run run, int layer) => run.Weights[$"layer{layer}.mask"].Bytes;
        Assert.Equal(Mask(ticket, 1), Mask(Of("reinit"), 1));
        Assert.All(kinds[..4], kind => Assert.NotEqual(Mask(ticket, 1), Mask(Of(kind), 1)));
        Assert.Equal(
            Mask(ticket, 1).Chunk(8).Select(row => row.Sum(kept => kept)),
            Mask(Of("shuffle-inputs"), 1).Chunk(8).Select(row => row.Sum(k => k)));
        var rho = place.Results.Bayesian.Posterior["final.layer1.rho"].Floats;
        Assert.True(
            Enumerable.Range(0, rho.Length).Where(i => Mask(Of("inverted"), 1)[i] != 0).Min(i => rho[i])
                >= Enumerable.Range(0, rho.Length).Where(i => Mask(ticket, 1)[i] != 0).Max(i => rho[i]));
        Assert.Equal("dense", Of("glorot-start").Kind);
    }

    [Fact]
    public async Task Pixels_that_are_zero_in_every_image_get_no_weights_from_random_live()
    {
        using var place = installation.Place();
        var set = new IdxSet();
        set.WriteTo(place.File("dark"), gzip: false);
        foreach (var name in (string[])[IdxSet.TrainImages, IdxSet.TestImages])
        {
            var content = set[name];
            for (var i = 16; i < content.Length; i++)
                if ((i - 16) % 36 < 12) content[i] = 0;
            File.WriteAllBytes(Path.Combine(place.File("dark"), name), content);
        }
        (await place.Run($"run --data dark --strategy magnitude --compare none --density 0.5 --controls random,random-live {Place.Small}"))
            .Done();
        byte[] Mask(string control) => place.Results.Of(row => row["control"] == control).Weights["layer1.mask"].Bytes;
        Assert.All(Mask("random-live")[..(12 * 8)], kept => Assert.Equal(0, kept));
        Assert.Contains((byte)1, Mask("random")[..(12 * 8)]);
    }
}
