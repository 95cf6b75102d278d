namespace Host.Tests;

/// <summary>Output folders that can't be used: reported before anything is trained.</summary>
public sealed class StoreFaultTests(Installation installation)
{
    private const string Line = $"run {Place.SmallAtDensities}";

    [Theory, InlineData("taken"), InlineData("taken/below"), InlineData("taken/far/below")]
    public async Task An_output_path_that_is_a_file_or_lies_below_one_is_refused(string output)
    {
        using var place = installation.Place();
        File.WriteAllText(place.File("taken"), "mine");
        (await place.Run($"{Line} --output {output}")).Refused(
            6, place.File("taken"), "is a file where a folder for results is needed", "--output");
        Assert.Equal("mine", File.ReadAllText(place.File("taken")));
        Assert.Single(Folders.Files(place.Folder));
    }

    [Theory]
    [InlineData("{\"format\": 99}", "expected format 1 or older", "found format 99", "newer host")]
    [InlineData("garbage", "something else", "restore the file")]
    [InlineData("[]", "something else", "restore the file"), InlineData("{}", "something else", "restore the file")]
    [InlineData("", "something else", "restore the file")]
    [InlineData("{\"format\": \"one\"}", "something else", "restore the file")]
    [InlineData("{\"format\": 1.5}", "something else", "restore the file")]
    public async Task A_newer_or_damaged_store_is_refused_and_left_alone(string content, params string[] parts)
    {
        using var place = installation.Place();
        Directory.CreateDirectory(place.Results.Root);
        File.WriteAllText(Path.Combine(place.Results.Root, "store.json"), content);
        (await place.Run(Line)).Refused(5, [Path.Combine(place.Results.Root, "store.json"), .. parts]);
        Assert.Equal(content, File.ReadAllText(Path.Combine(place.Results.Root, "store.json")));
        Assert.Single(Folders.Files(place.Folder));
    }

    [Fact]
    public async Task A_plan_that_is_not_one_is_refused()
    {
        using var place = installation.Place();
        Directory.CreateDirectory(place.Results.Experiment("mine"));
        File.WriteAllText(Path.Combine(place.Results.Experiment("mine"), "plan.json"), "{\n  \"plan_key\": oops\n}");
        (await place.Run($"{Line} --name mine")).Refused(5, "plan.json", "expected the plan of an experiment", "line 2", "delete it");
        Assert.Empty(Folders.Files(place.Results.RunsFolder));
    }

    [Fact]
    public async Task Doctor_tells_what_a_run_would_meet()
    {
        using var place = installation.Place();
        File.WriteAllText(place.File("taken"), "");
        var outcome = (await place.Run("doctor --output taken --data nowhere"))
            .Ends(3)
            .Says("nowhere: expected a folder with four IDX files", "is a file where a folder for results is needed");
        Assert.Equal(2, outcome.Out.Split("not in order").Length - 1);
    }

    [Fact]
    public async Task Doctor_looks_at_what_is_stored()
    {
        using var place = installation.Place();
        (await place.Run($"{Line} --compare none")).Done();
        Assert.Contains(
            "4 finished and 0 unfinished trainings, 0 damaged files", (await place.Run("doctor")).Done().Out, StringComparison.Ordinal);

        var training = place.Results.Dense;
        File.AppendAllText(training.File("metrics.csv"), "70,");
        File.WriteAllText(training.File("metrics.csv.0123.tmp"), "");
        Directory.CreateDirectory(Path.Combine(place.Results.RunsFolder, "0123456789ab"));
        var outcome = (await place.Run("doctor")).Ends(5).Says(training.File("metrics.csv"), "expected ", "found ");
        Assert.Contains("4 finished and 1 unfinished trainings, 1 damaged files", outcome.Out, StringComparison.Ordinal);
        Assert.Contains("1 files left by processes that were killed, such as ", outcome.Out, StringComparison.Ordinal);
    }
}
