using System.Collections.Immutable;
using System.CommandLine;
using System.Globalization;
using Bnn.Core;
using Bnn.Store;
using Host.Cluster;
using Host.Consoles;
using Host.Engines;
using Host.Experiments;
using Host.Plugins;

namespace Host.Commands;

/// <summary>What was asked for, and how to say so again.</summary>
/// <param name="Arms">Their texts.</param>
/// <param name="Ungiven">Where a setting that was not given could be given.</param>
/// <param name="Kept">The command as a report keeps it.</param>
/// <param name="Typed">The command as it can be typed again.</param>
public sealed record ExperimentRequest(
    IReadOnlyList<GivenArm> Arms, Func<string, Origin> Ungiven, Func<ExperimentSettings, string> Kept,
    Func<ExperimentSettings, TypedCommand> Typed)
{
    /// <summary>Null for what is no study.</summary>
    public StudyRequest? Study { get; init; }

    /// <summary>The folder of a study's file; null for what has none.</summary>
    public string? Folder { get; init; }

    /// <summary>What else is wrong, once the settings are known.</summary>
    public Func<ExperimentSettings, IEnumerable<Fault>> Check { get; init; } = _ => [];
}

/// <summary>A command that trains an experiment: it says which, and this resolves, plans and runs it, or shows what it would do.</summary>
public abstract class ExperimentCommand : HostCommand
{
    /// <summary>From so many trainings on, a plan has to be confirmed: a grid is typed faster than it is trained.</summary>
    private const int Confirmed = 100_000;

    private readonly Option<bool> _wide = WideTable();
    private readonly Option<bool> _dryRun = new("--dry-run")
    {
        Description = "Show what would be trained and what it costs, and train nothing.",
    };

    private readonly Option<bool> _plan = new("--plan")
    {
        Description = "Write the plan alone, for host work to train.",
    };

    private readonly Option<bool> _yes = new("--yes") { Description = "Train 100,000 trainings or more." };

    private readonly Option<bool> _repair = new("--repair")
    {
        Description = "Delete damaged trainings of this experiment and what was made from them, and train them again.",
    };

    /// <summary>Null unless the command was typed: making the others' flags would slow every start.</summary>
    private SlurmSubmission? _slurm;

    protected ExperimentCommand(string name, string description)
        : base(name, description)
    {
        Options.Add(_dryRun);
        Options.Add(_plan);
        Options.Add(_yes);
        Options.Add(_repair);
        Options.Add(_wide);
    }

    public override void AddSettings() => _slurm = new SlurmSubmission(this);

    /// <summary>Whether nothing is to be trained.</summary>
    protected bool IsDryRun(ParseResult flags) => flags.GetValue(_dryRun);

    /// <summary>Whether workers are to train, and not this process.</summary>
    protected bool IsPlanOnly(ParseResult flags) => flags.GetValue(_plan) || flags.GetValue<bool>("--slurm");

    /// <summary>Whether what is damaged is to be made again.</summary>
    protected bool Repairs(ParseResult flags) => flags.GetValue(_repair);

    /// <param name="faults">What is wrong already; shown together with what is found.</param>
    /// <param name="instead">What to do with the prepared experiment instead of running it; null to run it.</param>
    protected Result<int> Run(
        ExperimentRequest request, ParseResult flags, ImmutableArray<Fault> faults, Func<PreparedExperiment, Result<int>>? instead = null)
    {
        var places = Places.OfProgram();
        var all = new List<Fault>(faults);
        var plugins = PluginCatalog.Load(places).ValueOr(all);
        if (plugins is { BrokenPins.IsEmpty: false }) return plugins.BrokenPins;      // nothing that was swapped is looked at any further
        var settings = plugins is null
            ? null
            : ExperimentSettings.Create(RunSettings.Table, request.Arms, request.Ungiven, plugins.Infos).ValueOr(all);
        if (settings is not null) all.AddRange([.. EngineRegistry.Misplaced(settings.Values), .. request.Check(settings)]);
        var slurm = _slurm!.Read(flags, request.Folder).ValueOr(all);
        if (SimdProvider.Open() is Result<Bnn.Simd.SimdEngine>.Failed(var wrongKernel)) all.AddRange(wrongKernel);
        plugins?.ShowWarnings();
        if (all.Count > 0) return AndRejected(all, plugins);
        plugins!.ShowTwins(settings!.Strategies.Concat(settings.Compared).SelectMany(Named));

        return PreparedExperiment.Create(settings, plugins, places).Bind(created =>
        {
            var prepared = created with { Study = request.Study };
            if (instead is not null) return instead(prepared);
            if (flags.GetValue(_dryRun)) return DryRun.Of(prepared).Map(Show);
            if (prepared.Plan.Trainings.Length >= Confirmed && !flags.GetValue(_yes))
            {
                return new Fault.BadRequest(
                    $"that is {prepared.Plan.Trainings.Length.ToString("N0", CultureInfo.InvariantCulture)} trainings",
                    "see with --dry-run what they cost, and add --yes to train them");
            }
            var runner = new ExperimentRunner(prepared, request.Kept(settings), new TerminalView()) { Repairs = flags.GetValue(_repair) };
            if (slurm is [var asked]) return SlurmSubmission.Run(asked, prepared, runner);
            if (IsPlanOnly(flags)) return runner.WritePlan().Map(store => Planned(store, prepared));
            using var stop = new Stop();
            return runner.Run(stop.Token).Map(outcome => Terminal.ShowOutcome(outcome, request.Typed(settings), flags.GetValue(_wide)));
        });
    }

    private static int Planned(ResultsStore store, PreparedExperiment prepared)
    {
        var output = CommandText.In(store.Root, []).Select(setting => $" --{setting.Name} {CommandText.Quoted(setting.Value)}");
        var words = $"{CommandText.Quoted(prepared.Name)}{string.Concat(output)}";
        Console.Out.WriteLine(
            $"{prepared.Plan.Trainings.Length} trainings planned as {prepared.Name}. To train them, as often and in as many places as you "
            + $"like: {CommandText.Program} work {words}");
        Console.Out.WriteLine($"To see how far they are: {CommandText.Program} status {words}");
        return ExitCode.Done;
    }

    private static int Show(DryRun dry)
    {
        Terminal.ShowRows(["kind", "done", "to continue", "new", "time"], dry.Rows);
        Console.Out.WriteLine(dry.Summary);
        return ExitCode.Done;
    }

    private static string[] Named(StrategyInfo info) => info.Of is { } of ? [info.Name, of.Name] : [info.Name];

    /// <summary>
    /// Adds the refused plugins to the fault of an unknown strategy, which may be in one of them: those first that do offer it.
    /// </summary>
    private static ImmutableArray<Fault> AndRejected(List<Fault> faults, PluginCatalog? plugins)
    {
        var unknown = faults.OfType<Fault.UnknownName>().Where(fault => fault.Kind == "strategy").Select(fault => fault.Found).ToList();
        if (unknown.Count == 0 || plugins is null) return [.. faults];
        var offered = unknown.SelectMany(plugins.RefusalsOf).ToList();
        return [.. faults, .. offered.Concat(plugins.Rejected.Except(offered))];
    }
}
