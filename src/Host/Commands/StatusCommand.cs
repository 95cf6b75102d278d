using System.Collections.Immutable;
using System.CommandLine;
using Bnn.Core;
using Bnn.Report;
using Bnn.Store;
using Host.Cluster;
using Host.Consoles;
using Host.Experiments;

namespace Host.Commands;

/// <summary><c>host status</c>: how far the workers of an experiment are, told from the files of the results folder alone.</summary>
public sealed class StatusCommand : HostCommand
{
    private const int MostListed = 20;
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(5);
    private static readonly ImmutableSortedDictionary<string, LeaseRecord> NoLeases = ImmutableSortedDictionary<string, LeaseRecord>.Empty;

    private readonly Argument<string?> _experiment = new("EXPERIMENT")
    {
        Description = "An experiment by its name or its folder.",
        Arity = ArgumentArity.ZeroOrOne,
    };

    private readonly Option<bool> _watch = new("--watch") { Description = "Show it again every five seconds, until all is done." };
    private SettingFlags _flags = null!;

    public StatusCommand()
        : base("status",
            """
            Show how far an experiment is: what is done, what runs where and how fast, what failed and why, and when it will end. It reads
            the results folder alone, so it works on any machine that sees it; Slurm, where it is there, only adds its jobs' own states.

            Examples:
              host status first-try
              host status first-try --watch
            """)
    {
        Arguments.Add(_experiment);
        Options.Add(_watch);
    }

    public override void AddSettings() => _flags = new SettingFlags(this, [RunSettings.Output, RunSettings.TakeOverAfter]);

    public override Result<int> Execute(ParseResult flags, ImmutableArray<Fault> faults)
    {
        if (!faults.IsEmpty) return faults;
        if (flags.Text(_experiment) is not { Length: > 0 } text)
            return new Fault.BadRequest("no experiment is given", $"{CommandText.Program} ls shows those of a results folder");
        return _flags.Read(flags).Bind(values => StoreLookup.Experiment(values, text).Bind(found =>
        {
            var patience = values.Get(RunSettings.TakeOverAfter);
            return flags.GetValue(_watch) ? Watch(found, patience) : Once(found, patience);
        }));
    }

    private static Result<int> Once(FoundExperiment found, TimeSpan patience) => found.Read().Bind(named =>
        Look(found, named, patience, NoLeases).Bind(first =>
        {
            if (!first.IsUnsure) return first;
            Thread.Sleep(LeasePace.Of(patience).Beat);
            return Look(found, named, patience, first.Leases);
        })).Map(status =>
    {
        Show(found, status);
        return ExitCode.Done;
    });

    private static Result<int> Watch(FoundExperiment found, TimeSpan patience)
    {
        using var stop = new Stop();
        var (before, since) = (NoLeases, TimeProvider.System.GetTimestamp());
        while (true)
        {
            // The plan may be extended meanwhile.
            var looked = found.Read().Bind(named => Look(found, named, patience, before));
            if (looked is not Result<WorkStatus>.Ok(var status)) return looked.Map(_ => ExitCode.Done);
            if (!Console.IsOutputRedirected) Console.Out.Write("\e[H\e[2J");
            Show(found, status);
            if (status.IsOver) return ExitCode.Done;
            if (before.IsEmpty || TimeProvider.System.GetElapsedTime(since) > LeasePace.Of(patience).Beat)
                (before, since) = (status.Leases, TimeProvider.System.GetTimestamp());
            stop.Token.WaitHandle.WaitOne(Period);
            stop.Token.ThrowIfCancellationRequested();
            if (Console.IsOutputRedirected) Console.Out.WriteLine();
        }
    }

    private static Result<WorkStatus> Look(
        FoundExperiment found, NamedExperiment named, TimeSpan patience, ImmutableSortedDictionary<string, LeaseRecord> before) =>
        WorkStatus.Of(found.Store, named.Experiment, patience, TimeProvider.System.GetUtcNow(), before);

    private static void Show(FoundExperiment found, WorkStatus status)
    {
        var (done, all) = (status.Count(WorkState.Done), status.States.Length);
        Console.Out.WriteLine($"{found.Name}: {Text.Count(done)} of {Text.Count(all)} trainings are done"
            + (status.SecondsLeft is { } left ? $"; about {Readable.Duration(left)} left, {status.Running.Length} at a time" : ""));
        (WorkState State, string Name)[] others = [
            (WorkState.Running, "running"), (WorkState.Lost, "lost: a worker takes them over"),
            (WorkState.Stopped, "stopped, to be continued"), (WorkState.Waiting, "waiting"), (WorkState.Failed, "failed"),
            (WorkState.Blocked, "waiting for what failed")];
        if (done < all)
        {
            Terminal.ShowRows(["state", "trainings"], others.Where(other => status.Count(other.State) > 0)
                .Select(other => (string[])[other.Name, Text.Count(status.Count(other.State))]));
        }
        if (!status.Running.IsEmpty || !status.Lost.IsEmpty)
        {
            Terminal.ShowRows(
                ["training", "where", "since", "step", "steps/s", "last sign of life"],
                status.Running.Concat(status.Lost).Take(MostListed).Select(Row));
        }
        if (status.Running.Length + status.Lost.Length is > MostListed and var held)
            Console.Out.WriteLine($"and {held - MostListed} more");
        foreach (var failed in status.Failed.Take(MostListed))
            Console.Out.WriteLine(Printable.Lines($"failed: {failed.Training.Name} on {failed.Failure.Holder}: {failed.Failure.Reason}"));
        if (status.Failed.Length > MostListed) Console.Out.WriteLine($"and {status.Failed.Length - MostListed} more that failed");
        if (done < all) ShowJobs(found);
    }

    /// <summary>What Slurm says about the jobs that were submitted for it, where there are any; the files above tell all else.</summary>
    private static void ShowJobs(FoundExperiment found)
    {
        var script = found.Folder.In(SlurmScript.FileName);
        if (!File.Exists(script)) return;
        foreach (var job in Slurm.Tasks(found.Name, script, SlurmScript.JobsIn(found.Folder.Path)).GroupBy(tasks => tasks.Job))
            Console.Out.WriteLine(Printable.Lines($"Slurm's job {job.Key}: {string.Join(", ", job.Select(Of))}"));

        static string Of(SlurmTasks tasks) =>
            $"{Text.Count(tasks.Count)} {tasks.State}{(tasks.Reason is "" or "None" ? "" : $" ({tasks.Reason})")}";
    }

    private static string[] Row(HeldTraining held) => [
        held.Training.Name, held.Lease.Holder.ToString(),
        held.Lease.Since.ToLocalTime().ToString("yyyy-MM-dd HH:mm", System.Globalization.CultureInfo.InvariantCulture),
        held.Lease.Progress is { } progress
            ? $"{Text.Count(progress.Step)} of {Text.Count(held.Training.Cell.Steps)}"
            : "",
        held.Lease.Progress is { StepsPerSecond: > 0 and var rate } ? Text.Count((int)rate) : "",
        $"{Readable.Age(held.Silent)} ago"];
}
