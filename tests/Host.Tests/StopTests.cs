using CliWrap;
using CliWrap.Buffered;

namespace Host.Tests;

/// <summary>A run that is stopped ends soon, and continues later as if it had not been stopped.</summary>
public sealed class StopTests(Installation installation, StopTests.Uninterrupted uninterrupted) : IClassFixture<StopTests.Uninterrupted>
{
    private const string Long = "run --strategy variance --compare none --density 0.5 --steps 40000 --batch 10 --layers 8,5 "
        + "--validation 50 --eval-every 1000 --jobs 1";

    [Theory]
    [InlineData("INT", 130), InlineData("TERM", 143), InlineData("HUP", 129), InlineData("QUIT", 131), InlineData("USR1", 75)]
    public async Task A_signal_ends_it_and_the_same_command_completes_it(string signal, int code)
    {
        Signals.SkipIfIgnored(signal);
        using var place = installation.Place();
        var outcome = await Stopped(place, Long, signal);
        outcome.Refused(code, "stopped; run the same command again to continue");
        Assert.DoesNotContain(Folders.Files(place.Results.RunsFolder).Keys, name => name.EndsWith("result.json", StringComparison.Ordinal));
        Assert.DoesNotContain(Folders.Files(place.Results.Root).Keys, name =>
            name.EndsWith("lock", StringComparison.Ordinal) || name.EndsWith(".tmp", StringComparison.Ordinal));
        Assert.Contains("stopped at step", File.ReadAllText(Assert.Single(place.Results.Runs).File("log.txt")), StringComparison.Ordinal);

        (await place.Run(Long)).Done();
        Folders.Same(uninterrupted.Results.Lasting, place.Results.Lasting);
        Folders.Same(Folders.Files(uninterrupted.Results.ExperimentsFolder), Folders.Files(place.Results.ExperimentsFolder));
    }

    [Theory]
    [InlineData("INT", 130), InlineData("TERM", 143), InlineData("HUP", 129), InlineData("QUIT", 131), InlineData("USR1", 75)]
    [InlineData("USR2", 140), InlineData("XCPU", 152)]
    public async Task What_has_no_steps_is_ended_at_once_and_says_so(string signal, int code)
    {
        Signals.SkipIfIgnored(signal);
        using var place = installation.Place();
        var running = await Hanging(place, "data");
        await Send(running.ProcessId, signal);
        OutcomeOf(await running).Ends(code).Says($"host: stopped by SIG{signal}");
    }

    [Theory, InlineData("TERM", "TERM", 143), InlineData("USR1", "TERM", 143), InlineData("INT", "HUP", 129)]
    public async Task A_second_signal_ends_it_at_once_whichever_it_is(string first, string second, int code)
    {
        Signals.SkipIfIgnored(first, second);
        using var place = installation.Place();
        var running = await Hanging(place, $"run --compare none {Place.SmallAtDensities}");         // before its table, when all is done
        await Send(running.ProcessId, first);
        await Task.Delay(500, TestContext.Current.CancellationToken);
        Assert.False(running.Task.IsCompleted);
        await Send(running.ProcessId, second);
        OutcomeOf(await running).Ends(code).Says(
            $"SIG{first}: stopping at the next step; a second signal stops at once",
            $"host: stopped by SIG{second}; run the same command again to continue");
    }

    [Fact]
    public async Task A_hang_up_that_was_ignored_stays_ignored()
    {
        using var place = installation.Place();
        var outcome = await place.Sh($$"""
            trap '' HUP
            dotnet "$program" {{Long}} &
            until ls results/runs/*/log.txt >/dev/null 2>&1; do sleep 0.05; done
            kill -HUP $!; sleep 0.3; kill -TERM $!; wait $!
            """);
        outcome.Refused(143, "SIGTERM: stopping at the next step");
        Assert.DoesNotContain("SIGHUP", outcome.Err, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_killed_run_leaves_nothing_that_hinders_the_next()
    {
        using var place = installation.Place();
        var outcome = await Stopped(place, Long, "KILL");
        Assert.NotEqual(0, outcome.Code);
        (await place.Run(Long)).Done();
        Assert.Equal(3, place.Results.Table().Count);
        Assert.DoesNotContain(Folders.Files(place.Results.Root).Keys, name => name.EndsWith("lock", StringComparison.Ordinal));
    }

    /// <summary>Starts the program, waits until a training has begun, and sends the signal.</summary>
    private static async Task<Outcome> Stopped(Place place, string line, string signal)
    {
        var running = place.Start(line);
        while (!Directory.Exists(place.Results.RunsFolder)
            || !place.Results.Runs.Any(run => new FileInfo(run.File("log.txt")) is { Exists: true, Length: > 0 }))
        {
            Assert.False(running.Task.IsCompleted, "it ended before it was stopped");
            await Task.Delay(10, TestContext.Current.CancellationToken);
        }
        await Send(running.ProcessId, signal);
        return OutcomeOf(await running);
    }

    /// <summary>Starts the program and waits until it hangs at its first line of output.</summary>
    private static async Task<CommandTask<BufferedCommandResult>> Hanging(Place place, string line)
    {
        var running = place.Start(line, StartupHook.In("hang"));
        while (!File.Exists(place.File(StartupHook.Hanging)))
        {
            Assert.False(running.Task.IsCompleted, "it ended before it wrote a line");
            await Task.Delay(10, TestContext.Current.CancellationToken);
        }
        return running;
    }

    private static async Task Send(int process, string signal) => await Cli.Wrap("sh")
        .WithArguments(["-c", $"kill -{signal} {process}"])
        .ExecuteAsync(TestContext.Current.CancellationToken);

    private static Outcome OutcomeOf(BufferedCommandResult result) => new(result.ExitCode, result.StandardOutput, result.StandardError);

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
