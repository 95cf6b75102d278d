using Host.Commands;

namespace Host.Tests;

/// <summary>A bug is told whatever the world is like; telling it never fails.</summary>
public sealed class BugReportTests(Installation installation)
{
    private static readonly InvalidOperationException Bug = new("a bug");

    [Fact]
    public void The_first_folder_that_takes_the_details_gets_them()
    {
        using var place = installation.Place();
        var output = new StringWriter();
        File.WriteAllText(place.File("file"), "");
        Func<string>[] folders = [
            () => "", () => throw new FileNotFoundException("gone"), () => place.File("file"), () => "\0", () => place.Folder];
        Assert.Equal(1, BugReport.Tell(Bug, folders, output));
        var log = Assert.Single(Directory.GetFiles(place.Folder, "host-bug-*.log"));
        Assert.Equal(Bug.ToString(), File.ReadAllText(log));
        Assert.Contains(log, output.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", output.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Where_no_folder_takes_them_they_are_shown()
    {
        var output = new StringWriter();
        Assert.Equal(1, BugReport.Tell(Bug, [() => "/nowhere"], output));
        Assert.Contains(Bug.ToString(), output.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void An_exception_that_throws_when_asked_and_an_output_that_is_gone_are_borne()
    {
        var output = new StreamWriter(new MemoryStream([]));
        Assert.Equal(1, BugReport.Tell(new Mute(), [() => "/nowhere"], output));
    }

    [Theory, InlineData("main"), InlineData("thread")]
    public async Task The_program_tells_a_bug_on_any_thread(string where)
    {
        using var place = installation.Place();
        var temporary = Directory.CreateDirectory(place.File("temporary")).FullName;
        var outcome = await place.Run(Broken(where, temporary), "doctor");
        Assert.Equal(1, outcome.Code);
        var log = Assert.Single(Directory.GetFiles(temporary, "host-bug-*.log"));
        outcome.Ends(1).Says("this is a bug in host, not in what you typed", log);
        Assert.Contains(nameof(StartupHook), File.ReadAllText(log), StringComparison.Ordinal);
    }

    [Theory, InlineData("main"), InlineData("thread")]
    public async Task Without_a_folder_for_temporary_files_the_details_are_here(string where)
    {
        using var place = installation.Place();
        (await place.Run(Broken(where, place.File("gone")), "doctor")).Ends(1).Says(place.File("host-bug-"));
        Assert.Single(Directory.GetFiles(place.Folder, "host-bug-*.log"));
    }

    /// <summary>The host that started it quotes what it says; a file would be one more than anybody asked for.</summary>
    [Theory, InlineData("plugin-probe"), InlineData("plugin-score")]
    public async Task A_child_says_it_in_a_line_and_leaves_no_file(string child)
    {
        using var place = installation.Place();
        var outcome = (await place.Run(Temporary(place), $"{child} nothing nothing")).Ends(1);
        Assert.Single(outcome.Err.Trim().Split('\n'));
        Assert.Empty(Folders.Files(place.Folder));
    }

    [Fact]
    public async Task A_current_folder_that_is_gone_is_told()
    {
        using var place = installation.Place();
        (await place.Sh("mkdir gone; cd gone; rmdir ../gone; host run --validation 50"))
            .Refused(6, "the current folder is gone", "change to one that exists");
    }

    private static Dictionary<string, string?> Broken(string mode, string temporary) =>
        new(StartupHook.In(mode), StringComparer.Ordinal) { ["TMPDIR"] = temporary };

    private static Dictionary<string, string?> Temporary(Place place) => new(StringComparer.Ordinal) { ["TMPDIR"] = place.Folder };

    private sealed class Mute : Exception
    {
        public override string Message => throw new NotSupportedException();

        public override string ToString() => throw new NotSupportedException();
    }
}
