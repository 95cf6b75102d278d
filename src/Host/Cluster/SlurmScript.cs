using System.Collections.Immutable;
using System.Text;
using Bnn.Core;
using Host.Commands;

namespace Host.Cluster;

/// <summary>The script of an array of identical workers.</summary>
/// <param name="Experiment">Its name.</param>
/// <param name="Results">The results folder.</param>
/// <param name="Folder">The experiment's folder, in which logs are.</param>
/// <param name="Program">The words that start this program.</param>
/// <param name="Workers">Tasks of the array.</param>
/// <param name="Settings">Those of <see cref="SlurmSettings"/>.</param>
/// <param name="Lines">Other options of sbatch.</param>
public sealed record SlurmScript(
    string Experiment, string Results, string Folder, ImmutableArray<string> Program, int Workers, SettingValues Settings,
    ImmutableArray<string> Lines)
{
    public const string FileName = "work.sbatch", LogsFolder = "logs";

    /// <summary>
    /// Seconds before the end of its time at which a worker is told, at most: time to write checkpoints, and for Slurm to be late.
    /// </summary>
    private const int LongestWarning = 120;

    /// <summary>No more than a quarter of the time: a worker that is told at its start would never come further.</summary>
    private int Warning => Settings.Find(SlurmSettings.Time, out var limit)
        ? (int)Math.Min(LongestWarning, SlurmSettings.SecondsOf(limit) / 4)
        : LongestWarning;

    /// <summary>Where a task's log is: %A is the array's number and %a the task's. A task that starts again goes on in its own.</summary>
    public string Logs => Path.Combine(Folder, LogsFolder, "%A_%a.log");

    /// <summary>Numbers of the jobs of which a task has started, told from the logs in an experiment's folder.</summary>
    public static ImmutableSortedSet<string> JobsIn(string folder) => Path.Combine(folder, LogsFolder) is var logs && Directory.Exists(logs)
        ? [.. Directory.EnumerateFiles(logs, "*_*.log").Select(log => Path.GetFileName(log).Split('_')[0])]
        : [];

    /// <remarks>
    /// The batch shell itself gets the signal before the time is over, and passes it on. A worker that ends with 75 has kept what it was
    /// at, and is put into the queue again: so a time limit may be shorter than a training.
    /// </remarks>
    public string Text
    {
        get
        {
            var script = new StringBuilder("#!/bin/sh\n");
            foreach (var option in Options) script.Append("#SBATCH ").Append(option).Append('\n');
            var words = string.Join(' ', ((string[])[.. Program, "work", Experiment, "--output", Results]).Select(CommandText.Quoted));
            return script.Append(
                $$"""

                # A worker of {{Experiment}}: it trains what is left of the plan, beside the others.
                told=
                trap 'told=1; kill -USR1 "$worker"' USR1
                {{words}} &
                worker=$!
                wait "$worker"
                code=$?
                # The signal ends a wait before the worker has ended; 127: it had been waited for already.
                while [ -n "$told" ]; do
                    told=
                    wait "$worker"
                    next=$?
                    [ "$next" -eq 127 ] || code=$next
                done

                # 75: its time was over, and what it was at is kept.
                if [ "$code" -eq {{ExitCode.ToBeContinued}} ]; then scontrol requeue "${SLURM_ARRAY_JOB_ID}_${SLURM_ARRAY_TASK_ID}"; fi
                exit "$code"

                """).ToString();
        }
    }

    private IEnumerable<string> Options
    {
        get
        {
            yield return $"--job-name={Experiment}";
            yield return $"--array=1-{Workers}";
            yield return $"--cpus-per-task={Settings.Get(SlurmSettings.Cores)}";
            yield return $"--output={Quoted(Logs)}";
            yield return "--open-mode=append";
            yield return "--requeue";
            yield return $"--signal=B:USR1@{Warning}";
            foreach (var setting in (Setting<string>[])[
                SlurmSettings.Time, SlurmSettings.Memory, SlurmSettings.Partition, SlurmSettings.Account, SlurmSettings.Constraint])
            {
                if (Settings.Find(setting, out var value)) yield return $"--{setting.Name}={Quoted(value)}";
            }
            foreach (var line in Lines) yield return line;
        }
    }

    /// <summary>As sbatch reads its options' lines.</summary>
    private static string Quoted(string text) => text.Contains(' ', StringComparison.Ordinal) ? $"\"{text}\"" : text;
}
