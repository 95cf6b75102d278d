using System.Security.Cryptography;
using CliWrap.Buffered;

namespace Host.Tests;

/// <summary>What scores is what was hashed when the command began, whatever happens to the plugin's files in between.</summary>
public sealed class PluginSwapTests
{
    private const string Long = "--compare none --density 0.5 --steps 20000 --batch 10 --layers 8,5 --validation 50 "
        + "--eval-every 1000 --jobs 1";

    [Fact]
    public async Task A_plugin_replaced_while_a_run_trains_scores_as_it_was()
    {
        using var installation = new Installation().Put("Ascends", "Sways/Sways.dll");
        using var place = installation.Place();
        var (first, second) = (Sha256(Installation.TestPlugin("Ascends")), Sha256(Installation.TestPlugin("Descends")));
        (await Disturbed(place, $"run --strategy sways {Long}", () => installation.Put("Descends", "Sways/Sways.dll"))).Done();
        var ticket = Assert.Single(place.Results.Tickets);
        Assert.Equal(first, ticket.Config.GetProperty("plugin_sha256").GetString());
        Assert.Equal(Last(288), place.Results.Mask("sways", "0.5", layer: 1));

        // The next run takes the new file, and says so.
        Directory.Delete(place.Results.ExperimentsFolder, recursive: true);
        (await place.Run($"run --strategy sways {Long}")).Done().Reused(1, 1, 0).Says("trained again: 1 ticket of sways");
        ticket = Assert.Single(place.Results.Tickets);
        Assert.Equal(second, ticket.Config.GetProperty("plugin_sha256").GetString());
        Assert.Equal([.. Last(288).Select(kept => 1 - kept)], place.Results.Mask("sways", "0.5", layer: 1));
        Assert.False(Directory.Exists(Path.Combine(place.Results.Root, Scratch.FolderName)));
    }

    /// <summary>As a build in the same clone does it: file by file, in place.</summary>
    [Fact]
    public async Task The_shipped_strategies_rebuilt_while_a_run_trains_score_as_they_were()
    {
        using var installation = new Installation();
        using var place = installation.Place();
        using var quiet = installation.Place();
        const string Line = $"run --strategy variance,magnitude {Long}";
        (await quiet.Run(Line)).Done();
        var shipped = Path.Combine(installation.Plugins, "MaskStrategies", "MaskStrategies.dll");
        (await Disturbed(place, Line, () => File.WriteAllText(shipped, "half a build"))).Done();
        Folders.Same(quiet.Results.Lasting, place.Results.Lasting);
    }

    [Fact]
    public async Task A_library_counts_like_the_plugin_itself()
    {
        using var installation = new Installation()
            .With("UsesHelperLate", inFolder: true)
            .Put("Helper.one", "UsesHelperLate/Helper.dll");
        var helper = Path.Combine(installation.Plugins, "UsesHelperLate", "Helper.dll");
        using var place = installation.Place();
        const string Line = $"run --strategy helper-late {Long}";
        (await Disturbed(place, Line, () => File.WriteAllText(helper, "no library"))).Done();
        var before = Assert.Single(place.Results.Tickets).Config.GetProperty("plugin_sha256").GetString();
        Assert.NotEqual(Sha256(Installation.TestPlugin("UsesHelperLate")), before);

        // Another build of it, by a byte: other code, as far as anyone can tell.
        Directory.Delete(place.Results.ExperimentsFolder, recursive: true);
        File.WriteAllBytes(helper, [.. File.ReadAllBytes(Installation.TestPlugin("Helper.one")), 0]);
        (await place.Run(Line)).Done().Reused(1, 1, 0);
        Assert.NotEqual(before, Assert.Single(place.Results.Tickets).Config.GetProperty("plugin_sha256").GetString());
        installation.Put("Helper.one", "UsesHelperLate/Helper.dll");
        (await place.Run(Line)).Done().Reused(1, 1, 1);
    }

    [Fact]
    public async Task A_pinned_plugin_with_another_library_is_refused()
    {
        using var installation = new Installation();
        using var place = installation.Place();
        File.Copy(Installation.TestPlugin("UsesHelperLate"), place.File("UsesHelperLate.dll"));
        File.Copy(Installation.TestPlugin("Helper.one"), place.File("Helper.dll"));
        File.WriteAllText(place.File("Stranger.dll"), "not referred to, so not taken along");
        (await place.Run("strategies add UsesHelperLate.dll")).Done();
        var folder = Path.Combine(installation.Plugins, "UsesHelperLate");
        Assert.Equal(["Helper.dll", "UsesHelperLate.dll"], Folders.Files(folder).Keys);
        var line = $"run --strategy helper-late --compare none {Place.SmallAtDensities}";
        (await place.Run(line)).Done();
        File.AppendAllText(Path.Combine(folder, "Helper.dll"), " ");
        (await place.Run(line)).Refused(4, "UsesHelperLate.dll", "is not the file that plugins.json pins");
        (await place.Run("strategies add UsesHelperLate.dll")).Done();
        (await place.Run(line)).Done().Reused(1, 1, 2);

        // A pin of the DLL alone, as 0.1 wrote them, holds on.
        var pin = Sha256(Installation.TestPlugin("UsesHelperLate"));
        installation.Says("{\"folders\": [\"plugins\"], \"sha256\": {\"plugins/UsesHelperLate/UsesHelperLate.dll\": \"" + pin + "\"}}");
        (await place.Run(line)).Done().Reused(1, 1, 2);
    }

    /// <summary>The file changes between the plan, in which its hash stands, and the copy that is made for scoring.</summary>
    [Fact]
    public async Task A_plugin_that_changes_before_it_is_copied_scores_nothing()
    {
        using var installation = new Installation().With("Ascends");
        using var place = installation.Place();
        (await place.Run("strategies")).Done();             // it is known now, and not tried again
        installation.With("Meddler");                       // changes it when it is tried itself
        var line = $"run --strategy sways,variance --compare none {Place.SmallAtDensities}";
        var outcome = (await place.Run(line)).Ends(4).Says(
            "Ascends.dll: has changed since this command began: expected SHA-256", Sha256(Installation.TestPlugin("Ascends")),
            Sha256(Path.Combine(installation.Plugins, "Ascends.dll")), "run the same command again");
        Assert.Equal(["", "", "variance", "variance"], place.Results.Table().Select(row => row["strategy"]));
        Assert.Equal(2, outcome.Faults.Length);
        (await place.Run(line)).Done();
    }

    [Fact]
    public async Task Files_that_no_program_reads_leave_the_hash_as_it_is()
    {
        using var installation = new Installation().With("PluginGood", inFolder: true);
        using var place = installation.Place();
        var line = $"run --strategy index --compare none {Place.SmallAtDensities}";
        (await place.Run(line)).Done();
        var hash = place.Results.Tickets[0].Config.GetProperty("plugin_sha256").GetString();
        Assert.Equal(Sha256(Installation.TestPlugin("PluginGood")), hash);
        foreach (var name in (string[])["PluginGood.deps.json", "PluginGood.pdb", "PluginGood.xml", "README.md", ".DS_Store"])
            File.WriteAllText(Path.Combine(installation.Plugins, "PluginGood", name), Dependencies);
        (await place.Run(line)).Done().Reused(1, 1, 2);
        File.WriteAllText(Path.Combine(installation.Plugins, "PluginGood", "weights.bin"), "read, perhaps");
        (await place.Run(line)).Done().Reused(1, 1, 0);

        // One that can't be read ends the child: the plugin is refused, until it is mended.
        File.WriteAllText(Path.Combine(installation.Plugins, "PluginGood", "PluginGood.deps.json"), "{}");
        (await place.Run("strategies")).Ends(4).Says("PluginGood.dll: strategy 'index': making it failed");
        File.Delete(Path.Combine(installation.Plugins, "PluginGood", "weights.bin"));
        (await place.Run("strategies")).Ends(4).Says("PluginGood.dll: strategy 'index': making it failed");
        File.Delete(Path.Combine(installation.Plugins, "PluginGood", "PluginGood.deps.json"));
        (await place.Run(line)).Done().Reused(1, 1, 2);
    }

    private const string Dependencies =
        """{"runtimeTarget": {"name": ".NETCoreApp,Version=v10.0"}, "targets": {".NETCoreApp,Version=v10.0": {}}, "libraries": {}}""";

    /// <summary>Runs a command and does something while its first training is going on.</summary>
    private static async Task<Outcome> Disturbed(Place place, string line, Action disturb)
    {
        var running = place.Start(line);
        while (!Directory.Exists(place.Results.RunsFolder)
            || !place.Results.Runs.Any(run => new FileInfo(run.File("log.txt")) is { Exists: true, Length: > 0 }))
        {
            Assert.False(running.Task.IsCompleted, "it ended before it was disturbed");
            await Task.Delay(10, TestContext.Current.CancellationToken);
        }
        disturb();
        Assert.False(running.Task.IsCompleted, "it ended before it was disturbed");
        BufferedCommandResult result = await running;
        return new Outcome(result.ExitCode, result.StandardOutput, result.StandardError);
    }

    private static int[] Last(int count) => [.. Enumerable.Range(0, count).Select(i => i < count / 2 ? 0 : 1)];

    private static string Sha256(string path) => Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(path)));
}
