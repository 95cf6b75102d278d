using System.Text.Json;

namespace Host.Tests;

/// <summary>A training that is stopped in the middle continues from there, with the bits of one that was not.</summary>
public sealed class CheckpointTests(Installation installation)
{
    private const string Line = "run --strategy early-snr,magnitude --compare none --density 0.5 --steps 100000 --batch 10 --layers 8,5 "
        + "--validation 50 --eval-every 700 --jobs 1";

    [Fact]
    public async Task Stopped_in_each_kind_of_training_it_continues_there_and_gives_the_same_bytes()
    {
        using var whole = installation.Place();
        (await whole.Run(Line)).Done();
        using var place = installation.Place();
        var continued = 0;
        for (var stops = 0; stops < 40; stops++)
        {
            var running = place.Start($"{Line} --checkpoint-every 0.02");
            // On a busy machine the program may take longer than that to begin at all.
            while (!Directory.Exists(place.Results.RunsFolder) && !running.Task.IsCompleted)
                await Task.Delay(20, TestContext.Current.CancellationToken);
            await Task.Delay(1200 + 37 * stops, TestContext.Current.CancellationToken);
            if (!running.Task.IsCompleted) Signal(running.ProcessId, stops % 3 == 2 ? "KILL" : "TERM");
            var code = (await running).ExitCode;
            if (code == 0) break;
            continued += place.Results.Runs.Count(run => Directory.GetFiles(run.Folder, "checkpoint-*").Length > 0);
            Assert.All(place.Results.Runs, run => Assert.True(Directory.GetFiles(run.Folder, "checkpoint-*").Length <= 3));
        }
        (await place.Run(Line)).Done();
        Assert.True(continued > 2, $"only {continued} stops left a checkpoint");
        Folders.Same(whole.Results.Lasting, place.Results.Lasting);
        Folders.Same(Folders.Files(whole.Results.ExperimentsFolder), Folders.Files(place.Results.ExperimentsFolder));
        Assert.Contains(
            place.Results.Runs,
            run => File.ReadAllText(run.File("log.txt")).Contains("continues from step ", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_damaged_checkpoint_is_named_and_the_one_before_it_continued_from()
    {
        using var whole = installation.Place();
        const string Dense = "run --strategy random --compare none --density 0.5 --bayesian-steps 10 --steps 40000 --batch 10 --layers 8,5 "
            + "--validation 50 --eval-every 1000 --jobs 1";
        (await whole.Run(Dense)).Done();
        using var place = installation.Place();
        var running = place.Start($"{Dense} --checkpoint-every 0.02");
        string[] checkpoints = [];
        while (checkpoints.Length < 2 && !running.Task.IsCompleted)
        {
            await Task.Delay(20, TestContext.Current.CancellationToken);
            if (Directory.Exists(place.Results.RunsFolder))
                checkpoints = Directory.GetFiles(place.Results.RunsFolder, "checkpoint-*.safetensors", SearchOption.AllDirectories);
        }
        Signal(running.ProcessId, "TERM");
        Assert.Equal(143, (await running).ExitCode);
        var newest = Directory.GetFiles(place.Results.RunsFolder, "checkpoint-*.safetensors", SearchOption.AllDirectories)
            .MaxBy(path => int.Parse(Path.GetFileNameWithoutExtension(path).Split('-')[1]))!;
        var content = File.ReadAllBytes(newest);
        content[content.Length / 2] ^= 4;
        File.WriteAllBytes(newest, content);

        (await place.Run(Dense)).Done().Says(newest, "SHA-256", "the one before it, or the start, is continued from");
        Folders.Same(whole.Results.Lasting, place.Results.Lasting);
    }

    [Fact]
    public async Task Nothing_is_kept_of_a_training_that_is_shorter_than_the_interval()
    {
        using var place = installation.Place();
        var running = place.Start($"{Line} --checkpoint-every 600");
        var seen = false;
        while (!running.Task.IsCompleted)
        {
            seen |= Directory.Exists(place.Results.RunsFolder)
                && Directory.GetFiles(place.Results.RunsFolder, "checkpoint-*", SearchOption.AllDirectories).Length > 0;
            await Task.Delay(20, TestContext.Current.CancellationToken);
        }
        Assert.False(seen);
    }

    [Theory, InlineData("0"), InlineData("-1"), InlineData("soon"), InlineData("1e9")]
    public async Task An_interval_that_is_none_is_refused(string seconds)
    {
        using var place = installation.Place();
        (await place.Run($"run {Place.Small} --checkpoint-every {seconds}")).Refused(2, "--checkpoint-every", "seconds, above 0");
    }

    [Fact]
    public async Task A_checkpoint_holds_what_its_documentation_says()
    {
        using var place = installation.Place();
        var running = place.Start($"{Line} --checkpoint-every 0.02");
        string[] checkpoints = [];
        while (checkpoints.Length == 0 && !running.Task.IsCompleted)
        {
            await Task.Delay(20, TestContext.Current.CancellationToken);
            if (Directory.Exists(place.Results.RunsFolder))
                checkpoints = Directory.GetFiles(place.Results.RunsFolder, "checkpoint-*.safetensors", SearchOption.AllDirectories);
        }
        Signal(running.ProcessId, "KILL");
        await running;
        var path = Directory.GetFiles(place.Results.RunsFolder, "checkpoint-*.safetensors", SearchOption.AllDirectories)[0];
        var file = TensorFile.Read(path);
        Assert.Contains("state.layer1.mu.v", file.Names);
        Assert.Contains("metrics.csv", file.Names);
        var head = File.ReadAllBytes(path).AsSpan();
        using var json = JsonDocument.Parse(head.Slice(8, (int)BitConverter.ToInt64(head[..8])).ToArray());
        var metadata = json.RootElement.GetProperty("__metadata__");
        Assert.Equal(Path.GetFileName(Path.GetDirectoryName(path)), metadata.GetProperty("key").GetString());
    }

    private static void Signal(int process, string signal) =>
        System.Diagnostics.Process.Start("sh", ["-c", $"kill -{signal} {process}"]).WaitForExit();
}
