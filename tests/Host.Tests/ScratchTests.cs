using System.Diagnostics;

namespace Host.Tests;

/// <summary>A run needs no disk but its results', leaves nothing behind, and keeps nothing where a user has no place for it.</summary>
public sealed class ScratchTests(Installation installation)
{
    private const string Line = $"run --strategy variance --compare none {Place.SmallAtDensities}";

    [Theory, InlineData("missing"), InlineData("file"), InlineData("relative/missing"), InlineData("long")]
    public async Task A_run_needs_no_folder_for_temporary_files(string kind)
    {
        using var place = installation.Place();
        File.WriteAllText(place.File("file"), "");
        var temporary = kind == "long" ? place.File(new string('x', 200)) : kind.Contains('/') ? kind : place.File(kind);
        (await place.Run(Variables("TMPDIR", temporary), Line)).Done();
        Assert.False(Path.Exists(place.File("missing")));
        Assert.False(Directory.Exists(Path.Combine(place.Results.Root, Scratch.FolderName)));
        (await place.Run(Variables("TMPDIR", temporary), "verify --sample 1")).Refused(6, "no folder for scratch files can be made there");
        (await place.Run(Variables("TMPDIR", temporary), "strategies check", Installation.TestPlugin("PluginGood")))
            .Ends(6)
            .Says("no folder for scratch files can be made there", "set TMPDIR to a folder that can be written");
    }

    [Theory, InlineData("full"), InlineData("read-only")]
    public async Task A_sick_temporary_folder_is_named_by_check_and_not_needed_by_run(string how)
    {
        using var place = installation.Place();
        var temporary = place.File("temporary");
        await using var disk = await SmallDisk.Mount(temporary, "8k");
        if (how == "read-only") await disk.MakeReadOnly();
        (await place.Run(Variables("TMPDIR", temporary), Line)).Done();
        (await place.Run(Variables("TMPDIR", temporary), "strategies check", Installation.TestPlugin("PluginGood")))
            .Ends(6)
            .Says(temporary);
    }

    [Theory, InlineData("/nonexistent-home", null), InlineData("", null), InlineData("home", "cache"), InlineData(null, "")]
    public async Task Without_a_home_nothing_is_kept_and_nothing_lands_here(string? home, string? cache)
    {
        using var place = installation.Place();
        var variables = Variables("HOME", home);
        variables["XDG_CACHE_HOME"] = cache;
        var outcome = (await place.Run(variables, "strategies")).Done();
        Assert.Contains("| variance ", outcome.Out, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFileSystemEntries(place.Folder));
        Assert.False(Path.Exists("/nonexistent-home"));
        File.WriteAllText(place.File("some.whl"), "");
        (await place.Run(variables, "engines install tensorflow --from some.whl")).Refused(2, "XDG_CACHE_HOME", "HOME");
    }

    [Fact]
    public async Task A_home_that_is_there_gets_its_cache()
    {
        using var place = installation.Place();
        var variables = Variables("HOME", Directory.CreateDirectory(place.File("home")).FullName);
        variables["XDG_CACHE_HOME"] = null;
        (await place.Run(variables, "strategies")).Done();
        Assert.True(File.Exists(place.File("home/.cache/host/plugin-probes.json")));
    }

    [Fact]
    public void What_a_killed_owner_left_is_removed_and_what_a_living_one_has_stays()
    {
        var results = Folders.Temporary("scratch");
        var parent = Path.Combine(results, Scratch.FolderName);
        using (var living = Scratch.InResults(results).OrThrow())
        {
            File.WriteAllText(Path.Combine(living.Path, "mine"), "");
            foreach (var name in (string[])["host-scratch-a", "host-scratch-b"])
                File.WriteAllText(Path.Combine(Directory.CreateDirectory(Path.Combine(parent, name)).FullName, "left"), "");
            File.WriteAllText(Path.Combine(parent, "host-scratch-a.owner"), "");
            File.WriteAllText(Path.Combine(parent, "host-scratch-c.owner"), "");
            File.WriteAllText(Path.Combine(parent, "a-users-own"), "");
            Scratch.RemoveLeftoversOf(results);
            Assert.Equal(
                ["a-users-own", Path.GetFileName(living.Path), $"{Path.GetFileName(living.Path)}.owner"],
                Directory.GetFileSystemEntries(parent).Select(entry => Path.GetFileName(entry)).Order(StringComparer.Ordinal));
            Assert.True(File.Exists(Path.Combine(living.Path, "mine")));
        }
        Assert.Equal("a-users-own", Path.GetFileName(Assert.Single(Directory.GetFileSystemEntries(parent))));
        Directory.Delete(results, recursive: true);
    }

    /// <summary>Owners come and go while others tidy up: nobody loses a folder that it holds.</summary>
    [Fact]
    public void Tidying_never_takes_a_folder_that_is_held()
    {
        var results = Folders.Temporary("scratch");
        var end = Stopwatch.StartNew();
        Parallel.For(0, 4, _ =>
        {
            while (end.Elapsed < TimeSpan.FromSeconds(1.5))
            {
                using var own = Scratch.InResults(results).OrThrow();
                File.WriteAllText(Path.Combine(own.Path, "mine"), "");
                Scratch.RemoveLeftoversOf(results);
                Assert.True(File.Exists(Path.Combine(own.Path, "mine")));
            }
        });
        Assert.Empty(Directory.GetFileSystemEntries(results));
        Directory.Delete(results);
    }

    private static Dictionary<string, string?> Variables(string name, string? value) => new(StringComparer.Ordinal) { [name] = value };
}
