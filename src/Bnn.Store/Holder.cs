using System.Globalization;

namespace Bnn.Store;

/// <summary>A process that has a lease of something, as others can tell it from every other process.</summary>
/// <param name="Host">The machine's name.</param>
/// <param name="Boot">Changes whenever the machine starts; empty where the system doesn't say.</param>
/// <param name="Process">The process's number.</param>
/// <param name="Started">When it started, in the system's own units; empty where the system doesn't say. Numbers are used again.</param>
/// <param name="Job">The cluster's name for its job, with the task of an array; empty outside one.</param>
public sealed record Holder(string Host, string Boot, int Process, string Started, string Job)
{
    /// <summary>This process.</summary>
    public static Holder OfProcess { get; } = new(
        Environment.MachineName, BootOf("/proc/sys/kernel/random/boot_id"), Environment.ProcessId, StartOf(Environment.ProcessId) ?? "",
        JobOf(Environment.GetEnvironmentVariable));

    /// <summary>"node7, process 4711, job 812_3".</summary>
    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"{Host}, process {Process}{(Job.Length > 0 ? $", job {Job}" : "")}");

    /// <summary>Whether both are on one machine, since the same start of it.</summary>
    public bool IsBeside(Holder other) => Host == other.Host && Boot == other.Boot;

    /// <summary>Whether it still runs on this machine; false too where the system doesn't say.</summary>
    public bool IsRunningHere() => Started.Length > 0 && StartOf(Process) == Started;

    /// <summary>"812_3" for a task of an array, "812" for another job.</summary>
    public static string JobOf(Func<string, string?> environment) =>
        (environment("SLURM_ARRAY_JOB_ID"), environment("SLURM_ARRAY_TASK_ID"), environment("SLURM_JOB_ID")) switch
        {
            ({ Length: > 0 } array, { Length: > 0 } task, _) => $"{array}_{task}",
            (_, _, { Length: > 0 } job) => job,
            _ => "",
        };

    private static string BootOf(string path)
    {
        try
        {
            return File.Exists(path) ? File.ReadAllText(path).Trim() : "";
        }
        catch (Exception e) when (Disk.IsAtFault(e))
        {
            return "";
        }
    }

    /// <summary>
    /// When a process of this machine started, in ticks since the machine did; null where there is no such process, where it has ended and
    /// nobody has asked how, and where the system doesn't say.
    /// </summary>
    private static string? StartOf(int process)
    {
        // The second field is the program's name in brackets, with whatever a name may contain; the third is the state, the 22nd the start.
        const int State = 0, Start = 19;
        try
        {
            var text = File.ReadAllText(string.Create(CultureInfo.InvariantCulture, $"/proc/{process}/stat"));
            var fields = text[(text.LastIndexOf(')') + 1)..].Split(' ', StringSplitOptions.RemoveEmptyEntries);
            return fields.Length > Start && fields[State] is not ("Z" or "X") ? fields[Start] : null;
        }
        catch (Exception e) when (Disk.IsAtFault(e))
        {
            return null;
        }
    }
}
