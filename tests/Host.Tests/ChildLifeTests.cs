using System.Diagnostics;
using System.Globalization;
using CliWrap;

namespace Host.Tests;

/// <summary>Children end with their host, however it ends, and cost it no more than they may.</summary>
public sealed class ChildLifeTests
{
    /// <summary>Two signals, as a user sends who doesn't want to wait.</summary>
    [Theory]
    [InlineData("hangs", "KILL"), InlineData("breeds", "KILL"), InlineData("hangs", "INT,INT"), InlineData("breeds", "TERM")]
    public async Task No_child_outlives_its_host(string strategy, string signals)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "looks for processes in /proc");
        var sent = signals.Split(',');
        if (!sent.Contains("KILL")) Signals.SkipIfIgnored(sent);
        using var installation = new Installation().With(strategy == "hangs" ? "Hangs" : "Breeds");
        using var place = installation.Place();
        (await place.Run("strategies")).Done();
        var running = place.Start($"run --strategy {strategy} --compare none {Place.SmallAtDensities}");
        List<int> children;
        while ((children = Children(installation, strategy)).Count == 0)
        {
            Assert.False(running.Task.IsCompleted, "it ended before it scored");
            await Task.Delay(50, TestContext.Current.CancellationToken);
        }
        foreach (var signal in sent)
        {
            await Cli.Wrap("sh").WithArguments(["-c", $"kill -{signal} {running.ProcessId} || true"])
                .ExecuteAsync(TestContext.Current.CancellationToken);
        }
        await running;
        var watch = Stopwatch.StartNew();
        while (children.Exists(Lives))
        {
            Assert.True(watch.Elapsed < TimeSpan.FromMinutes(1), "a child outlived its host by a minute");
            await Task.Delay(20, TestContext.Current.CancellationToken);
        }

        // What a killed host left is gone after the next run, even if that has nothing to do.
        (await place.Run($"run --strategy variance --compare none {Place.SmallAtDensities}")).Done();
        Assert.False(Directory.Exists(Path.Combine(place.Results.Root, Scratch.FolderName)));
    }

    [Fact]
    public async Task Output_without_end_or_lines_costs_the_host_no_memory()
    {
        using var installation = new Installation().With("Floods").With("Asks");
        using var place = installation.Place();
        var limited = new Dictionary<string, string?>(StringComparer.Ordinal) { ["DOTNET_GCHeapHardLimit"] = "0x8000000" };      // 128 MiB
        (await place.Run(limited, $"run --strategy floods,asks --compare none --jobs 1 {Place.SmallAtDensities}")).Done();
    }

    [Theory]
    [InlineData("Scribbles", "scribbles", "gave no answer within 5 s"), InlineData("Forges", "forges", "answered without its scores")]
    public async Task What_a_plugin_writes_into_the_answers_pipe_harms_itself_alone(string plugin, string strategy, string reason)
    {
        using var installation = new Installation().With(plugin);
        using var place = installation.Place();
        var line = $"run --strategy {strategy},variance --compare none --plugin-timeout 5 {Place.SmallAtDensities}";
        (await place.Run(line)).Ends(7).Says($"{plugin}.dll): {reason}");
        Assert.Equal(4, place.Results.Table().Count);
    }

    [Fact]
    public async Task Memory_taken_from_the_system_has_a_limit()
    {
        Assert.SkipUnless(GC.GetGCMemoryInfo().TotalAvailableMemoryBytes > 7L << 30, "the limit is 3 GiB");
        using var installation = new Installation().With("Hoards");
        using var place = installation.Place();
        (await place.Run($"run --strategy hoards,variance --compare none {Place.SmallAtDensities}"))
            .Ends(7)
            .Says("strategy 'hoards'", "GiB of memory, more than the 3.0 GiB that it may");
        Assert.Equal(4, place.Results.Table().Count);
    }

    /// <summary>The installation's scoring children, and what they have started, once there is all that a strategy starts.</summary>
    private static List<int> Children(Installation installation, string strategy)
    {
        var scoring = All().Where(process => process.Command.Contains(installation.Program, StringComparison.Ordinal)
            && process.Command.Contains("plugin-score", StringComparison.Ordinal)).Select(process => process.Id).ToList();
        if (strategy == "hangs" || scoring.Count == 0) return scoring.FindAll(IsBusy);
        var bred = All().Where(process => scoring.Contains(process.Parent)).Select(process => process.Id).ToList();
        return bred.Count == 0 ? [] : [.. scoring, .. bred];
    }

    private static IEnumerable<(int Id, int Parent, string Command)> All()
    {
        foreach (var folder in Directory.EnumerateDirectories("/proc"))
        {
            if (!int.TryParse(Path.GetFileName(folder), CultureInfo.InvariantCulture, out var id)) continue;
            if (Read(id, "cmdline") is { } command && Stat(id) is { } stat)
                yield return (id, int.Parse(stat[1], CultureInfo.InvariantCulture), command);
        }
    }

    /// <summary>Half a second of processor time beyond the start's: it is scoring.</summary>
    private static bool IsBusy(int id) => Stat(id) is { } stat && long.Parse(stat[11], CultureInfo.InvariantCulture) > 60;

    /// <summary>Whether a process is there and isn't one that has ended and wasn't collected.</summary>
    private static bool Lives(int id) => Stat(id) is { } stat && stat[0] is not "Z";

    /// <summary>The fields of /proc/ID/stat from the state on.</summary>
    private static string[]? Stat(int id) => Read(id, "stat") is { } stat ? stat[(stat.LastIndexOf(')') + 2)..].Split(' ') : null;

    private static string? Read(int id, string file)
    {
        try
        {
            return File.ReadAllText($"/proc/{id}/{file}").Replace('\0', ' ');
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
