using System.Collections.Immutable;
using System.CommandLine;
using Bnn.Core;
using Host.Consoles;
using Host.Engines;
using Host.Experiments;
using Host.Plugins;

namespace Host.Commands;

/// <summary><c>host run</c>: reads settings from flags and hands them to <see cref="ExperimentRunner"/>.</summary>
public sealed class RunCommand : HostCommand
{
    private SettingFlags _flags = null!;
    private readonly Option<bool> _printConfig = new("--print-config") { Description = "Show all settings, resolved, and train nothing." };
    private readonly Option<bool> _wide = WideTable();

    private readonly Option<bool> _repair = new("--repair")
    {
        Description = "Delete damaged trainings of this experiment and what was made from them, and train them again.",
    };

    public RunCommand()
        : base("run",
            """
            Train the Bayesian net, the dense net and a ticket for each strategy and density; write a report. What an earlier command
            trained is reused.

            Examples:
              host run --strategy variance
              host run --strategy variance,snr --seeds 1..5
              host run --strategy variance --threshold 0.01 --compare magnitude
              host run --strategy snr --scope layerwise --density 0.05 --steps 10000 --data /usr/share/datasets/fashion-mnist
            """)
    {
        Options.Add(_printConfig);
        Options.Add(_repair);
        Options.Add(_wide);
    }

    public override void AddSettings() => _flags = new SettingFlags(this, RunSettings.Table);

    public override Result<int> Execute(ParseResult flags, ImmutableArray<Fault> faults)
    {
        var places = Places.OfProgram();
        var all = new List<Fault>(faults);
        var plugins = PluginCatalog.Load(places).ValueOr(all);
        if (plugins is { BrokenPins.IsEmpty: false }) return plugins.BrokenPins;      // nothing that was swapped is looked at any further
        var settings = plugins is null
            ? null
            : ExperimentSettings.Create(RunSettings.Table, _flags.Given(flags), SettingFlags.OriginOf, plugins.Infos).ValueOr(all);
        if (settings is not null) all.AddRange(EngineRegistry.Misplaced(settings.Values));
        if (SimdProvider.Open() is Result<Bnn.Simd.SimdEngine>.Failed(var wrongKernel)) all.AddRange(wrongKernel);
        plugins?.ShowWarnings();
        if (all.Count > 0) return AndRejected(all, plugins);
        plugins!.ShowTwins(settings!.Strategies.Concat(settings.Compared).SelectMany(Named));

        return PreparedExperiment.Create(settings, plugins, places).Bind(prepared =>
        {
            var values = settings.Values;
            if (flags.GetValue(_printConfig)) return PrintConfig(prepared);
            using var stop = new Stop();
            var runner = new ExperimentRunner(prepared, CommandText.Kept(values.GivenTexts), new TerminalView())
            {
                Repairs = flags.GetValue(_repair),
            };
            return runner.Run(stop.Token)
                .Map(outcome => Terminal.ShowOutcome(outcome, values.TypedTexts, flags.GetValue(_wide)));
        });
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

    private static int PrintConfig(PreparedExperiment prepared)
    {
        foreach (var setting in ExperimentRecord.SettingsOf(prepared.Plan)) Console.Out.WriteLine($"{setting.Name} = {setting.Value}");
        Console.Out.WriteLine($"jobs = {prepared.Jobs}");
        Console.Out.WriteLine($"trainings = {prepared.Plan.Trainings.Length}");
        Console.Out.WriteLine($"experiment = {prepared.Name}");
        return ExitCode.Done;
    }
}
