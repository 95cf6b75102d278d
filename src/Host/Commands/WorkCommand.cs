using System.Collections.Immutable;
using System.CommandLine;
using Bnn.Core;
using Bnn.Store;
using Host.Commands.Studies;
using Host.Consoles;
using Host.Engines;
using Host.Experiments;
using Host.Plugins;

namespace Host.Commands;

/// <summary><c>host work</c>: does trainings of an experiment that was planned before, as one of any number of workers.</summary>
public sealed class WorkCommand : HostCommand
{
    private const string NotShared = "what another machine planned is seen here only if both see the same results folder";

    private readonly Argument<string?> _experiment = new("EXPERIMENT")
    {
        Description = "An experiment by its name or its folder.",
        Arity = ArgumentArity.ZeroOrOne,
    };

    /// <summary>Those that say where and how it works, and those that take the place of the plan's.</summary>
    private SettingFlags _flags = null!, _instead = null!;

    public WorkCommand()
        : base("work",
            """
            Train what is left of an experiment that run or study has planned, beside any number of other workers: in other shells, or on
            other machines that see the same results folder. Each takes trainings that are ready and that nobody has, and ends when there
            is none left for it; the one that finds all done writes the report. docs/cluster.md says more.

            Examples:
              host study mine.toml --plan
              host work mine
              host work mine --output /scratch/me/results --jobs 16
            """) => Arguments.Add(_experiment);

    public override void AddSettings()
    {
        _flags = new SettingFlags(this, [RunSettings.Output, RunSettings.TakeOverAfter]);
        _instead = new SettingFlags(this, [RunSettings.Jobs, RunSettings.Data, RunSettings.PluginTimeout, RunSettings.CheckpointEvery]);
    }

    public override Result<int> Execute(ParseResult flags, ImmutableArray<Fault> faults)
    {
        if (!faults.IsEmpty) return faults;
        if (flags.Text(_experiment) is not { Length: > 0 } text)
            return new Fault.BadRequest("no experiment is given", $"{CommandText.Program} ls shows those of a results folder");
        return _flags.Read(flags).Bind(values => StoreLookup.Experiment(values, text).MapFaults(WithSharing)
            .Bind(found => found.Read().Bind(named => Work(found, named.Experiment, values, _instead.Given(flags)))));
    }

    private static Fault WithSharing(Fault fault) => fault switch
    {
        Fault.BadSetting { Example: null } bad => bad with { Fix = $"{bad.Fix}; {NotShared}" },
        Fault.DamagedStore store => store with { Fix = $"{store.Fix}; {NotShared}" },
        _ => fault,
    };

    private static Result<int> Work(
        FoundExperiment found, ExperimentRecord experiment, SettingValues values, IReadOnlyDictionary<string, Given> given)
    {
        if (VarianceStudy.IsPlanOf(experiment))
        {
            return new Fault.BadRequest(
                $"{found.Name} is a study of gradients, which has nothing for workers",
                $"run it where it is to be done: {experiment.Command}");
        }
        var places = Places.OfProgram();
        return PluginCatalog.Load(places).Bind(plugins =>
        {
            if (!plugins.BrokenPins.IsEmpty) return plugins.BrokenPins;
            if (SimdProvider.Open() is Result<Bnn.Simd.SimdEngine>.Failed(var wrongKernel)) return wrongKernel;
            plugins.ShowWarnings();
            var instead = new Dictionary<string, Given>(given, StringComparer.Ordinal)
            {
                [RunSettings.Output.Name] = new Given(found.Store.Root, SettingFlags.OriginOf(RunSettings.Output.Name)),
                [RunSettings.Name.Name] = new Given(found.Name, Origin.Named(RunSettings.Name.Name)),
            };
            return Replanning.Same(found.Folder.Plan, experiment, plugins, places, instead).Bind(prepared =>
                ResultsStore.Open(found.Store.Root, pace: LeasePace.Of(values.Get(RunSettings.TakeOverAfter))).Bind(store =>
                {
                    using var stop = new Stop();
                    return new Worker(prepared, experiment, store, new TerminalView()).Run(stop.Token)
                        .Map(outcome => Show(outcome, store, prepared.Name));
                }));
        });
    }

    private static int Show(WorkOutcome outcome, ResultsStore store, string name)
    {
        foreach (var end in outcome.Failed)
        {
            foreach (var fault in end.Faults)
                Console.Error.WriteLine($"host: {(fault is Fault.Diverged ? "" : $"{end.Training.Name}: ")}{fault.Describe()}");
            Console.Error.WriteLine($"      log: {store.Training(end.Training.Key).Log}");
        }
        foreach (var note in outcome.Ends.SelectMany(end => end.Notes).Concat(outcome.Faults))
            Console.Error.WriteLine($"host: {note.Describe()}");
        Console.Out.WriteLine(outcome switch
        {
            { Report: { } report } => $"{Trained(outcome)}; all are done. report: {report}",
            { IsTimeOver: true } => $"{Trained(outcome)}; the job's time is nearly over, and {outcome.Open} "
                + $"{(outcome.Open == 1 ? "isn't" : "aren't")} done: to be continued by the next worker",
            { Open: 0 } => $"{Trained(outcome)}; all are done, and the report is another worker's",
            _ => $"{Trained(outcome)}; {outcome.Open} {(outcome.Open == 1 ? "isn't" : "aren't")} done: "
                + $"{CommandText.Program} status {CommandText.Quoted(name)} shows why",
        });
        var code = ExperimentOutcome.CodeOf(outcome.Failed, outcome.Faults);
        return outcome.IsTimeOver && code is ExitCode.Done or ExitCode.SomeFailed ? ExitCode.ToBeContinued : code;
    }

    private static string Trained(WorkOutcome outcome) =>
        outcome.Trained == 1 ? "1 training done here" : $"{outcome.Trained} trainings done here";
}
