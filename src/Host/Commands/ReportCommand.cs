using System.Collections.Immutable;
using System.CommandLine;
using Bnn.Core;
using Bnn.Store;
using Host.Consoles;
using Host.Experiments;

namespace Host.Commands;

/// <summary>
/// <c>host report DIR…</c>: makes an experiment's report again from its trainings, or one report over several experiments.
/// </summary>
public sealed class ReportCommand : HostCommand
{
    private readonly Argument<string[]> _folders = new("DIR")
    {
        Description = "An experiment's folder, with its plan.json; several of one results folder for a common report.",
        Arity = ArgumentArity.ZeroOrMore,
    };

    private readonly Option<string?> _name = new("--name") { Description = "The common report's folder beside them.", HelpName = "NAME" };
    private readonly Option<bool> _wide = WideTable();

    public ReportCommand()
        : base("report",
            """
            Make an experiment's report, tables and summary again from its trainings; trains nothing. With several experiments: one
            report over the trainings of all.

            Examples:
              host report results/experiments/first-try
              host report results/experiments/prior-1 results/experiments/prior-2 --name priors
            """)
    {
        Arguments.Add(_folders);
        Options.Add(_name);
        Options.Add(_wide);
    }

    public override Result<int> Execute(ParseResult flags, ImmutableArray<Fault> faults)
    {
        if (!faults.IsEmpty) return faults;
        string[] given = [.. (flags.GetValue(_folders) ?? []).Where(folder => folder.Length > 0)];
        if (given.Length == 0)
            return new Fault.BadRequest("no experiment is given", $"for example {CommandText.Program} report results/experiments/NAME");
        var folders = given.Select(folder => Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder))).ToList();
        var name = flags.Text(_name);
        var wrong = Wrong(given, folders, name);
        if (!wrong.IsEmpty) return wrong;

        var root = Path.GetFullPath(Path.Combine(folders[0], "..", ".."));
        return ResultsStore.OpenExisting(root).Bind(store =>
        {
            var unwritten = new List<Fault>();
            return Combined(folders, store, name, unwritten)
                .Map(experiment => Report(store, name ?? Path.GetFileName(folders[0]), experiment, unwritten, flags.GetValue(_wide)));
        });
    }

    /// <summary>What is wrong with the folders and the name that were given.</summary>
    private static ImmutableArray<Fault> Wrong(string[] given, List<string> folders, string? name)
    {
        var all = ImmutableArray.CreateBuilder<Fault>();
        foreach (var (folder, text) in folders.Zip(given))
        {
            if (!File.Exists(Path.Combine(folder, ExperimentFolder.PlanName)))
            {
                all.Add(new Fault.BadSetting(
                    "DIR", text, "an experiment's folder with a plan.json", "they are in results/experiments"));
            }
        }
        if (folders.Select(folder => Path.GetDirectoryName(folder)).Distinct(StringComparer.Ordinal).Skip(1).Any())
            all.Add(new Fault.BadRequest("the experiments are in several results folders", "give experiments of one results folder"));
        if (folders.Count > 1 && (name is null || !RunSettings.IsFolderName(name)))
        {
            all.Add(new Fault.BadSetting("name", name ?? "nothing", "a plain folder name for the common report")
            {
                Origin = SettingFlags.OriginOf("name"),
                Example = "both",
            });
        }
        if (folders.Count == 1 && name is not null)
            all.Add(new Fault.BadRequest("--name names the common report of several experiments, but one is given", "leave it out"));
        return all.ToImmutable();
    }

    private static int Report(ResultsStore store, string name, ExperimentRecord experiment, List<Fault> unwritten, bool isWide)
    {
        var builder = new ReportBuilder(store);
        var reading = builder.Read(name, experiment, ImmutableDictionary<TrainingKey, string>.Empty);
        foreach (var fault in store.Experiment(name).VerifyExports()) Console.Error.WriteLine($"host: {fault.Describe()}: done");
        var report = builder.Write(reading.Input).ValueOr(unwritten);
        var typed = experiment.Given.IsDefaultOrEmpty ? null : TypedCommand.Run(CommandText.In(store.Root, experiment.Given));
        Terminal.ShowReport(reading, report, unwritten, typed, isWide);
        return !reading.Damaged.IsEmpty ? ExitCode.BadStore : unwritten.Count > 0 ? ExitCode.For(unwritten) : ExitCode.Done;
    }

    /// <summary>
    /// The one experiment's plan, or a plan over the trainings of all, which is written so that this report can be made again, too. That
    /// the disk doesn't take it is no reason to show nothing.
    /// </summary>
    private static Result<ExperimentRecord> Combined(List<string> folders, ResultsStore store, string? name, List<Fault> unwritten)
    {
        var faults = new List<Fault>();
        var plans = folders.Select(folder => store.Experiment(Path.GetFileName(folder)).ReadPlan().ValueOr(faults)?.Experiment).ToList();
        if (faults.Count > 0) return faults.ToImmutableArray();
        if (name is null) return plans[0]!;
        var combined = ExperimentRecord.Over([.. plans.Select(plan => plan!)]);
        var written = store.Experiment(name).WritePlan(combined).MapFaults(WithOrigin);
        if (written is not Result<ExperimentRecord>.Failed(var refused) || !refused.All(fault => fault is Fault.Disk)) return written;
        unwritten.AddRange(refused);
        return combined;

        static Fault WithOrigin(Fault fault) =>
            fault is Fault.BadSetting { Setting: "name" } ? fault with { Origin = SettingFlags.OriginOf("name") } : fault;
    }
}
