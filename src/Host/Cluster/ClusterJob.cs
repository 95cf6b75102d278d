using System.Globalization;

namespace Host.Cluster;

/// <summary>What a cluster's scheduler says to the processes of a job, in Slurm's environment variables.</summary>
/// <param name="Cpus">Cores of this task; null where nothing says so.</param>
/// <param name="Place">Where the task stands among those of its array, in [0, 1); null outside an array.</param>
/// <param name="Array">The array's or the job's number; null outside a job.</param>
public sealed record ClusterJob(int? Cpus, double? Place, string? Array)
{
    /// <summary>The job of this process.</summary>
    public static ClusterJob Current { get; } = Of(Environment.GetEnvironmentVariable);

    /// <summary>The job that an environment tells of.</summary>
    public static ClusterJob Of(Func<string, string?> environment)
    {
        var (task, first, count) = (Number("SLURM_ARRAY_TASK_ID"), Number("SLURM_ARRAY_TASK_MIN"), Number("SLURM_ARRAY_TASK_COUNT"));
        double? place = task is { } own && count is > 0 and var all && own - (first ?? 0) is >= 0 and var index && index < all
            ? (double)index / all
            : null;
        int? cores = Number("SLURM_CPUS_PER_TASK") is > 0 and var given ? given : null;
        return new ClusterJob(cores, place, Name("SLURM_ARRAY_JOB_ID") ?? Name("SLURM_JOB_ID"));

        string? Name(string name) => environment(name) is { Length: > 0 } text ? text : null;

        int? Number(string name) =>
            int.TryParse(environment(name), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
    }
}
