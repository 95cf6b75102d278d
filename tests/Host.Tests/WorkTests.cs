using System.Globalization;
using Bnn.Store;

namespace Host.Tests;

/// <summary>Many processes that do the trainings of one plan, and what the files say of them.</summary>
public sealed class WorkTests(Installation installation)
{
    private const string Settings = $"--strategy variance --compare magnitude --seeds 1..2 {Place.SmallAtDensities} --name shared";

    /// <summary>Takes some seconds, in steps that can be stopped at.</summary>
    private const string Long = "--strategy variance --compare none --density 0.5 --steps 40000 --eval-every 500 --batch 10 --layers 8,5 "
        + "--validation 50 --lr 0.001 --checkpoint-every 0.2 --name shared";

    [Fact]
    public async Task Several_workers_do_what_one_command_does_each_training_once_and_one_of_them_reports()
    {
        using var place = installation.Place();
        var planned = (await place.Run($"run {Settings} --plan")).Done();
        Assert.Contains("./host work shared", planned.Out, StringComparison.Ordinal);
        Assert.Empty(Folders.Files(place.Results.RunsFolder));

        var workers = await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => place.Run("work shared --jobs 1")));
        Assert.All(workers, worker => worker.Done());
        var trainings = place.Results.Runs.Count;
        Assert.Equal(trainings, workers.Sum(worker => int.Parse(worker.Out.Split(' ')[0], CultureInfo.InvariantCulture)));
        Assert.Single(workers, worker => worker.Out.Contains("report: ", StringComparison.Ordinal));

        using var alone = installation.Place();
        (await alone.Run($"run {Settings}")).Done();
        Folders.Same(alone.Results.Lasting, place.Results.Lasting);
        Folders.Same(Folders.Files(alone.Results.Experiment()), Folders.Files(place.Results.Experiment()));
        Assert.Empty(Directory.GetFiles(Path.Combine(place.Results.Root, ".leases")));

        var late = (await place.Run("work shared")).Done();
        Assert.StartsWith("0 trainings done here; all are done, and the report is another worker's", late.Out, StringComparison.Ordinal);
        var status = (await place.Run("status shared")).Done();
        Assert.StartsWith($"shared: {trainings} of {trainings} trainings are done", status.Out, StringComparison.Ordinal);
        Assert.StartsWith("reused", (await place.Run($"run {Settings}")).Done().Err.Split('\n')[^2], StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_a_killed_worker_had_is_seen_as_lost_and_the_next_one_continues_it()
    {
        using var place = installation.Place();
        (await place.Run($"run {Long} --plan")).Done();
        var worker = place.Start("work shared --jobs 1 --checkpoint-every 0.2");
        var leases = Path.Combine(place.Results.Root, ".leases");
        await HaltInTraining(place, worker.ProcessId);
        var running = (await place.Run("status shared")).Done();
        Assert.Contains($"process {worker.ProcessId}", running.Out, StringComparison.Ordinal);
        Assert.Contains("running", running.Out, StringComparison.Ordinal);

        Kill("KILL", worker.ProcessId);
        await worker;
        Assert.NotEmpty(Directory.GetFiles(leases));
        Assert.Contains("lost: a worker takes them over", (await place.Run("status shared")).Done().Out, StringComparison.Ordinal);
        (await place.Run("work shared")).Done();
        Assert.Empty(Directory.GetFiles(leases));
        Assert.Contains(place.Results.Runs, Continued);
    }

    [Fact]
    public async Task A_worker_that_is_told_that_its_time_is_over_ends_with_75_and_the_next_one_continues()
    {
        Signals.SkipIfIgnored("USR1");
        using var place = installation.Place();
        (await place.Run($"run {Long} --plan")).Done();
        var worker = place.Start("work shared --jobs 1 --checkpoint-every 0.2");
        await HaltInTraining(place, worker.ProcessId);
        Kill("USR1", worker.ProcessId);
        Kill("CONT", worker.ProcessId);
        Assert.Equal(75, (await worker).ExitCode);
        Assert.Empty(Directory.GetFiles(Path.Combine(place.Results.Root, ".leases")));
        Assert.Contains("stopped, to be continued", (await place.Run("status shared")).Done().Out, StringComparison.Ordinal);
        var next = (await place.Run("work shared")).Done();
        Assert.Contains("report: ", next.Out, StringComparison.Ordinal);
        Assert.Contains(place.Results.Runs, Continued);
    }

    [Fact]
    public async Task A_worker_begins_nothing_when_its_job_s_time_is_nearly_over()
    {
        using var place = installation.Place();
        (await place.Run($"run {Settings} --plan")).Done();
        var job = new Dictionary<string, string?>(StringComparer.Ordinal)
        {
            ["SLURM_JOB_START_TIME"] = "1700000000",
            ["SLURM_JOB_END_TIME"] = "1700000001",
        };
        var worker = (await place.Run(job, "work shared --jobs 1")).Ends(75);
        Assert.Contains("the job's time is nearly over", worker.Out, StringComparison.Ordinal);
        job["SLURM_JOB_END_TIME"] = "1700003600";
        Assert.Contains("report: ", (await place.Run(job, "work shared")).Done().Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_training_of_another_machine_that_gives_no_sign_of_life_is_taken_over()
    {
        using var place = installation.Place();
        (await place.Run($"run {Settings} --plan")).Done();
        var plan = Folders.Json(Path.Combine(place.Results.Experiment(), "plan.json"));
        var key = plan.GetProperty("trainings")[0].GetProperty("key").GetString()!;
        var leases = Directory.CreateDirectory(Path.Combine(place.Results.Root, ".leases"));
        var gone = new LeaseRecord("gone", new Holder("node7", "a boot", 1, "1", "812_3"), DateTimeOffset.UtcNow, "5 20 100.0");
        var lease = Path.Combine(leases.FullName, key);
        File.WriteAllBytes(lease, LeaseFile.Write(gone));
        var status = (await place.Run("status shared")).Done();
        Assert.Contains("node7, process 1, job 812_3", status.Out, StringComparison.Ordinal);
        Assert.Contains("20 of 60", status.Out, StringComparison.Ordinal);

        // A clock that is an hour off makes nobody dead; that nothing changes does.
        using (var beating = new Timer(_ => Beat(lease, gone), null, TimeSpan.Zero, TimeSpan.FromMilliseconds(20)))
            Assert.Contains("running", (await place.Run("status shared --take-over-after 2")).Done().Out, StringComparison.Ordinal);
        Beat(lease, gone);
        Assert.Contains("lost: a worker", (await place.Run("status shared --take-over-after 2")).Done().Out, StringComparison.Ordinal);
        Assert.Contains("report: ", (await place.Run("work shared --take-over-after 1")).Done().Out, StringComparison.Ordinal);
        Assert.Empty(leases.GetFiles());
    }

    [Fact]
    public async Task What_failed_is_told_by_status_and_is_not_tried_again_by_other_workers_of_the_same_job()
    {
        using var place = installation.Place();
        var diverging = Place.SmallAtDensities.Replace("0.01", "1e30", StringComparison.Ordinal);
        (await place.Run($"run --strategy variance --compare none {diverging} --name shared --plan")).Done();
        var job = new Dictionary<string, string?>(StringComparer.Ordinal)
        {
            ["SLURM_ARRAY_JOB_ID"] = "812",
            ["SLURM_ARRAY_TASK_ID"] = "1",
            ["SLURM_CPUS_PER_TASK"] = "1",
        };
        (await place.Run(job, "work shared")).Ends(7);
        var status = (await place.Run("status shared")).Done();
        Assert.Contains("failed: bayesian, seed 1 on ", status.Out, StringComparison.Ordinal);
        Assert.Contains("waiting for what failed", status.Out, StringComparison.Ordinal);
        var failure = place.Results.Runs.Select(run => run.File("failure.json")).First(File.Exists);
        var before = File.ReadAllBytes(failure);
        (await place.Run(job, "work shared")).Ends(7).Says("failed on ", "1 at a time");
        Assert.Equal(before, File.ReadAllBytes(failure));
        (await place.Run("work shared")).Ends(7);                             // another submission tries it once more
        Assert.NotEqual(before, File.ReadAllBytes(failure));
    }

    [Fact]
    public async Task A_plugin_that_changed_since_the_plan_was_made_is_refused_with_both_hashes()
    {
        using var own = new Installation();
        using var place = own.Place();
        (await place.Run($"run {Settings} --plan")).Done();
        var plugin = Path.Combine(own.Plugins, "MaskStrategies", "MaskStrategies.dll");
        string Hash() => Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(File.ReadAllBytes(plugin)));
        var before = Hash();
        await File.AppendAllTextAsync(plugin, "another", TestContext.Current.CancellationToken);
        (await place.Run("work shared")).Refused(4, "MaskStrategies.dll", before, Hash(), "put the plugin back");
        Assert.Empty(Folders.Files(place.Results.RunsFolder));
    }

    [Fact]
    public async Task Marks_are_hints_and_who_reports_looks_at_everything()
    {
        using var place = await installation.Trained($"run {Settings}");
        var (before, marks) = (place.Results.Lasting, Path.Combine(place.Results.Root, ".done"));
        var trainings = Directory.GetFiles(marks).Length;
        Assert.Equal(place.Results.Runs.Count, trainings);

        Directory.Delete(marks, recursive: true);
        Assert.StartsWith("0 trainings done here; all are done", (await place.Run("work shared")).Done().Out, StringComparison.Ordinal);
        Assert.Equal(trainings, Directory.GetFiles(marks).Length);

        Directory.Delete(place.Results.Runs[^1].Folder, recursive: true);
        Assert.StartsWith("1 training done here", (await place.Run("work shared")).Done().Out, StringComparison.Ordinal);

        File.Delete(place.Results.Runs[^1].File("result.json"));
        File.Delete(Path.Combine(place.Results.Experiment(), "table.csv"));          // so that there is no report of all yet
        Assert.Contains("all are done. report: ", (await place.Run("work shared")).Done().Out, StringComparison.Ordinal);
        Folders.Same(before, place.Results.Lasting);
    }

    [Theory, InlineData(true), InlineData(false)]
    public async Task A_training_that_is_marked_and_not_finished_is_trained_before_what_needs_it(bool isMarked)
    {
        using var place = await installation.Trained($"run {Settings}");
        var before = place.Results.Lasting;
        var bayesian = place.Results.Runs.First(run => run.Kind == "bayesian");
        var ticket = place.Results.Runs.First(run => run.Kind == "ticket");
        File.Delete(bayesian.File("result.json"));
        Directory.Delete(ticket.Folder, recursive: true);
        Directory.Delete(place.Results.Experiment(), recursive: true);
        (await place.Run($"run {Settings} --plan")).Done();
        if (!isMarked) File.Delete(Path.Combine(place.Results.Root, ".done", bayesian.Key));
        Assert.StartsWith(
            "2 trainings done here; all are done. report: ", (await place.Run("work shared")).Done().Out, StringComparison.Ordinal);
        Folders.Same(before, place.Results.Lasting);
    }

    [Fact]
    public async Task A_report_whose_writer_died_on_another_machine_is_waited_for_and_written()
    {
        using var place = await installation.Trained($"run {Settings}");
        var report = Path.Combine(place.Results.Experiment(), "report.html");
        File.Delete(report);
        File.Delete(Path.Combine(place.Results.Experiment(), "SHA256SUMS"));
        var lease = Path.Combine(place.Results.Root, ".leases", "report shared");
        Directory.CreateDirectory(Path.GetDirectoryName(lease)!);
        var dead = new LeaseRecord(
            "left", new Holder("node7", "another boot", 1, "1", ""), DateTimeOffset.UnixEpoch, LeaseFile.Beat(3, null));
        await File.WriteAllBytesAsync(lease, LeaseFile.Write(dead), TestContext.Current.CancellationToken);
        Assert.Contains("report: ", (await place.Run("work shared --take-over-after 2")).Done().Out, StringComparison.Ordinal);
        Assert.True(File.Exists(report));
        Assert.False(File.Exists(lease));
    }

    [Fact]
    public async Task A_table_that_its_hash_denies_is_no_report_of_all()
    {
        using var place = await installation.Trained($"run {Settings}");
        var table = Path.Combine(place.Results.Experiment(), "table.csv");
        var text = await File.ReadAllTextAsync(table, TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(table, text.Replace("snr", "rns", StringComparison.Ordinal).Replace('1', '2'),
            TestContext.Current.CancellationToken);
        Assert.Contains("report: ", (await place.Run("work shared")).Done().Out, StringComparison.Ordinal);
        Assert.Equal(text, await File.ReadAllTextAsync(table, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_worker_whose_disk_is_full_begins_nothing_more_and_leaves_all_of_it_to_others()
    {
        using var alone = await installation.Trained($"run {Settings}");
        using var place = installation.Place();
        await using var disk = await SmallDisk.Mount(place.Results.Root, "10m");
        (await place.Run($"run {Settings} --plan")).Done();
        var filler = disk.Fill();
        (await place.Run("work shared --jobs 2")).Ends(6)
            .Says("can't be written (No space left on device", "check its rights and the free space");
        Assert.InRange(place.Results.Runs.Count, 0, 2);
        Assert.Contains("waiting", (await place.Run("status shared")).Done().Out, StringComparison.Ordinal);

        File.Delete(filler);
        (await place.Run("work shared")).Done();
        Folders.Same(alone.Results.Lasting, place.Results.Lasting);
    }

    [Fact]
    public async Task More_trainings_than_a_plan_can_have_are_refused_before_any_is_written()
    {
        using var place = installation.Place();
        (await place.Run($"run --strategy variance,snr,mean-magnitude --rounds 20 --seeds 1..10000 {Place.Small} --plan"))
            .Refused(2, "trainings, and a plan has at most 1,000,000", "make several experiments of it");
        Assert.Empty(Folders.Files(place.Folder));
    }

    [Fact]
    public async Task A_store_of_a_newer_host_is_left_alone()
    {
        using var place = installation.Place();
        (await place.Run($"run {Settings} --plan")).Done();
        var before = Folders.Files(place.Results.Root);
        File.WriteAllText(Path.Combine(place.Results.Root, "store.json"), "{\"format\": 2}\n");
        (await place.Run("work shared")).Refused(5, "store.json", "format 2", "use the newer host");
        (await place.Run("status shared")).Refused(5, "store.json", "format 2", "use the newer host");
        Assert.Equal(before.Keys, Folders.Files(place.Results.Root).Keys);
    }

    [Fact]
    public async Task Other_images_than_the_plan_s_are_refused()
    {
        using var place = installation.Place();
        (await place.Run($"run {Settings} --plan")).Done();
        new IdxSet(train: 90).WriteTo(place.File("other"), gzip: false);
        (await place.Run("work shared --data other")).Refused(2, "the images are others than those that", "plan.json was made with");
    }

    [Theory]
    [InlineData("work", "no experiment is given"), InlineData("status", "no experiment is given")]
    [InlineData("work shared", "seen here only if both see the same results folder"), InlineData("status shared", "store.json")]
    public async Task Without_a_plan_a_worker_says_so(string line, string says)
    {
        using var place = installation.Place();
        var outcome = await place.Run(line);
        Assert.Contains(outcome.Code, (int[])[2, 5]);
        outcome.Refused(outcome.Code, says);
    }

    /// <summary>A sign of life, an hour ago by the file system's clock.</summary>
    private static void Beat(string lease, LeaseRecord record)
    {
        lock (record)
        {
            var next = $"{lease}.next";
            File.WriteAllBytes(next, LeaseFile.Write(record with { Beat = $"{Environment.TickCount64} 20 100.0" }));
            File.SetLastWriteTimeUtc(next, DateTime.UtcNow.AddHours(-1));
            File.Move(next, lease, overwrite: true);
        }
    }

    private static bool Continued(Run run) =>
        File.ReadAllText(run.File("log.txt")).Contains("continues from step", StringComparison.Ordinal);

    /// <summary>
    /// Halts a worker in the middle of a training, however fast this machine is: it holds a lease then, and has a checkpoint.
    /// </summary>
    private static async Task HaltInTraining(Place place, int process)
    {
        bool Trains() => Directory.Exists(place.Results.RunsFolder) && place.Results.Runs.Any(run =>
            !File.Exists(run.File("result.json")) && Directory.GetFiles(run.Folder, "checkpoint-*.safetensors").Length > 0);
        await Until(() =>
        {
            if (!Trains()) return false;
            Kill("STOP", process);
            if (Trains()) return true;
            Kill("CONT", process);
            return false;
        });
    }

    private static void Kill(string signal, int process) =>
        System.Diagnostics.Process.Start("sh", ["-c", $"kill -{signal} {process}"]).WaitForExit();

    private static async Task Until(Func<bool> holds)
    {
        for (var waited = 0; waited < 2400; waited++)
        {
            try
            {
                if (holds()) return;
            }
            catch (IOException)
            {
                // A file that was there a moment ago.
            }
            await Task.Delay(50, TestContext.Current.CancellationToken);
        }
        Assert.Fail("it didn't come to that within two minutes");
    }
}
