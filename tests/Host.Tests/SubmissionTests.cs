using Host.Cluster;

namespace Host.Tests;

/// <summary>How workers are submitted, beside commands that only look like Slurm's.</summary>
public sealed class SubmissionTests(Installation installation)
{
    private const string Line = $"run --strategy variance --compare none --seeds 1..2 {Place.SmallAtDensities} --name mine --slurm";

    [Fact]
    public async Task The_script_is_shown_without_anything_being_written()
    {
        using var place = installation.Place();
        const string Asked = "--workers 99 --cpus 4 --time 4:00:00 --mem 2G --partition gpu --account me --constraint avx512";
        var shown = (await place.Run($"{Line} --print {Asked}", "--sbatch=--mail-type=END", "--sbatch=--nice=100")).Done();
        foreach (var option in (string[])[
            "--job-name=mine", "--array=1-8", "--cpus-per-task=4", "--time=4:00:00", "--mem=2G", "--partition=gpu", "--account=me",
            "--constraint=avx512", "--mail-type=END", "--nice=100", "--open-mode=append"])
            Assert.Contains($"#SBATCH {option}\n", shown.Out, StringComparison.Ordinal);
        Assert.Contains(" work mine --output ", shown.Out, StringComparison.Ordinal);
        Assert.False(Directory.Exists(place.Results.Root));
    }

    [Theory]
    [InlineData("echo 'sbatch: warning: be nice'; echo '812;cluster'", "job 812: 2 workers for 8 trainings that are left of mine")]
    [InlineData("echo 812", "scancel 812")]
    public async Task A_job_s_number_is_found_in_what_sbatch_says(string sbatch, string says)
    {
        using var place = installation.Place();
        var submitted = (await place.Run(With(place, sbatch), $"{Line} --workers 2")).Done();
        Assert.Contains(says, submitted.Out, StringComparison.Ordinal);
        Assert.True(File.Exists(Path.Combine(place.Results.Experiment(), "plan.json")));
        Assert.Contains("--array=1-2", File.ReadAllText(Path.Combine(place.Results.Experiment(), "work.sbatch")), StringComparison.Ordinal);
        Assert.Empty(Folders.Files(place.Results.RunsFolder));
    }

    [Theory]
    [InlineData("echo 'invalid partition specified: gpu' >&2; exit 1", "sbatch refused ", "invalid partition specified: gpu")]
    [InlineData("echo thanks", "sbatch gave no job number, but “thanks”", "squeue --me")]
    public async Task What_sbatch_refuses_is_told(string sbatch, params string[] says)
    {
        using var place = installation.Place();
        (await place.Run(With(place, sbatch), Line)).Refused(2, says);
    }

    [Fact]
    public async Task Where_there_is_no_sbatch_it_is_said_where_there_is()
    {
        using var place = installation.Place();
        var dotnet = Environment.GetEnvironmentVariable("PATH")!.Split(Path.PathSeparator)
            .Select(folder => Path.Combine(folder, "dotnet")).First(File.Exists);
        (await place.Sh($"PATH=/nowhere\ndotnet() {{ \"{dotnet}\" \"$@\"; }}\nhost {Line}"))
            .Refused(2, "there is no sbatch here", "--print");
    }

    [Fact]
    public async Task Status_adds_what_Slurm_says_of_its_jobs()
    {
        using var place = installation.Place();
        (await place.Run(With(place, "echo 812"), Line)).Done();
        var script = Path.Combine(place.Results.Experiment(), "work.sbatch");
        Put(place, "squeue", $"""
            case "$*" in *--name=mine*) ;; *) exit 1 ;; esac
            echo '812|RUNNING|None|{script}'; echo '812|RUNNING|None|{script}'; echo '812|PENDING|Priority|{script}'
            echo '9|RUNNING|None|/another/mine/work.sbatch'
            """);
        Put(place, "sacct", "echo '812_4|OUT_OF_MEMORY'; echo '812_5|CANCELLED by 1000'; echo '812_1|RUNNING'");
        var status = (await place.Run(With(place, "exit 1"), "status mine")).Done();
        Assert.Contains(
            "Slurm's job 812: 2 RUNNING, 1 PENDING (Priority), 1 OUT_OF_MEMORY, 1 CANCELLED\n", status.Out, StringComparison.Ordinal);
        Assert.DoesNotContain("job 9", status.Out, StringComparison.Ordinal);
        Put(place, "squeue", "echo 'slurm_load_jobs error' >&2; exit 1");
        Put(place, "sacct", "exit 1");
        Assert.DoesNotContain("Slurm's", (await place.Run(With(place, "exit 1"), "status mine")).Done().Out, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("1", 60), InlineData("4:30", 270), InlineData("4:00:00", 14_400), InlineData("1-12", 129_600), InlineData("1-0:30", 88_200)]
    [InlineData("1-0:0:5", 86_405)]
    public void A_time_limit_is_as_long_as_Slurm_takes_it_for(string limit, long seconds) =>
        Assert.Equal(seconds, SlurmSettings.SecondsOf(limit));

    [Theory]
    [InlineData("--time 1", "B:USR1@15"), InlineData("--time 4:00:00", "B:USR1@120"), InlineData("", "B:USR1@120")]
    public async Task A_worker_is_never_told_at_its_start_that_its_time_is_over(string time, string signal)
    {
        using var place = installation.Place();
        Assert.Contains($"--signal={signal}\n", (await place.Run($"{Line} --print {time}")).Done().Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_array_is_no_larger_than_the_cluster_allows()
    {
        using var place = installation.Place();
        var environment = With(place, "echo 1", scontrol: "echo 'MaxArraySize            = 4'");
        Assert.Contains("3 workers for 8", (await place.Run(environment, $"{Line} --workers 99")).Done().Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Defaults_come_from_slurm_toml_and_flags_take_their_place()
    {
        using var place = installation.Place();
        await File.WriteAllTextAsync(
            place.File("mine.toml"), $"[common]\nstrategy = \"variance\"\nsteps = 20\nbatch = 10\nlayers = \"5\"\nvalidation = 50\n",
            TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(
            place.File("slurm.toml"), "partition = \"long\"\ncpus = 8\nsbatch = [\"--mail-type=END\", \"--nice=5\"]\n",
            TestContext.Current.CancellationToken);
        var shown = (await place.Run("study mine.toml --slurm --print --cpus 2")).Done().Out;
        foreach (var option in (string[])["--partition=long", "--cpus-per-task=2", "--mail-type=END", "--nice=5"])
            Assert.Contains($"#SBATCH {option}\n", shown, StringComparison.Ordinal);

        await File.WriteAllTextAsync(
            place.File("slurm.toml"), "partiton = \"long\"\ntime = \"soon\"\n[more]\n", TestContext.Current.CancellationToken);
        (await place.Run("study mine.toml --slurm --print")).Refused(2, "slurm.toml, line 1", "partition", "no table is expected here");
    }

    [Theory]
    [InlineData("--workers 0 --slurm", "--workers"), InlineData("--time soon --slurm", "--time"), InlineData("--mem 2X --slurm", "--mem")]
    [InlineData("--sbatch nice --slurm", "an option of sbatch"), InlineData("--partition two,words; --slurm --account a'b", "--account")]
    [InlineData("--workers 3", "add --slurm"), InlineData("--print", "add --slurm"), InlineData("--sbatch=--hold", "add --slurm")]
    public async Task What_makes_no_sense_is_refused(string flags, string says)
    {
        using var place = installation.Place();
        (await place.Run($"run --strategy variance {Place.Small} {flags}")).Refused(2, says);
    }

    /// <summary>An environment in which shell scripts stand for Slurm's commands.</summary>
    private static Dictionary<string, string?> With(Place place, string sbatch, string scontrol = "exit 1")
    {
        Put(place, "sbatch", sbatch);
        Put(place, "scontrol", scontrol);
        return new Dictionary<string, string?>(StringComparer.Ordinal)
        {
            ["PATH"] = $"{place.File("bin")}{Path.PathSeparator}{Environment.GetEnvironmentVariable("PATH")}",
        };
    }

    private static void Put(Place place, string command, string script)
    {
        var path = Path.Combine(Directory.CreateDirectory(place.File("bin")).FullName, command);
        File.WriteAllText(path, $"#!/bin/sh\n{script}\n");
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserExecute | UnixFileMode.UserWrite);
    }
}
