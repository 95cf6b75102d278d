using System.Collections.Concurrent;
using System.Diagnostics;
using Host.Tests;

namespace Reliability;

/// <summary>
/// The program is killed at random points, while it writes and while it recovers from a kill too; the same command ends in the same bytes
/// as if nothing had happened, loses no more than the time between two checkpoints, and leaves nothing behind.
/// </summary>
public sealed class KillTests(Installation installation)
{
    /// <summary>Seconds between two checkpoints, and what a step, an evaluation and the writing may take on a busy machine.</summary>
    private const double Every = 0.2, Busy = 1.5;

    private const int MostKills = 4;

    private static readonly string Line = "run --strategy early-snr --compare none --density 0.5,0.2 --layers 12,8 --steps 12000 "
        + $"--batch 10 --validation 50 --eval-every 100 --lr 0.001 --name killed --checkpoint-every {Every}";

    [Fact]
    public async Task What_was_killed_ends_in_the_same_bytes()
    {
        using var whole = installation.Place();
        var watch = Stopwatch.StartNew();
        (await new HostProcess(installation, whole.Folder, $"{Line} --jobs 1").End()).Done();
        var (expected, duration) = (StoreContent.Of(whole.Results.Root), watch.Elapsed);
        var (kills, lost, wrong) = (0, 0.0, new ConcurrentBag<string>());
        var numbers = Enumerable.Range(0, Counts.Kills);
        var options = new ParallelOptions { MaxDegreeOfParallelism = 2 };
        await Parallel.ForEachAsync(numbers, options, async (number, _) =>
        {
            using var place = installation.Place();
            var killed = await Killed(place, new Random(Counts.Seed * 10_007 + number), duration);
            Interlocked.Add(ref kills, killed.Kills);
            var outcome = await new HostProcess(installation, place.Folder, $"{Line} --jobs 1").End();
            var again = Math.Max(killed.Lost, killed.UnderWay.MostLost());
            lock (wrong) lost = Math.Max(lost, again);
            var found = outcome.Code != 0
                ? $"code {outcome.Code}: {outcome.Err}"
                : StoreContent.Of(place.Results.Root).DifferenceFrom(expected) is { Length: > 0 } difference ? difference
                : again > Every + Busy ? $"{again:0.00} s lost"
                : HostProcess.LeftIn(place.Folder) is { Length: > 0 } left ? $"left {left}" : null;
            if (found is not null) wrong.Add($"seed {Counts.Seed}, run {number}, {killed.How}: {found}");
        });
        Tally.Add(
            "kill", $"{Counts.Kills} runs killed {kills} times, at random points, writes and recoveries among them",
            $"{Counts.Kills - wrong.Count} of {Counts.Kills} ended in the same bytes with nothing left, at most {lost:0.00} s done again");
        Assert.True(wrong.IsEmpty, string.Join("\n", wrong));
    }

    /// <summary>
    /// Two processes trained from step 200: what lies between them is no lost work, and what both did is lost once, as the second did it.
    /// </summary>
    [Fact]
    public void What_is_done_again_is_counted_within_a_process()
    {
        const string Log = """
            10:00:00.000 INF bayesian, seed 1, key 0123456789ab, engine simd
            10:00:00.100 INF step 0: train loss null
            10:00:00.200 INF step 100: train loss 3
            10:00:00.300 INF step 200: train loss 2
            10:00:00.400 INF step 300: train loss 2
            10:00:00.700 INF step 400: train loss 2
            10:00:09.000 INF bayesian, seed 1, key 0123456789ab, engine simd
            10:00:09.010 INF continues from step 200
            10:00:09.060 INF step 300: train loss 2

            """;
        Assert.Equal(0.35, TrainingLogs.DoneAgain(Log, from: 200), 9);
        Assert.Equal(0.45, TrainingLogs.DoneAgain(Log, from: 150), 9);
        Assert.Equal(0.3, TrainingLogs.DoneAgain(Log, from: 300), 9);
        Assert.Equal(0, TrainingLogs.DoneAgain(Log, from: 400), 9);
    }

    /// <summary>Starts the command and kills it, once or several times in a row.</summary>
    private async Task<(int Kills, double Lost, TrainingLogs UnderWay, string How)> Killed(Place place, Random random, TimeSpan duration)
    {
        var (kills, lost, how, before) = (0, 0.0, new List<string>(), TrainingLogs.UnderWay(place.Results.RunsFolder));
        for (var left = 1 + random.Next(random.Next(2) == 0 ? 1 : MostKills); left > 0; left--)
        {
            var running = new HostProcess(installation, place.Folder, $"{Line} --jobs {1 + random.Next(2)}");
            var (after, inWrite) = (random.NextDouble() * duration, random.Next(3) == 0);
            await Task.Delay(after, TestContext.Current.CancellationToken);
            if (inWrite) await UntilWriting(place.Results.Root, running);
            if (running.Kill()) kills++;
            await running.End();
            how.Add($"{after.TotalSeconds:0.000} s{(inWrite ? " and a write" : "")}");
            lost = Math.Max(lost, before.MostLost());
            before = TrainingLogs.UnderWay(place.Results.RunsFolder);
        }
        return (kills, lost, before, $"killed after {string.Join(", ", how)}");
    }

    /// <summary>Waits until some file is being written, or the process has ended.</summary>
    private static async Task UntilWriting(string root, HostProcess running)
    {
        while (!running.HasEnded)
        {
            try
            {
                if (Directory.Exists(root) && Directory.EnumerateFiles(root, "*.tmp", SearchOption.AllDirectories).Any()) return;
            }
            catch (DirectoryNotFoundException)
            {
                // A folder that has just been deleted.
            }
            await Task.Yield();
        }
    }
}
