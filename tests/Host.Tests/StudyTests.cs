using System.Diagnostics;

namespace Host.Tests;

/// <summary>Studies from their file to their report: arms, grids, what is shared, what comes later, and what is refused.</summary>
public sealed class StudyTests(Installation installation)
{
    private const string Common = """
        question = "Which?"

        [common]
        compare = "none"
        steps = 60
        batch = 10
        layers = "8,5"
        validation = 50
        eval-every = 20
        lr = 0.01
        seeds = "1..2"
        density = "0.5,0.2"

        """;

    private const string Two = Common + """
        [[arm]]
        name = "one-shot"
        strategy = "variance,magnitude"

        [[arm]]
        name = "rounds"
        strategy = "magnitude"
        rounds = 4
        density = "0.51,0.41"

        [[compare]]
        baseline = "magnitude"
        margin = 0.2
        """;

    private async Task<Place> With(string study, string name = "mine.toml")
    {
        var place = installation.Place();
        await File.WriteAllTextAsync(place.File(name), study, TestContext.Current.CancellationToken);
        return place;
    }

    [Fact]
    public async Task Arms_share_what_they_have_in_common()
    {
        using var place = await With(Two);
        var outcome = (await place.Run("study mine.toml")).Done();
        var rows = place.Results.Table("mine");
        Assert.Equal(4, rows.Count(row => row["kind"] is "bayesian" or "dense"));
        Assert.Equal(8, rows.Count(row => row["kind"] == "ticket" && row["rounds"] == "0"));
        Assert.Equal(["magnitude", "magnitude (iterative)", "variance"], outcome.Table.Skip(3).Select(row => row[0]).Distinct().Order());
        Assert.Contains("study mine.toml</", place.Results.Report("mine"), StringComparison.Ordinal);
        (await place.Run("verify")).Done();
        (await place.Run($"verify {rows[^1]["run"]}")).Done();

        // The same command has nothing left to do.
        (await place.Run("study mine.toml --dry-run")).Done();
        Assert.Contains("Nothing is left to train", (await place.Run("study mine.toml --dry-run")).Done().Out, StringComparison.Ordinal);
        var before = Folders.Files(place.Results.Root);
        (await place.Run("study mine.toml")).Done();
        Folders.Same(before, Folders.Files(place.Results.Root));
    }

    [Fact]
    public async Task Seeds_that_are_added_later_extend_the_study_under_its_name()
    {
        using var place = await With(Two);
        (await place.Run("study mine.toml")).Done();
        var dry = (await place.Run("study mine.toml --vary seeds=1..3 --dry-run")).Done();
        Assert.Contains(["ticket", "16", "0", "8"], dry.Table.Select(row => row[..4]));
        (await place.Run("study mine.toml --vary seeds=1..3")).Done();
        Assert.Equal(["1", "2", "3"], place.Results.Table("mine").Select(row => row["seed"]).Distinct());
        (await place.Run("study mine.toml")).Refused(2, "name", "plan.json holds another plan");
        (await place.Run("study mine.toml --vary name=first")).Done();
    }

    [Fact]
    public async Task An_array_is_a_grid_and_an_arm_can_be_trained_alone()
    {
        using var place = await With(Common + """
            [[arm]]
            name = "rates"
            strategy = "magnitude"
            lr = [0.01, 0.02]
            density = "0.5"

            [[arm]]
            name = "never"
            strategy = "random"
            """);
        (await place.Run("study mine.toml --only rates")).Done();
        var rows = place.Results.Table("mine-rates");
        Assert.Equal(["0.01", "0.02"], rows.Where(row => row["kind"] == "ticket").Select(row => row["lr"]).Distinct());
        Assert.DoesNotContain("random", rows.Select(row => row["strategy"]));
    }

    [Fact]
    public async Task The_whole_nets_alone_are_a_study_too()
    {
        using var place = await With(Common + "strategy = \"none\"\n");
        (await place.Run("study mine.toml")).Done();
        Assert.Equal(["bayesian", "dense"], place.Results.Table("mine").Select(row => row["kind"]).Distinct());
    }

    [Fact]
    public async Task A_file_that_changes_meanwhile_is_trained_as_it_was_and_told()
    {
        using var place = await With(Two);
        var running = place.Start("study mine.toml --jobs 1");
        while (!Directory.Exists(place.Results.RunsFolder) && !running.Task.IsCompleted)
            await Task.Delay(20, TestContext.Current.CancellationToken);
        File.AppendAllText(place.File("mine.toml"), "\n# more\n");
        var result = await running;
        Assert.Equal(0, result.ExitCode);
        Assert.Contains("mine.toml has changed since it was read", result.StandardError, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("strategy = \"varience\"", "mine.toml, line 13, column 1: strategy", "did you mean 'variance'")]
    [InlineData("rewind = 99", "mine.toml, line 13, column 1: rewind", "a step before the last one")]
    [InlineData("threshold = 0.5", "line 12, column 1: density", "line 13, column 1: threshold")]
    [InlineData("[[compare]]\nbaseline = \"magnitud\"", "mine.toml, line 14, column 1: baseline", "unknown baseline 'magnitud'")]
    public async Task What_contradicts_or_cannot_be_is_told_with_its_place(string lines, params string[] says)
    {
        using var place = await With(Common + lines + "\n");
        (await place.Run("study mine.toml")).Refused(2, says);
        Assert.False(Directory.Exists(place.Results.Root));
    }

    [Fact]
    public async Task A_hundred_thousand_trainings_want_to_be_confirmed()
    {
        using var place = installation.Place();
        var line = $"run --strategy magnitude --compare none --rounds 20 --seeds 1..5000 {Place.Small}";
        (await place.Run(line)).Refused(2, "110,000 trainings", "--yes", "--dry-run");
        Assert.False(Directory.Exists(place.Results.Root));
    }

    [Fact]
    public async Task A_dry_run_tells_what_would_continue()
    {
        using var place = installation.Place();
        const string Line = "run --strategy magnitude --compare none --density 0.5 --steps 100000 --batch 10 --layers 8,5 --validation 50 "
            + "--jobs 1";
        var running = place.Start($"{Line} --checkpoint-every 0.05");
        string[] checkpoints = [];
        while (checkpoints.Length == 0 && !running.Task.IsCompleted)
        {
            await Task.Delay(20, TestContext.Current.CancellationToken);
            if (Directory.Exists(place.Results.RunsFolder))
                checkpoints = Directory.GetFiles(place.Results.RunsFolder, "checkpoint-*", SearchOption.AllDirectories);
        }
        Process.Start("kill", $"-TERM {running.ProcessId}")!.WaitForExit();
        await running;
        var all = (await place.Run($"{Line} --dry-run")).Done().Table[^1];
        Assert.Equal(("all", "1"), (all[0], all[2]));
    }
}
