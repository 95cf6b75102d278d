namespace Host.Tests;

/// <summary>A loss that is no number ends that training and what needs it, nothing else.</summary>
public sealed class DivergenceTests(Installation installation)
{
    private const string Settings = "--steps 60 --batch 10 --layers 8,5 --validation 50 --eval-every 20 --density 0.5,0.2";

    [Fact]
    public async Task A_rate_beyond_reason_ends_with_the_step_at_which_it_broke()
    {
        using var place = installation.Place();
        var outcome = (await place.Run($"run --lr 1e30 {Settings}")).Ends(7).Says(
            "dense, seed 1: at step 2 the training loss was NaN", "bayesian, seed 1: at step 2", "--lr", "try a tenth", "log.txt");
        Assert.DoesNotContain(Folders.Files(place.Results.RunsFolder).Keys, name => name.EndsWith("result.json", StringComparison.Ordinal));
        Assert.Empty(place.Results.Table());
        Assert.Contains("report: ", outcome.Out, StringComparison.Ordinal);
        Assert.Contains("at step 2 the training loss was NaN", place.Results.Report(), StringComparison.Ordinal);
        Assert.Contains("at step 2", File.ReadAllText(place.Results.Runs[0].File("log.txt")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_does_not_need_the_broken_net_goes_on()
    {
        using var place = installation.Place();
        const string Line = $"run --kl-weight 1e38 {Settings}";
        (await place.Run(Line))
            .Ends(7)
            .Says("bayesian, seed 1: at step 3", "dense · seed 1: done", "random 0.2 · seed 1: done", "magnitude 0.5 · seed 1: done");
        Assert.Equal(
            ["dense", "magnitude 0.5", "magnitude 0.2", "random 0.5", "random 0.2"],
            place.Results.Table().Select(row => row["kind"] is "dense" ? "dense" : $"{row["strategy"]} {row["target_density"]}"));
        var report = place.Results.Report();
        Assert.Contains("3 of 8 trainings are missing", report, StringComparison.Ordinal);
        Assert.Contains("at step 3 the training loss was NaN", report, StringComparison.Ordinal);
        Assert.Contains("needs bayesian of seed 1, which failed", report, StringComparison.Ordinal);

        var done = Folders.Files(place.Results.Dense.Folder);
        (await place.Run(Line)).Ends(7).Says("bayesian · seed 1: failed").Reused(0, 1, 4);
        Folders.Same(done, Folders.Files(place.Results.Dense.Folder));
    }

    [Fact]
    public async Task The_table_stays_readable_beside_a_failure()
    {
        using var place = installation.Place();
        var table = (await place.Run($"run --kl-weight 1e38 {Settings}")).Ends(7).Table;
        Assert.Contains(table, cells => cells[0] == "dense" && cells[2] == "343");
        Assert.Contains(table, cells => cells[0] == "magnitude" && cells[1] == "50 %" && cells[2] == "175");
        Assert.Contains(table, cells => cells[0] == "variance" && cells[1] == "20 %" && cells[2] == "");
    }

    [Fact]
    public async Task Every_seed_keeps_what_its_broken_net_does_not_touch()
    {
        using var place = installation.Place();
        (await place.Run($"run --kl-weight 1e38 --seeds 1,2 {Settings}"))
            .Ends(7)
            .Says("bayesian, seed 1: at step", "bayesian, seed 2: at step");
        Assert.Equal(["1", "1", "1", "1", "1", "2", "2", "2", "2", "2"], place.Results.Table().Select(row => row["seed"]));
    }
}
