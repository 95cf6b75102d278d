using System.Collections.Immutable;
using System.CommandLine;
using Bnn.Core;
using Bnn.Store;
using Host.Commands;
using Host.Experiments;

namespace Host.Cluster;

/// <summary>The flags of run and study that start workers on a cluster, and what they do.</summary>
internal sealed class SlurmSubmission
{
    private readonly Option<bool> _slurm = new("--slurm") { Description = "Write the plan and start workers for it on a Slurm cluster." };
    private readonly Option<bool> _print = new("--print") { Description = "With --slurm: show the script and submit nothing." };

    private readonly Option<string[]> _lines = new($"--{SlurmSettings.Lines}")
    {
        Description = "With --slurm: another option of sbatch; several by repeating the flag.",
        HelpName = "OPTION",
        Arity = ArgumentArity.OneOrMore,
    };

    private readonly SettingFlags _flags;

    public SlurmSubmission(Command command)
    {
        command.Options.Add(_slurm);
        _flags = new SettingFlags(command, SlurmSettings.Table);
        command.Options.Add(_lines);
        command.Options.Add(_print);
    }

    /// <summary>What a submission is asked for with, read from flags and slurm.toml.</summary>
    /// <param name="Prints">Whether nothing is submitted.</param>
    public sealed record Asked(SettingValues Values, ImmutableArray<string> Lines, bool Prints);

    /// <summary>None where workers aren't asked for; one otherwise.</summary>
    /// <param name="folder">Where slurm.toml may be; where it isn't there, the user's is read.</param>
    public Result<ImmutableArray<Asked>> Read(ParseResult flags, string? folder)
    {
        var given = _flags.Given(flags);
        ImmutableArray<Given> lines = [
            .. (flags.GetValue(_lines) ?? []).Select(text => new Given(text, SettingFlags.OriginOf(SlurmSettings.Lines)))];
        if (!flags.GetValue(_slurm))
        {
            var first = given.Keys.FirstOrDefault() ?? (lines.IsEmpty ? flags.GetValue(_print) ? "print" : null : SlurmSettings.Lines);
            return first is null
                ? ImmutableArray<Asked>.Empty
                : new Fault.BadRequest($"--{first} says how workers are started on a cluster", "add --slurm, or leave it out");
        }
        return Defaults(folder).Bind<ImmutableArray<Asked>>(defaults =>
        {
            var faults = new List<Fault>();
            var all = new Dictionary<string, Given>(StringComparer.Ordinal);
            foreach (var setting in defaults.Where(setting => setting.Name != SlurmSettings.Lines)) all[setting.Name] = setting.Values[0];
            foreach (var (name, text) in given) all[name] = text;
            ImmutableArray<Given> options = [
                .. defaults.Where(setting => setting.Name == SlurmSettings.Lines).SelectMany(setting => setting.Values), .. lines];
            faults.AddRange(options.Select(SlurmSettings.Wrong).OfType<Fault>());
            var values = SettingValues.Read(SlurmSettings.Table, all, SettingFlags.OriginOf, new SettingContext([])).ValueOr(faults);
            return faults.Count > 0
                ? faults.ToImmutableArray()
                : (ImmutableArray<Asked>)[new Asked(values!, [.. options.Select(line => line.Text)], flags.GetValue(_print))];
        });
    }

    private static Result<ImmutableArray<StudySetting>> Defaults(string? folder)
    {
        var own = UserFolders.Config(Environment.GetEnvironmentVariable) is { } config ? Path.Combine(config, "bnn-host") : null;
        string?[] folders = [folder, own];
        var path = folders.OfType<string>().Select(place => Path.Combine(place, SlurmFile.Name)).FirstOrDefault(File.Exists);
        return path is null
            ? ImmutableArray<StudySetting>.Empty
            : SlurmFile.Read(path, [.. SlurmSettings.Table.Select(setting => setting.Name), SlurmSettings.Lines], [SlurmSettings.Lines]);
    }

    /// <summary>Shows the script, or writes the plan and the script and submits that.</summary>
    public static Result<int> Run(Asked asked, PreparedExperiment prepared, ExperimentRunner runner)
    {
        if (asked.Prints)
        {
            var root = Path.GetFullPath(prepared.Values.Get(RunSettings.Output));
            var store = ResultsStore.At(root);
            return (store is null ? prepared.Plan.Trainings.Length : Left(store, prepared)).Map(left =>
            {
                Console.Out.Write(Script(asked, prepared, root, store, left).Text);
                return ExitCode.Done;
            });
        }
        return runner.WritePlan().Bind(store => Left(store, prepared).Bind<int>(left =>
        {
            if (left == 0)
            {
                Console.Out.WriteLine($"nothing is left to start: each training of {prepared.Name} is done, or a worker has it. "
                    + $"See {CommandText.Program} status {Words(store, prepared)}");
                return ExitCode.Done;
            }
            var script = Script(asked, prepared, store.Root, store, left);
            var path = store.Experiment(prepared.Name).In(SlurmScript.FileName);
            return Disk.Write(path, () =>
            {
                Directory.CreateDirectory(Path.GetDirectoryName(script.Logs)!);
                AtomicFile.Write(path, script.Text);
                return path;
            }).Bind(Slurm.Submit).Map(job => Show(job, script, store, prepared, left));
        }));
    }

    /// <summary>Trainings that are neither done nor with a worker.</summary>
    private static Result<int> Left(ResultsStore store, PreparedExperiment prepared) => store.List().Map(list =>
    {
        var leases = store.Leases.All();
        return prepared.Plan.Trainings.Count(training => !list.Done.Contains(training.Key.Value)
            && !(leases.TryGetValue(training.Key.Value, out var lease) && !store.Leases.IsKnownDead(lease)));
    });

    private static SlurmScript Script(Asked asked, PreparedExperiment prepared, string root, ResultsStore? store, int left) => new(
        prepared.Name, root,
        store?.Experiment(prepared.Name).Path ?? Path.Combine(root, "experiments", prepared.Name),
        ThisProgram, Math.Max(1, Math.Min(Math.Min(asked.Values.Get(SlurmSettings.Workers), left), Slurm.MostTasks())),
        asked.Values, asked.Lines);

    /// <summary>The words that start this program as it runs now, from any folder.</summary>
    private static ImmutableArray<string> ThisProgram =>
        Environment.ProcessPath is { } own && Path.GetFileNameWithoutExtension(own) is not "dotnet"
            ? [own]
            : [Environment.ProcessPath ?? "dotnet", typeof(SlurmSubmission).Assembly.Location];

    private static string Words(ResultsStore store, PreparedExperiment prepared) =>
        CommandText.Quoted(prepared.Name) + string.Concat(
            CommandText.In(store.Root, []).Select(setting => $" --{setting.Name} {CommandText.Quoted(setting.Value)}"));

    private static int Show(string job, SlurmScript script, ResultsStore store, PreparedExperiment prepared, int left)
    {
        var workers = script.Workers == 1 ? "1 worker" : $"{script.Workers} workers";
        var trainings = left == 1 ? "1 training that is" : $"{left} trainings that are";
        Console.Out.WriteLine($"job {job}: {workers} for {trainings} left of {prepared.Name}");
        Console.Out.WriteLine($"watch:    {CommandText.Program} status {Words(store, prepared)} --watch");
        Console.Out.WriteLine($"logs:     {Path.Combine(Path.GetDirectoryName(script.Logs)!, $"{job}_*.log")}");
        Console.Out.WriteLine($"cancel:   scancel {job}");
        Console.Out.WriteLine("continue: the same command again starts workers for what is left");
        return ExitCode.Done;
    }
}
