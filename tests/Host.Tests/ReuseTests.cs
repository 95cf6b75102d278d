namespace Host.Tests;

/// <summary>What an earlier command trained is reused if it is what is asked for.</summary>
public sealed class ReuseTests(Installation installation)
{
    private const string Line = $"run --strategy variance {Place.SmallAtDensities}";

    [Fact]
    public async Task Another_strategy_trains_its_own_tickets_only()
    {
        using var place = await installation.Trained(Line);
        var before = Folders.Files(place.Results.RunsFolder);
        var second = (await place.Run(Line.Replace("variance", "snr", StringComparison.Ordinal))).Done();
        second.Says("bayesian · seed 1: done before, reused", "dense · seed 1: done before, reused").Reused(1, 1, 4);
        var after = Folders.Files(place.Results.RunsFolder);
        var old = after.Where(file => before.ContainsKey(file.Key)).ToDictionary();
        Folders.Same(before, new SortedDictionary<string, byte[]>(old, StringComparer.Ordinal));
        Assert.Equal(10, place.Results.Runs.Count);
        Assert.Equal(2, Directory.GetDirectories(place.Results.ExperimentsFolder).Length);
    }

    [Fact]
    public async Task The_same_command_trains_nothing_and_gives_the_same_files()
    {
        using var place = installation.Place();
        (await place.Run(Line)).Done().Says("8 trainings");
        var before = Folders.Files(place.Results.Root);
        (await place.Run(Line)).Done().Reused(1, 1, 6);
        Folders.Same(before, Folders.Files(place.Results.Root));
    }

    [Fact]
    public async Task Jobs_name_and_output_do_not_keep_from_reusing()
    {
        using var place = installation.Place();
        (await place.Run($"{Line} --jobs 2")).Done();
        (await place.Run($"{Line} --jobs 1 --name other --output {place.Results.Root}")).Done().Reused(1, 1, 6);
    }

    [Fact]
    public async Task A_setting_that_changes_bits_reuses_nothing()
    {
        using var place = installation.Place();
        string?[] settings = [
            null, "--lr 0.02", "--batch 9", "--seed 2", "--validation 49", "--eval-every 30", "--layers 8,6", "--optimizer sgd",
            "--steps 61"];
        foreach (var setting in settings)
        {
            var outcome = (await place.Run($"run --compare none {Settings(setting)}")).Done();
            Assert.DoesNotContain("reused", outcome.Err, StringComparison.Ordinal);
        }
        Assert.Equal(3 * settings.Length, place.Results.Runs.Count);
    }

    [Fact]
    public async Task What_touches_the_bayesian_net_alone_reuses_the_rest()
    {
        using var place = installation.Place();
        var line = $"run --strategy variance --compare random {Settings()}";
        (await place.Run(line)).Done();
        foreach (var setting in (string[])["--kl-weight 0.5", "--prior-scale 2", "--bayesian-steps 59"])
            (await place.Run($"{line} {setting}")).Done().Reused(0, 1, 1);
    }

    [Fact]
    public async Task A_changed_config_is_refused_and_not_overwritten()
    {
        using var place = await installation.Trained(Line);
        var dense = place.Results.Dense;
        Tamper(dense, "\"batch\": 10", "\"batch\": 11");
        var before = Folders.Files(place.Results.RunsFolder);
        var outcome = (await place.Run(Line)).Ends(5).Says(
            dense.File("config.json"), "expected the settings of dense, seed 1", "found other settings", "delete that training's folder");
        Assert.DoesNotContain("bug", outcome.Err, StringComparison.Ordinal);
        Folders.Same(before, Folders.Files(place.Results.RunsFolder));
    }

    [Fact]
    public async Task A_run_with_a_changed_config_enters_no_table()
    {
        using var place = await installation.Trained(Line);
        Tamper(place.Results.Dense, "\"batch\": 10", "\"batch\": 11");
        (await place.Run(Line)).Ends(5);
        Assert.DoesNotContain(place.Results.Table(), row => row["kind"] == "dense");
    }

    [Fact]
    public async Task A_run_without_its_result_is_trained_again_to_the_same_bytes()
    {
        using var place = await installation.Trained(Line);
        var before = place.Results.Lasting;
        foreach (var run in (Run[])[place.Results.Bayesian, place.Results.Tickets[0]])
        {
            File.Delete(run.File("result.json"));
            File.WriteAllText(run.File("metrics.csv"), "half a li");
        }
        File.Delete(place.Results.Bayesian.File("posterior.safetensors"));
        (await place.Run(Line)).Done().Reused(0, 1, 5);
        Folders.Same(before, place.Results.Lasting);
    }

    [Fact]
    public async Task A_damaged_tensor_file_is_named_when_it_is_needed()
    {
        using var place = await installation.Trained(Line);
        var posterior = place.Results.Bayesian.File("posterior.safetensors");
        File.WriteAllBytes(posterior, File.ReadAllBytes(posterior)[..100]);
        (await place.Run(Line.Replace("variance", "snr", StringComparison.Ordinal)))
            .Ends(5)
            .Says(posterior, "expected", "found", "run the same command again");
    }

    [Fact]
    public async Task Two_processes_at_once_share_the_work()
    {
        using var place = installation.Place();
        (await place.Run($"{Line} --output alone --seeds 1,2")).Done();
        var both = await Task.WhenAll(place.Run($"{Line} --seeds 1,2"), place.Run($"{Line} --seeds 1,2"));
        Assert.All(both, outcome => outcome.Done());
        Assert.Equal(16, both.Sum(Trained));                    // each training once
        Assert.All(both, outcome => Assert.InRange(Trained(outcome), 2, 14));
        Folders.Same(place.At("alone").Lasting, place.Results.Lasting);
        Folders.Same(Folders.Files(place.At("alone").ExperimentsFolder), Folders.Files(place.Results.ExperimentsFolder));
    }

    [Fact]
    public async Task Processes_that_meet_at_every_training_all_succeed()
    {
        // Trainings of one step: the processes take turns at the same folders so often that a slip between "locked" and "let go" shows.
        using var place = installation.Place();
        const string Tiny = "run --compare none --steps 1 --batch 1 --layers 2 --validation 50 --density 0.5 --seeds 1..60";
        Assert.All(await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => place.Run(Tiny))), outcome => outcome.Done());
        Assert.Equal(180, place.Results.Table().Count);
    }

    [Fact]
    public async Task Processes_with_overlapping_plans_train_what_they_share_once()
    {
        using var place = installation.Place();
        var other = Line.Replace("variance", "snr", StringComparison.Ordinal);
        var both = await Task.WhenAll(
            place.Run($"{Line} --seeds 1..4 --jobs 1 --name a"), place.Run($"{other} --seeds 3..6 --jobs 1 --name b"));
        Assert.All(both, outcome => outcome.Done());
        Assert.Equal((32, 32), (place.Results.Table("a").Count, place.Results.Table("b").Count));
        // Of seeds 3 and 4 the Bayesian net, the dense net and the tickets of magnitude and random are in both plans.
        Assert.Equal(64 - 2 * 6, both.Sum(Trained));
        Assert.Equal(64 - 2 * 6, place.Results.Runs.Count);
    }

    private static int Trained(Outcome outcome) =>
        outcome.Err.Split('\n').Count(line => line.Contains(": done, ", StringComparison.Ordinal));

    /// <summary>The small settings, one of them replaced.</summary>
    private static string Settings(string? changed = null)
    {
        var all = $"{Place.Small} --density 0.5".Split(" --").Select(text => text.TrimStart('-'));
        var name = changed?[2..].Split(' ')[0];
        var kept = all.Where(text => text.Split(' ')[0] != name).Append(changed?[2..]).OfType<string>();
        return string.Join(' ', kept.Select(text => $"--{text}"));
    }

    private static void Tamper(Run run, string from, string to)
    {
        var text = File.ReadAllText(run.File("config.json"));
        Assert.Contains(from, text, StringComparison.Ordinal);
        File.WriteAllText(run.File("config.json"), text.Replace(from, to, StringComparison.Ordinal));
    }
}
