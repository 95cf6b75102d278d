using Host.Cluster;

namespace Host.Tests;

public sealed class ClusterJobTests
{
    [Fact]
    public void Outside_a_job_nothing_is_known() => Assert.Equal(new ClusterJob(null, null, null, null), ClusterJob.Of(_ => null));

    [Fact]
    public void A_task_of_an_array_knows_its_cores_its_place_and_its_array() => Assert.Equal(
        new ClusterJob(4, 0.75, "812", TimeSpan.FromHours(2)),
        Of(("SLURM_CPUS_PER_TASK", "4"), ("SLURM_ARRAY_JOB_ID", "812"), ("SLURM_JOB_ID", "815"), ("SLURM_ARRAY_TASK_ID", "13"),
            ("SLURM_ARRAY_TASK_MIN", "10"), ("SLURM_ARRAY_TASK_COUNT", "4"), ("SLURM_JOB_START_TIME", "4000000000"),
            ("SLURM_JOB_END_TIME", "4000007200")));

    [Fact]
    public void A_job_without_an_array_has_no_place() =>
        Assert.Equal(new ClusterJob(null, null, "815", null), Of(("SLURM_JOB_ID", "815")));

    /// <summary>Nothing begins of which nothing would be kept; but a short job begins something.</summary>
    [Theory, InlineData(7200, 30, 7170), InlineData(60, 30, 45), InlineData(7200, 1e6, 5400)]
    public void A_task_begins_nothing_at_the_end_of_its_time(int limit, double checkpointEvery, double until) => Assert.Equal(
        TimeSpan.FromSeconds(until),
        new ClusterJob(null, null, null, TimeSpan.FromSeconds(limit)).BeginsUntil(TimeSpan.FromSeconds(checkpointEvery)));

    [Theory, InlineData("100", "100"), InlineData("100", "99"), InlineData("", "100"), InlineData("0", "99999999999999")]
    public void A_limit_that_makes_no_sense_is_none(string start, string end) =>
        Assert.Null(Of(("SLURM_JOB_START_TIME", start), ("SLURM_JOB_END_TIME", end)).Limit);

    [Theory]
    [InlineData("0", "1", "0", "4"), InlineData("many", "1", "x", "4"), InlineData("-1", "9", "0", "4"), InlineData("", "1", "2", "0")]
    public void What_makes_no_sense_is_left_out(string cpus, string task, string first, string count)
    {
        var job = Of(("SLURM_CPUS_PER_TASK", cpus), ("SLURM_ARRAY_TASK_ID", task), ("SLURM_ARRAY_TASK_MIN", first),
            ("SLURM_ARRAY_TASK_COUNT", count));
        Assert.Null(job.Cpus);
        Assert.True(job.Place is null or (>= 0 and < 1));
    }

    private static ClusterJob Of(params (string Name, string Value)[] environment) => ClusterJob.Of(name =>
        environment.FirstOrDefault(variable => variable.Name == name).Value);
}
