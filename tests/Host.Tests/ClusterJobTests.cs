using Host.Cluster;

namespace Host.Tests;

public sealed class ClusterJobTests
{
    [Fact]
    public void Outside_a_job_nothing_is_known() => Assert.Equal(new ClusterJob(null, null, null), ClusterJob.Of(_ => null));

    [Fact]
    public void A_task_of_an_array_knows_its_cores_its_place_and_its_array() => Assert.Equal(
        new ClusterJob(4, 0.75, "812"),
        Of(("SLURM_CPUS_PER_TASK", "4"), ("SLURM_ARRAY_JOB_ID", "812"), ("SLURM_JOB_ID", "815"), ("SLURM_ARRAY_TASK_ID", "13"),
            ("SLURM_ARRAY_TASK_MIN", "10"), ("SLURM_ARRAY_TASK_COUNT", "4")));

    [Fact]
    public void A_job_without_an_array_has_no_place() =>
        Assert.Equal(new ClusterJob(null, null, "815"), Of(("SLURM_JOB_ID", "815")));

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
