using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;

namespace Host.Tests;

/// <summary>Workers on a real Slurm cluster, and what happens to them there.</summary>
public sealed partial class SlurmTests(Installation installation, SlurmCluster cluster) : IClassFixture<SlurmCluster>
{
    private const string Common = "compare = \"magnitude\"\nlayers = \"8,5\"\nbatch = 10\nvalidation = 50\nlr = 0.001\n"
        + "density = \"0.5,0.2\"\ncheckpoint-every = 0.2\n";

    /// <summary>42 trainings of half a second.</summary>
    private const string Short = $"[common]\nstrategy = \"variance\"\nseeds = \"1..7\"\nsteps = 10000\neval-every = 1000\n{Common}";

    /// <summary>Six trainings of some seconds.</summary>
    private const string Long = $"[common]\nstrategy = \"variance\"\nsteps = 100000\neval-every = 5000\n{Common}";

    [Fact]
    public async Task Whatever_befalls_workers_the_results_are_those_of_one_command()
    {
        SlurmCluster.SkipIfAbsent();
        using var place = installation.Place();
        await File.WriteAllTextAsync(place.File("mine.toml"), Short, TestContext.Current.CancellationToken);
        var submitted = (await place.Run(cluster.Environment, "study mine.toml --slurm --workers 4")).Done();
        Assert.Contains("4 workers for 42 trainings that are left of mine", submitted.Out, StringComparison.Ordinal);

        var random = new Random(1);
        for (var turn = 0; turn < 16 && cluster.Tasks() is { Length: > 0 } tasks; turn++)
        {
            var task = tasks[random.Next(tasks.Length)].Split(' ')[0];
            switch (turn % 5)
            {
                case 0:
                    cluster.Run("scontrol", "requeue", task);
                    break;
                case 1:
                    cluster.Run("scancel", "--signal=USR1", "--batch", task);
                    break;
                case 2:
                    foreach (var step in Steps().Take(1)) Process.GetProcessById(step).Kill();
                    break;
                case 3:
                    cluster.KillNode("n2");
                    cluster.StartNode("n2");
                    break;
                default:
                    if (turn > 8) cluster.Run("scancel", task);
                    break;
            }
            cluster.Release();
            await Task.Delay(700, TestContext.Current.CancellationToken);
        }
        await cluster.End();
        await SlurmCluster.Until(() => Workers(place).Length == 0, "a worker whose step was killed doesn't end");
        await AllDone(place);

        using var alone = installation.Place();
        await File.WriteAllTextAsync(alone.File("mine.toml"), Short, TestContext.Current.CancellationToken);
        (await alone.Run("study mine.toml")).Done();
        Folders.Same(alone.Results.Lasting, place.Results.Lasting);
        foreach (var name in (string[])["plan.json", "table.csv", "table.json", "summary.md", "report.html", "SHA256SUMS"])
        {
            Assert.Equal(
                await File.ReadAllBytesAsync(Path.Combine(alone.Results.Experiment(), name), TestContext.Current.CancellationToken),
                await File.ReadAllBytesAsync(Path.Combine(place.Results.Experiment(), name), TestContext.Current.CancellationToken));
        }
        Assert.Empty(Directory.GetFiles(Path.Combine(place.Results.Root, ".leases")));
        Assert.False(Directory.Exists(Path.Combine(place.Results.Root, ".scratch")), "scratch files are left");
    }

    [Fact]
    public async Task A_worker_whose_time_is_over_keeps_what_it_was_at_and_goes_on_when_Slurm_starts_it_again()
    {
        SlurmCluster.SkipIfAbsent();
        using var place = installation.Place();
        await File.WriteAllTextAsync(place.File("mine.toml"), Long, TestContext.Current.CancellationToken);
        (await place.Run(cluster.Environment, "study mine.toml --slurm --workers 1 --time 10")).Done();
        await SlurmCluster.Until(() => Log(place).Contains("trainings of ", StringComparison.Ordinal), "the worker doesn't begin");
        await SlurmCluster.Until(() => IsInTheMiddle(place), "no training begins");
        var task = Assert.Single(cluster.Tasks()).Split(' ')[0];
        cluster.Run("scancel", "--signal=USR1", "--batch", task);
        await SlurmCluster.Until(() => Log(place).Contains("stopped; run the same", StringComparison.Ordinal), "it goes on");
        await cluster.End();
        Assert.True(
            Log(place).Contains("all are done. report: ", StringComparison.Ordinal),
            $"{Log(place)}\n{cluster.Run("scontrol", "show", "job")}\n{string.Join("\n", Workers(place))}");
        Assert.Single(Directory.GetFiles(Path.Combine(place.Results.Experiment(), "logs")));
        Assert.Contains(place.Results.Runs, run =>
            File.ReadAllText(run.File("log.txt")).Contains("continues from step", StringComparison.Ordinal));
    }

    /// <summary>
    /// Slurm counts time limits in minutes and looks at them every half minute: a training of a minute is told once or twice, and more
    /// often where others need the cores.
    /// </summary>
    [Fact]
    public async Task A_training_that_takes_longer_than_the_time_limit_ends_by_checkpoints()
    {
        const int Trial = 40_000, Seconds = 60;
        SlurmCluster.SkipIfAbsent();
        using var place = installation.Place();
        var one = "run --strategy none --compare none --start glorot --layers 300,100 --batch 50 --validation 50 --lr 0.001 "
            + $"--eval-every {Trial}";
        var trial = (await place.Sh($"host {one} --steps {Trial} --name trial >/dev/null; times")).Done().Out.Trim().Split('\n')[^1];
        var time = Minutes().Match(trial).Groups;               // of the processor, which others don't lengthen
        var seconds = 60 * double.Parse(time["minutes"].Value, CultureInfo.InvariantCulture)
            + double.Parse(time["seconds"].Value, CultureInfo.InvariantCulture);
        var steps = (int)(Trial * Seconds / seconds);
        one = $"{one} --steps {steps} --name mine --checkpoint-every 1";
        (await place.Run(cluster.Environment, $"{one} --slurm --workers 1 --time 1")).Done();
        await cluster.End(minutes: 20);
        Assert.Contains("all are done. report: ", Log(place), StringComparison.Ordinal);
        Assert.Contains(place.Results.Runs, run =>
            File.ReadAllText(run.File("log.txt")).Contains("continues from step", StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_was_preempted_is_what_a_second_submission_starts_workers_for()
    {
        SlurmCluster.SkipIfAbsent();
        using var place = installation.Place();
        await File.WriteAllTextAsync(place.File("mine.toml"), Long, TestContext.Current.CancellationToken);
        (await place.Run(cluster.Environment, "study mine.toml --slurm --workers 4 --partition low --sbatch=--no-requeue")).Done();
        await SlurmCluster.Until(() => Log(place).Contains("done, ", StringComparison.Ordinal), "the workers don't begin");
        cluster.Run("sbatch", "--partition=high", "--nodes=2", "--exclusive", "--output=/dev/null", "--wrap=sleep 1");
        await cluster.End();
        await SlurmCluster.Until(() => Workers(place).Length == 0, "a preempted worker doesn't end");
        var left = 6 - place.Results.Runs.Count(run => File.Exists(run.File("result.json")));
        Assert.InRange(left, 1, 5);
        var again = (await place.Run(cluster.Environment, "study mine.toml --slurm --workers 9 --partition low")).Done();
        var workers = left == 1 ? "1 worker for 1 training that is" : $"{left} workers for {left} trainings that are";
        Assert.Contains($"{workers} left of mine", again.Out, StringComparison.Ordinal);
        await cluster.End();
        await AllDone(place);
    }

    [Fact]
    public async Task A_plugin_that_changed_before_the_worker_started_is_refused_with_both_hashes()
    {
        SlurmCluster.SkipIfAbsent();
        using var own = new Installation();
        using var place = own.Place();
        await File.WriteAllTextAsync(place.File("mine.toml"), Short, TestContext.Current.CancellationToken);
        var submitted = (await place.Run(cluster.Environment, "study mine.toml --slurm --workers 1 --sbatch=--hold")).Done();
        var plugin = Path.Combine(own.Plugins, "MaskStrategies", "MaskStrategies.dll");
        string Hash() => Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(File.ReadAllBytes(plugin)));
        var before = Hash();
        await File.AppendAllTextAsync(plugin, "another", TestContext.Current.CancellationToken);
        cluster.Run("scontrol", "release", Job().Match(submitted.Out).Groups["job"].Value);
        await cluster.End();
        Assert.Contains(before, Log(place), StringComparison.Ordinal);
        Assert.Contains(Hash(), Log(place), StringComparison.Ordinal);
        Assert.Empty(Folders.Files(place.Results.RunsFolder));
    }

    /// <summary>A further submission if anything is left, which must be the last one.</summary>
    private async Task AllDone(Place place)
    {
        var report = Path.Combine(place.Results.Experiment(), "report.html");
        if (place.Results.Runs.Any(run => !File.Exists(run.File("result.json"))) || !File.Exists(report))
        {
            (await place.Run(cluster.Environment, "study mine.toml --slurm --workers 4")).Done();
            await cluster.End();
        }
        var status = (await place.Run("status mine")).Done();
        Assert.Matches(@"^mine: (\d+) of \1 trainings are done", status.Out);
        if (!File.Exists(report)) (await place.Run("work mine")).Done();
    }

    /// <summary>Whether a training has done some of its steps and most are left.</summary>
    private static bool IsInTheMiddle(Place place) => Directory.Exists(place.Results.RunsFolder) && place.Results.Runs.Any(run =>
    {
        if (!File.Exists(run.File("log.txt"))) return false;
        using var log = new StreamReader(new FileStream(run.File("log.txt"), FileMode.Open, FileAccess.Read, FileShare.ReadWrite));
        var text = log.ReadToEnd();
        return text.Contains(" step 5000:", StringComparison.Ordinal) && !text.Contains(" step 50000:", StringComparison.Ordinal);
    });

    private static string Log(Place place)
    {
        var folder = Path.Combine(place.Results.Root, "experiments", "mine", "logs");
        return Directory.Exists(folder)
            ? string.Concat(Directory.GetFiles(folder).Order(StringComparer.Ordinal).Select(File.ReadAllText))
            : "";
    }

    /// <summary>Processes that look after a job's batch step.</summary>
    private static IEnumerable<int> Steps() => Processes(command => command.StartsWith("slurmstepd: [", StringComparison.Ordinal));

    /// <summary>Workers of a results folder.</summary>
    private static int[] Workers(Place place) => [.. Processes(command =>
        command.Contains(" work mine ", StringComparison.Ordinal) && command.Contains(place.Folder, StringComparison.Ordinal))];

    private static IEnumerable<int> Processes(Func<string, bool> which)
    {
        foreach (var folder in Directory.EnumerateDirectories("/proc"))
        {
            if (!int.TryParse(Path.GetFileName(folder), NumberStyles.None, CultureInfo.InvariantCulture, out var process)) continue;
            string command;
            try
            {
                command = File.ReadAllText(Path.Combine(folder, "cmdline")).Replace('\0', ' ');
            }
            catch (IOException)
            {
                continue;
            }
            if (which(command)) yield return process;
        }
    }

    /// <summary>As a shell says how long its children took.</summary>
    [GeneratedRegex("^(?<minutes>[0-9]+)m(?<seconds>[0-9.]+)s", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Minutes();

    [GeneratedRegex("^job (?<job>[0-9]+):", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Job();
}
