using System.Diagnostics;
using CliWrap;

namespace Host.Tests;

/// <summary>A run that is stopped ends soon, and continues later as if it had not been stopped.</summary>
public sealed class StopTests(Installation installation, StopTests.Uninterrupted uninterrupted) : IClassFixture<StopTests.Uninterrupted>
{
    private const string Long = "run --strategy variance --compare none --density 0.5 --steps 40000 --batch 10 --layers 8,5 "
        + "--validation 50 --eval-every 1000 --jobs 1";

    [Theory]
    [InlineData("INT", 130), InlineData("TERM", 143)]
    public async Task A_signal_ends_it_and_the_same_command_completes_it(string signal, int code)
    {
        using var place = installation.Place();
        var (outcome, elapsed) = await Stopped(place, Long, signal);
        outcome.Refused(code, "stopped; run the same command again to continue");
        Assert.True(elapsed < TimeSpan.FromSeconds(5), $"it took {elapsed.TotalSeconds:0.0} s");
        Assert.DoesNotContain(Folders.Files(place.Results.RunsFolder).Keys, name => name.EndsWith("result.json", StringComparison.Ordinal));
        Assert.DoesNotContain(Folders.Files(place.Results.Root).Keys, name =>
            name.EndsWith("lock", StringComparison.Ordinal) || name.EndsWith(".tmp", StringComparison.Ordinal));
        Assert.Contains("stopped at step", File.ReadAllText(Assert.Single(place.Results.Runs).File("log.txt")), StringComparison.Ordinal);

        (await place.Run(Long)).Done();
        Folders.Same(uninterrupted.Results.Lasting, place.Results.Lasting);
        Folders.Same(Folders.Files(uninterrupted.Results.ExperimentsFolder), Folders.Files(place.Results.ExperimentsFolder));
    }

    [Fact]
    public async Task A_killed_run_leaves_nothing_that_hinders_the_next()
    {
        using var place = installation.Place();
        var (outcome, _) = await Stopped(place, Long, "KILL");
        Assert.NotEqual(0, outcome.Code);
        (await place.Run(Long)).Done();
        Assert.Equal(3, place.Results.Table().Count);
        Assert.DoesNotContain(Folders.Files(place.Results.Root).Keys, name => name.EndsWith("lock", StringComparison.Ordinal));
    }

    /// <summary>Starts the program, waits until a training has begun, and sends the signal.</summary>
    private static async Task<(Outcome Outcome, TimeSpan Elapsed)> Stopped(Place place, string line, string signal)
    {
        var running = place.Start(line);
        while (!Directory.Exists(place.Results.RunsFolder)
            || !place.Results.Runs.Any(run => new FileInfo(run.File("log.txt")) is { Exists: true, Length: > 0 }))
        {
            Assert.False(running.Task.IsCompleted, "it ended before it was stopped");
            await Task.Delay(10, TestContext.Current.CancellationToken);
        }
        var clock = Stopwatch.StartNew();
        await Cli.Wrap("sh")
            .WithArguments(["-c", $"kill -{signal} {running.ProcessId}"])
            .ExecuteAsync(TestContext.Current.CancellationToken);
        var result = await running;
        return (new Outcome(result.ExitCode, result.StandardOutput, result.StandardError), clock.Elapsed);
    }

    /// <summary>The same command, never stopped.</summary>
    public sealed class Uninterrupted(Installation installation) : IAsyncLifetime
    {
        private readonly Place _place = installation.Place();

        public Results Results => _place.Results;

        public async ValueTask InitializeAsync() => (await _place.Run(Long)).Done();

        public ValueTask DisposeAsync()
        {
            _place.Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
