using System.Collections.Immutable;
using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using Bnn.Core;

namespace Host.Cluster;

/// <summary>Tasks of a job that are in one state.</summary>
/// <param name="State">As Slurm names it: RUNNING, PENDING, OUT_OF_MEMORY.</param>
/// <param name="Reason">Why they wait; empty for others.</param>
internal sealed record SlurmTasks(string Job, string State, string Reason, int Count);

/// <summary>Slurm's own commands.</summary>
internal static partial class Slurm
{
    private const string OnLoginNode = "submit on a login node of the cluster, or see the script with --print and submit it there";

    /// <summary>Milliseconds that a pattern may take.</summary>
    private const int Patience = 1000;

    /// <summary>Tasks of an array where the cluster doesn't say how many it may have.</summary>
    private const int UsualArray = 1000;

    /// <summary>The most tasks that an array from 1 may have here.</summary>
    public static int MostTasks()
    {
        if (Run("scontrol", "show", "config") is not { Code: 0 } shown) return UsualArray;
        var match = ArraySize().Match(shown.Out);
        return match.Success && int.TryParse(match.Groups["size"].Value, NumberStyles.None, CultureInfo.InvariantCulture, out var size)
            ? Math.Max(1, size - 1)
            : UsualArray;
    }

    /// <summary>Submits a script. Returns the job's number.</summary>
    public static Result<string> Submit(string script)
    {
        if (Run("sbatch", "--parsable", script) is not { } said) return new Fault.BadRequest("there is no sbatch here", OnLoginNode);
        if (said.Code != 0)
        {
            return new Fault.BadRequest(
                $"sbatch refused {script}: {OneLine(said.Err.Length > 0 ? said.Err : said.Out)}",
                "change what it names, by a flag or in slurm.toml, and repeat the command");
        }
        // A cluster may say more before the number, and its own name behind it.
        var number = said.Out.Split('\n').Select(line => JobNumber().Match(line.Trim())).LastOrDefault(match => match.Success);
        return number is null
            ? new Fault.BadRequest(
                $"sbatch gave no job number, but “{OneLine(said.Out + said.Err)}”", "see with squeue --me whether the job was submitted")
            : number.Groups["job"].Value;
    }

    /// <summary>
    /// The tasks that Slurm has in its queue for a script, by job and state, with the reason where one waits; and how those that ended did,
    /// where the cluster keeps accounts. Empty where there is no Slurm, or it doesn't answer.
    /// </summary>
    /// <param name="name">The job's name.</param>
    /// <param name="script">Its script's path, which tells it from others of its name.</param>
    /// <param name="started">Numbers of jobs of which a task has started.</param>
    public static ImmutableArray<SlurmTasks> Tasks(string name, string script, IReadOnlyCollection<string> started)
    {
        var queued = Rows(Run("squeue", "--noheader", "--array", $"--name={name}", "--format=%F|%T|%r|%o"))
            .Where(row => row is [_, _, _, var command] && command == script)
            .Select(row => (Job: row[0], State: row[1], Reason: row[1] == Pending ? row[2] : ""))
            .ToList();
        List<string> jobs = [.. started.Where(job => job.All(char.IsAsciiDigit)).Concat(queued.Select(task => task.Job)).Distinct()];
        var ended = jobs.Count == 0 ? [] : Rows(Run(
                "sacct", "--noheader", "--parsable2", "--allocations", "--format=JobID,State", $"--jobs={string.Join(',', jobs)}"))
            .Where(row => row is [_, var state] && !IsInQueue(state))
            .Select(row => (Job: row[0].Split('_')[0], State: row[1].Split(' ')[0], Reason: ""));
        return [
            .. from task in queued.Concat(ended)
               group task by task into same
               select new SlurmTasks(same.Key.Job, same.Key.State, same.Key.Reason, same.Count())];
    }

    private const string Pending = "PENDING";

    /// <summary>States in which squeue shows a task.</summary>
    private static bool IsInQueue(string state) =>
        state is Pending or "RUNNING" or "COMPLETING" or "CONFIGURING" or "SUSPENDED" or "REQUEUED" or "RESIZING";

    private static IEnumerable<string[]> Rows(Said? said) => said is { Code: 0 }
        ? said.Out.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split('|', StringSplitOptions.TrimEntries))
        : [];

    private sealed record Said(int Code, string Out, string Err);

    /// <summary>Null where there is no such program.</summary>
    private static Said? Run(string program, params string[] words)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(program, words)
            {
                UseShellExecute = false,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
                RedirectStandardInput = true,
            })!;
            process.StandardInput.Close();
            var err = process.StandardError.ReadToEndAsync();
            var text = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            return new Said(process.ExitCode, text, err.GetAwaiter().GetResult());
        }
        catch (Win32Exception)
        {
            return null;
        }
    }

    private static string OneLine(string text) =>
        string.Join("; ", text.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));

    [GeneratedRegex(@"^MaxArraySize\s*=\s*(?<size>[0-9]+)\s*$", RegexOptions.Multiline | RegexOptions.ExplicitCapture, Patience)]
    private static partial Regex ArraySize();

    [GeneratedRegex("^(?<job>[0-9]+)(;.*)?$", RegexOptions.ExplicitCapture, Patience)]
    private static partial Regex JobNumber();
}
