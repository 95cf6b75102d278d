namespace Host.Tests;

/// <summary>A results folder whose disk takes nothing more: what is there is shown all the same.</summary>
public sealed class UnwritableStoreTests(Installation installation)
{
    private const string Line = $"run --compare none {Place.SmallAtDensities} --name mine";

    [Theory]
    [InlineData("report.html"), InlineData("table.csv"), InlineData("plan.json", "--name other"), InlineData("experiments", "--name other")]
    public async Task The_table_is_shown_and_the_disk_is_blamed(string blocked, string more = "")
    {
        using var place = installation.Place();
        var before = (await place.Run(Line)).Done();
        Block(place, blocked);
        var line = more.Length > 0 ? Line.Replace("--name mine", more, StringComparison.Ordinal) : Line;
        var outcome = (await place.Run(line)).Ends(6).Reused(1, 1, 2);
        Assert.Equal(before.Table, outcome.Table);
        Assert.NotEmpty(outcome.Faults);
        Assert.All(outcome.Faults, fault => Assert.Contains("can't be written", fault, StringComparison.Ordinal));
        Assert.DoesNotContain("report: ", outcome.Out, StringComparison.Ordinal);
    }

    [Theory, InlineData("plan.json"), InlineData("experiments")]
    public async Task Nothing_is_trained_that_could_not_be_reported(string blocked)
    {
        using var place = await installation.Trained(Line);
        Block(place, blocked);
        (await place.Run($"run --compare none {Place.Small} --density 0.3 --name other")).Refused(6, "can't be written");
        Assert.Equal(4, place.Results.Runs.Count);
    }

    [Theory, InlineData("report.html", ""), InlineData("table.json", "")]
    [InlineData("plan.json", "results/experiments/other --name both")]
    public async Task Report_shows_what_it_can_not_write(string blocked, string more)
    {
        using var place = installation.Place();
        var before = (await place.Run(Line)).Done();
        (await place.Run($"{Line.Replace("mine", "other", StringComparison.Ordinal)} --jobs 1")).Done();
        Block(place, blocked, more.Length > 0 ? "both" : "mine");
        var outcome = (await place.Run($"report results/experiments/mine {more}")).Ends(6).Says("can't be written");
        Assert.Equal(before.Table, outcome.Table);
    }

    /// <summary>Trained, and the disk is full when the report is to be written.</summary>
    [Fact]
    public async Task What_was_trained_is_shown_before_the_disk_is_blamed()
    {
        using var place = installation.Place();
        Directory.CreateDirectory(Path.Combine(place.Results.Experiment("mine"), "report.html", "below"));
        var outcome = (await place.Run(Line)).Ends(6).Says("bayesian · seed 1: done", "can't be written");
        Assert.Equal(5, outcome.Table.Count);
        Assert.Equal(4, place.Results.Runs.Count(run => File.Exists(run.File("result.json"))));
    }

    [Theory]
    [InlineData("bayesian", "result.json"), InlineData("bayesian", "config.json"), InlineData("bayesian", "metrics.csv")]
    [InlineData("bayesian", "posterior.safetensors"), InlineData("dense", "result.json"), InlineData("dense", "config.json")]
    [InlineData("dense", "metrics.csv"), InlineData("ticket", "result.json"), InlineData("ticket", "metrics.csv")]
    [InlineData("ticket", "weights.safetensors")]
    public async Task Damage_is_named_where_nothing_has_to_be_trained(string kind, string file)
    {
        using var place = await installation.Trained(Line);
        var path = place.Results.Of(row => row["kind"] == kind, "mine").File(file);
        File.WriteAllText(path, "damaged");
        (await place.Run(Line)).Ends(5).Says(path, "expected", "found");
        (await place.Run("report results/experiments/mine")).Ends(5).Says(path, "expected", "found");
    }

    /// <summary>Puts a folder where a file would be, or a file where a folder would be: not even root can write there.</summary>
    private static void Block(Place place, string what, string? experiment = null)
    {
        if (what == "experiments")
        {
            Directory.Delete(place.Results.ExperimentsFolder, recursive: true);
            File.WriteAllText(place.Results.ExperimentsFolder, "");
            return;
        }
        var folder = place.Results.Experiment(experiment ?? (what == "plan.json" ? "other" : "mine"));
        if (what == "plan.json")
        {
            Directory.CreateDirectory(Path.GetDirectoryName(folder)!);
            File.WriteAllText(folder, "");
            return;
        }
        File.Delete(Path.Combine(folder, what));
        Directory.CreateDirectory(Path.Combine(folder, what, "below"));
    }
}
