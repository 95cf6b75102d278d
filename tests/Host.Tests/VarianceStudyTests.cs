namespace Host.Tests;

/// <summary><c>host study flipout-variance</c> at a small size: a training, a page, again without work, and what is refused.</summary>
public sealed class VarianceStudyTests(Installation installation)
{
    private const string Name = "flipout-variance";

    private const string Training =
        "--vary bayesian-steps=60 --vary batch=10 --vary layers=8,5 --vary validation=50 --vary eval-every=20 --vary lr=0.01";

    private const string Small = $"study {Name} {Training} --vary repeats=4 --vary batches=1,8,64";

    [Fact]
    public async Task It_trains_one_net_measures_it_and_makes_a_page()
    {
        using var place = installation.Place();
        var dry = (await place.Run($"{Small} --dry-run")).Done();
        Assert.Contains($"the experiment is {Name}.", dry.Out, StringComparison.Ordinal);
        Assert.Equal(["training of the Bayesian net", "0", "1"], dry.Table[1][..3]);
        Assert.Equal(["sizes of batches, at each moment", "0", "6"], dry.Table[2][..3]);
        Assert.Empty(Folders.Files(place.Folder));

        var outcome = (await place.Run($"{Small} --jobs 2")).Done();
        var folder = place.Results.Experiment(Name);
        Assert.EndsWith($"report: {Path.Combine(folder, "gradient-variance.html")}\n", outcome.Out, StringComparison.Ordinal);
        Assert.Equal(18, outcome.Table.Count - 1);
        Assert.Equal(["at the start", "1", "flipout"], outcome.Table[1][..3]);
        Assert.Equal("after step 25 (1.00 epochs)", outcome.Table[^1][0]);

        (await place.Run($"work {Name}")).Refused(2, $"{Name} is a study of gradients", $"./host study {Name} --vary");

        // One ordinary training, which other experiments share: it has the moment that was asked for.
        var run = Assert.Single(place.Results.Runs);
        Assert.True(File.Exists(run.File("posterior.step25.safetensors")));
        var rows = await File.ReadAllLinesAsync(
            Path.Combine(folder, "gradient-variance.csv"), TestContext.Current.CancellationToken);
        Assert.Equal(1 + 2 * 3 * 3 * 3, rows.Length);
        var page = await File.ReadAllTextAsync(
            Path.Combine(folder, "gradient-variance.html"), TestContext.Current.CancellationToken);
        Assert.Contains($"./host study {Name} --vary", page, StringComparison.Ordinal);
        (await place.Run(
            "run --strategy none --compare none --bayesian-steps 60 --batch 10 --layers 8,5 --validation 50 --eval-every 20 --lr 0.01 "
                + "--steps 20")).Done().Reused(1, 0, 0);
    }

    [Fact]
    public async Task The_same_command_has_nothing_left_to_do_and_more_sizes_are_added()
    {
        using var place = installation.Place();
        (await place.Run(Small)).Done();
        var before = Folders.Files(place.Results.Root);
        (await place.Run(Small)).Done().Says("measured by earlier commands: all sizes").Reused(1, 0, 0);
        Folders.Same(before, Folders.Files(place.Results.Root));
        Assert.Contains("Nothing is left", (await place.Run($"{Small} --dry-run")).Done().Out, StringComparison.Ordinal);

        var more = (await place.Run($"study {Name} {Training} --vary repeats=4 --vary batches=1,2,8,64")).Done();
        Assert.Equal(2, more.Err.Split('\n').Count(line => line.StartsWith("measuring ", StringComparison.Ordinal)));

        // What was measured for another list of sizes is what the whole list gives at once.
        (await place.Run($"study {Name} {Training} --vary repeats=4 --vary batches=1,2,8,64 --vary output=whole")).Done();
        foreach (var file in (string[])["gradient-variance.json", "gradient-variance.csv"])
            Assert.Equal(File.ReadAllBytes(Path.Combine(place.Results.Experiment(Name), file)),
                File.ReadAllBytes(Path.Combine(place.At("whole").Experiment(Name), file)));
        (await place.Run(Small)).Refused(2, "name", "holds those of batches of 2 as well; give another name");
        (await place.Run($"study {Name} {Training} --vary repeats=5 --vary batches=1,2,8,64"))
            .Refused(2, "name", "holds those of 4 repeats; give another name");
        (await place.Run($"{Small} --vary name=other")).Done();
        (await place.Run("verify")).Done();
    }

    [Fact]
    public async Task Neither_jobs_nor_the_width_of_vectors_change_a_byte()
    {
        using var place = installation.Place();
        (await place.Run($"{Small} --jobs 1 --vary output=plain")).Done();
        (await place.Run($"{Small} --jobs 3 --vary output=jobs")).Done();
        foreach (var setting in (string[])["DOTNET_EnableAVX512", "DOTNET_EnableAVX2"])
        {
            var variables = new Dictionary<string, string?>(StringComparer.Ordinal) { [setting] = "0" };
            (await place.Run(variables, $"{Small} --vary output={setting}")).Done();
        }
        foreach (var other in (string[])["jobs", "DOTNET_EnableAVX512", "DOTNET_EnableAVX2"])
        {
            foreach (var file in (string[])["gradient-variance.json", "gradient-variance.csv"])
            {
                Assert.Equal(
                    File.ReadAllBytes(Path.Combine(place.At("plain").Experiment(Name), file)),
                    File.ReadAllBytes(Path.Combine(place.At(other).Experiment(Name), file)));
            }
        }
    }

    [Fact]
    public async Task What_was_measured_and_is_damaged_is_told_and_measured_again()
    {
        using var place = installation.Place();
        (await place.Run(Small)).Done();
        var file = Path.Combine(place.Results.Experiment(Name), "gradient-variance.json");
        var whole = await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(
            file, whole.Replace("\"repeats\": 4", "\"repeats\": 5", StringComparison.Ordinal), TestContext.Current.CancellationToken);
        (await place.Run(Small)).Refused(5, "gradient-variance.json: expected SHA-256", "--repair");
        (await place.Run("verify")).Ends(5).Says("gradient-variance.json");
        (await place.Run($"{Small} --repair")).Done();
        Assert.Equal(whole, await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken));

        // A report of the net beside it leaves the measurement's hashes in place.
        (await place.Run($"report {place.Results.Experiment(Name)}")).Done();
        await File.AppendAllTextAsync(
            Path.Combine(place.Results.Experiment(Name), "gradient-variance.csv"), "x", TestContext.Current.CancellationToken);
        (await place.Run("verify")).Ends(5).Says("gradient-variance.csv", "its study makes it again");
        (await place.Run(Small)).Done();
        (await place.Run("verify")).Done();
    }

    [Theory]
    [InlineData("--vary repeats=2", "--vary repeats: expected a whole number from 3 to 32768, found 2")]
    [InlineData("--vary batches=0,x", "found 0", "found x")]
    [InlineData("--vary batches=4,4", "--vary batches: expected sizes that differ, found 4,4; leave one 4 out")]
    [InlineData("--vary batches=1 --vary batches=2", "--vary batches holds for the whole study, and 2 values are given")]
    [InlineData("--vary repeets=3", "unknown setting 'repeets': did you mean 'repeats'?")]
    [InlineData("--vary seeds=1..2", "--vary seeds: [gradient-variance] is about one Bayesian net, and 2 seeds are given")]
    [InlineData("--vary strategy=variance", "trains no ticket, and those of variance are asked for")]
    [InlineData("--vary bayesian-at=1 --vary bayesian-at=2", "its arms are 2")]
    [InlineData("--vary bayesian-at=99999", "--vary bayesian-at: expected a moment of the Bayesian training")]
    [InlineData("--vary repeats=32768 --vary layers=400,400", "don't fit in a gigabyte", "give fewer repeats, or smaller layers")]
    [InlineData("--only anything", "unknown arm 'anything'")]
    public async Task What_cannot_be_measured_is_refused(string more, params string[] says)
    {
        using var place = installation.Place();
        (await place.Run($"study {Name} {more}", "--vary", "batch=10", "--vary", "validation=50")).Refused(2, says);
        Assert.Empty(Folders.Files(place.Folder));
    }

    [Fact]
    public async Task A_study_of_ones_own_compares_nothing_and_has_a_moment_of_its_own()
    {
        using var place = installation.Place();
        (await place.Run($"study copy {Name} mine.toml")).Done();
        var text = await File.ReadAllTextAsync(place.File("mine.toml"), TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(
            place.File("mine.toml"), $"{text}\n[[compare]]\nbaseline = \"magnitude\"\n", TestContext.Current.CancellationToken);
        (await place.Run("study mine.toml")).Refused(2, "mine.toml, line", "[gradient-variance] compares no tickets");
        await File.WriteAllTextAsync(place.File("mine.toml"), text, TestContext.Current.CancellationToken);
        var outcome = (await place.Run(
            $"study mine.toml {Training} --vary repeats=3 --vary batches=1,2,4 --vary bayesian-at=final --vary seed=7")).Done();
        Assert.Equal("at the end of the training", outcome.Table[^1][0]);
        Assert.True(File.Exists(Path.Combine(place.Results.Experiment("mine"), "gradient-variance.html")));
    }
}
