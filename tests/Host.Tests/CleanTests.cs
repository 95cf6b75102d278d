using Bnn.Store;

namespace Host.Tests;

/// <summary><c>host clean</c>: only what no experiment refers to is deleted, and only when it is told to.</summary>
public sealed class CleanTests(StoredResults stored) : IClassFixture<StoredResults>
{
    [Fact]
    public async Task Nothing_is_deleted_while_experiments_refer_to_everything()
    {
        using var place = stored.Copy();
        var before = Folders.Files(place.Folder);
        (await place.Run("clean")).Done().Says("nothing to clean");
        (await place.Run("clean --yes")).Done().Says("deleted 0 folders");
        Folders.Same(before, Folders.Files(place.Folder));
    }

    [Fact]
    public async Task What_no_plan_names_is_shown_with_its_size_and_deleted_when_told_to()
    {
        using var place = stored.Copy();
        var run = place.Results.Of(row => row["strategy"] == "snr", "two");
        Directory.Delete(place.Results.Experiment("two"), recursive: true);
        var begun = Directory.CreateDirectory(Path.Combine(place.Results.RunsFolder, "abcd00000001")).FullName;
        File.WriteAllText(Path.Combine(begun, "log.txt"), "twelve bytes");
        var others = Directory.CreateDirectory(Path.Combine(place.Results.RunsFolder, "notes")).FullName;
        var scratch = Leftover(place);
        var before = Folders.Files(place.Folder);

        var shown = (await place.Run("clean")).Done().Says("nothing was deleted; --yes deletes 3 folders");
        Assert.Contains(shown.Table, row => row is ["training", var path, _, ""] && path == run.Folder);
        Assert.Contains(shown.Table, row => row is ["training", var path, "12 B", ""] && path == begun);
        Assert.Contains(shown.Table, row => row is ["scratch", var path, "4 B", ""] && path == scratch);
        Assert.Equal(4, shown.Table.Count);
        Folders.Same(before, Folders.Files(place.Folder));

        Assert.All((await place.Run("clean --yes")).Done().Says("deleted 3 folders").Table.Skip(1), row => Assert.Equal("deleted", row[3]));
        Assert.False(Directory.Exists(run.Folder) || Directory.Exists(begun) || Path.Exists(Path.GetDirectoryName(scratch)));
        Assert.True(Directory.Exists(others));
        Assert.Equal(StoredResults.OfOne, place.Results.Runs.Count(run => run.Key.Length == 12));
        (await place.Run("verify")).Done();
        (await place.Run("clean")).Done().Says("nothing to clean");
    }

    [Fact]
    public async Task What_a_running_process_holds_stays()
    {
        using var place = stored.Copy();
        var run = place.Results.Of(row => row["strategy"] == "snr", "two");
        Directory.Delete(place.Results.Experiment("two"), recursive: true);
        var scratch = Leftover(place);
        using (ResultsStore.OpenExisting(place.Results.Root).OrThrow().Training(new(run.Key)).TryLease())
        using (new FileStream($"{scratch}.owner", FileMode.Open, FileAccess.ReadWrite, FileShare.None))
        {
            var shown = (await place.Run("clean")).Done();
            Assert.Contains(shown.Table, row => row[1] == run.Folder && row[3] == "in use by a running process");
            Assert.Equal(2, shown.Table.Count);
            (await place.Run("clean --yes")).Done().Says("deleted 0 folders");
            Assert.True(File.Exists(run.File("result.json")) && Directory.Exists(scratch));
        }
        (await place.Run("clean --yes")).Done().Says("deleted 2 folders");
    }

    [Fact]
    public async Task Nothing_outside_is_reached_through_links()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "links need rights there");
        using var place = stored.Copy();
        var run = place.Results.Of(row => row["strategy"] == "snr", "two");
        Directory.Delete(place.Results.Experiment("two"), recursive: true);
        var outside = Directory.CreateDirectory(place.File("outside")).FullName;
        File.WriteAllText(Path.Combine(outside, "kept"), "kept");
        File.CreateSymbolicLink(run.File("link"), outside);
        File.CreateSymbolicLink(run.File("file"), Path.Combine(outside, "kept"));
        Directory.CreateSymbolicLink(Path.Combine(place.Results.RunsFolder, "abcd00000001"), outside);
        var outcome = (await place.Run("clean --yes")).Done().Says("deleted 1 folder");
        Assert.Contains(outcome.Table, row => row[0] == "training" && row[3].StartsWith("left: a link", StringComparison.Ordinal));
        Assert.False(Directory.Exists(run.Folder));
        Assert.Equal("kept", File.ReadAllText(Path.Combine(outside, "kept")));

        // A whole folder that lies elsewhere.
        Directory.CreateDirectory(Path.Combine(place.Results.RunsFolder, "abcd00000002"));
        Directory.Move(place.Results.RunsFolder, place.File("moved"));
        Directory.CreateSymbolicLink(place.Results.RunsFolder, place.File("moved"));
        (await place.Run("clean --yes")).Done().Says("deleted 0 folders");
        Assert.True(Directory.Exists(Path.Combine(place.File("moved"), "abcd00000002")));
    }

    [Fact]
    public async Task With_a_damaged_plan_nobody_knows_what_it_refers_to()
    {
        using var place = stored.Copy();
        var plan = Path.Combine(place.Results.Experiment("two"), "plan.json");
        StoredResults.Flip(plan);
        var before = Folders.Files(place.Folder);
        (await place.Run("clean --yes")).Refused(5, plan);
        Folders.Same(before, Folders.Files(place.Folder));
    }

    [Fact]
    public async Task Without_results_there_is_nothing_to_clean()
    {
        using var place = stored.Copy();
        (await place.Run("clean --output nowhere")).Refused(5, "store.json", "--output");
    }

    /// <summary>What a killed process leaves: a scratch folder and its owner's file.</summary>
    private static string Leftover(Place place)
    {
        var path = Path.Combine(place.Results.Root, Scratch.FolderName, "host-scratch-0123");
        Directory.CreateDirectory(path);
        File.WriteAllText(Path.Combine(path, "file"), "four");
        File.WriteAllText($"{path}.owner", "");
        return path;
    }
}
