using System.Globalization;

namespace Host.Cluster;

/// <summary>What a cluster's scheduler says to the processes of a job, in Slurm's environment variables.</summary>
/// <param name="Cpus">Cores of this task; null where nothing says so.</param>
/// <param name="Place">Where the task stands among those of its array, in [0, 1); null outside an array.</param>
/// <param name="Array">The array's or the job's number; null outside a job.</param>
/// <param name="Limit">How long the task may take; null where nothing says so. Both ends are by the scheduler's clock.</param>
public sealed record ClusterJob(int? Cpus, double? Place, string? Array, TimeSpan? Limit)
{
    /// <summary>Seconds beyond which a limit is none: ten years.</summary>
    private const long Longest = 315_360_000;

    /// <summary>The job of this process.</summary>
    public static ClusterJob Current { get; } = Of(Environment.GetEnvironmentVariable);

    /// <summary>
    /// How long after its start a task still begins something; of what begins later nothing would be kept. Null without a limit. At least
    /// three quarters of its time, since one that never begins would never end.
    /// </summary>
    /// <param name="checkpointEvery">Time after which something is kept.</param>
    public TimeSpan? BeginsUntil(TimeSpan checkpointEvery) =>
        Limit is { } limit ? limit - (checkpointEvery < limit / 4 ? checkpointEvery : limit / 4) : null;

    /// <summary>The job that an environment tells of.</summary>
    public static ClusterJob Of(Func<string, string?> environment)
    {
        var (task, first, count) = (Number("SLURM_ARRAY_TASK_ID"), Number("SLURM_ARRAY_TASK_MIN"), Number("SLURM_ARRAY_TASK_COUNT"));
        double? place = task is { } own && count is > 0 and var all && own - (first ?? 0) is >= 0 and var index && index < all
            ? (double)index / all
            : null;
        int? cores = Number("SLURM_CPUS_PER_TASK") is > 0 and <= int.MaxValue and var given ? (int)given : null;
        TimeSpan? limit = Number("SLURM_JOB_END_TIME") - Number("SLURM_JOB_START_TIME") is > 0 and <= Longest and var seconds
            ? TimeSpan.FromSeconds(seconds)
            : null;
        return new ClusterJob(cores, place, Name("SLURM_ARRAY_JOB_ID") ?? Name("SLURM_JOB_ID"), limit);

        string? Name(string name) => environment(name) is { Length: > 0 } text ? text : null;

        long? Number(string name) =>
            long.TryParse(environment(name), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
    }
}
