namespace Host.Tests;

/// <summary>People delete big files. What then needs them says so; nothing else is held up, and nothing is a bug.</summary>
public sealed class DeletedFileTests(Installation installation)
{
    private const string Line = $"run --strategy variance --compare magnitude,random {Place.SmallAtDensities}";

    [Theory]
    [InlineData("bayesian", "posterior.safetensors", "snr", "random")]
    [InlineData("dense", "weights.safetensors", "large-final", "random")]
    public async Task A_tensor_file_that_is_gone_costs_the_tickets_that_need_it(string kind, string file, string needing, string other)
    {
        using var place = await installation.Trained(Line);
        var gone = place.Results.Of(row => row["kind"] == kind).File(file);
        File.Delete(gone);
        var outcome = (await place.Run($"run --strategy {needing} --compare {other} {Place.Small} --density 0.3,0.2")).Ends(5)
            .Says(
                gone, "expected the tensors of a finished training", "found no such file",
                "delete that training's folder and run the same command again");
        Assert.DoesNotContain("bug", outcome.Err, StringComparison.Ordinal);
        outcome.Says($"{other} 0.3 · seed 1: done");                          // what needs it not is trained
        Assert.Contains($"{needing} at 30 %", place.Results.Report(Path.GetFileName(Latest(place))), StringComparison.Ordinal);

        Directory.Delete(Path.GetDirectoryName(gone)!, recursive: true);       // what the message says
        (await place.Run($"run --strategy {needing} --compare {other} {Place.Small} --density 0.3,0.2")).Done();
    }

    [Theory]
    [InlineData("dense", "config.json"), InlineData("bayesian", "config.json"), InlineData("ticket", "config.json")]
    [InlineData("dense", "metrics.csv"), InlineData("ticket", "metrics.csv"), InlineData("bayesian", "posterior.safetensors")]
    public async Task The_same_command_names_what_is_gone(string kind, string file)
    {
        using var place = await installation.Trained(Line);
        var gone = place.Results.Of(row => row["kind"] == kind);
        File.Delete(gone.File(file));
        var outcome = (await place.Run(Line)).Ends(5).Says(gone.Folder, "delete that training's folder");
        Assert.DoesNotContain("bug", outcome.Err, StringComparison.Ordinal);
        (await place.Run($"report {place.Results.Experiment()}")).Ends(5).Says(gone.Folder);
    }

    [Fact]
    public async Task A_snapshot_file_that_is_gone_is_trained_again_to_the_same_bytes()
    {
        using var place = installation.Place();
        const string Early = $"run --strategy early-snr --compare none {Place.SmallAtDensities}";
        (await place.Run(Early)).Done();
        var before = place.Results.Lasting;
        File.Delete(place.Results.Bayesian.File("snapshots.safetensors"));
        (await place.Run(Early)).Done().Says("bayesian · seed 1: done, ");
        Folders.Same(before, place.Results.Lasting);
    }

    private static string Latest(Place place) =>
        Directory.GetDirectories(place.Results.ExperimentsFolder).MaxBy(Directory.GetCreationTimeUtc)!;
}
