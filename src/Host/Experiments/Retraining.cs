using System.Text.Json;
using Bnn.Core;
using Bnn.Store;
using Host.Plugins;

namespace Host.Experiments;

/// <summary>What training again showed.</summary>
public enum RetrainingOutcome
{
    /// <summary>Every file has the same bytes.</summary>
    Same,

    Different,

    /// <summary>It couldn't be trained again here.</summary>
    NotVerifiable,

    /// <summary>What is stored is damaged, so there is nothing to compare with.</summary>
    Damaged,
}

/// <summary>A training that was to be trained again.</summary>
/// <param name="Reason">The first difference, or why there was none to find; empty where all is the same.</param>
public sealed record Retrained(string Key, string Name, RetrainingOutcome Outcome, string Reason);

/// <summary>
/// Trains finished trainings again, from the settings that an experiment's plan holds, beside what is stored, and compares the bytes. Masks
/// are found anew from the stored parents.
/// </summary>
/// <param name="scratch">The folder for what is trained; whoever gives it deletes it.</param>
/// <param name="data">The folder of the data, where it isn't the plan's.</param>
public sealed class Retraining(ResultsStore store, PluginCatalog plugins, Places places, string scratch, Given? data)
{
    private readonly Dictionary<string, Result<PreparedExperiment>> _prepared = new(StringComparer.Ordinal);

    /// <summary>Every finished training that some plan names, with the experiment that does; by key.</summary>
    public IReadOnlyDictionary<string, (PlannedTraining Training, ExperimentRecord Experiment)> Known { get; } = Find(store);

    /// <exception cref="OperationCanceledException">Stopped.</exception>
    public Retrained Run(string key, CancellationToken stop)
    {
        var folder = store.Training(new TrainingKey(key));
        if (!Known.TryGetValue(key, out var known))
            return new Retrained(key, key, RetrainingOutcome.NotVerifiable, "no plan of this results folder says how it was made");
        var name = known.Training.Name;
        var damage = folder.Verify();
        if (!damage.IsEmpty) return new Retrained(key, name, RetrainingOutcome.Damaged, damage[0].Describe());
        return Prepared(known.Experiment).Match(
            prepared => Run(prepared, known.Training, folder, stop),
            faults => NotVerifiable(known.Training, string.Join("; ", faults.Select(fault => fault.Describe()))));
    }

    private Retrained Run(PreparedExperiment prepared, PlannedTraining planned, TrainingFolder folder, CancellationToken stop)
    {
        var training = prepared.Plan.Trainings.FirstOrDefault(training => training.Key == planned.Key);
        if (training is null) return NotVerifiable(planned, WhyAnother(prepared.Plan, planned, folder));
        using var scoring = new Scoring(plugins, prepared.Values.Get(RunSettings.PluginTimeout), scratch);
        var masks = new MaskMaker(scoring, new StrategyInputs(store, prepared.Data, prepared.Engine));
        return ResultsStore.Open(scratch).Bind(beside =>
        {
            var again = beside.Training(training.Key);
            var runner = new TrainingRunner(
                beside, prepared.Data, prepared.Engine, masks.Of, new Starts(store), TimeSpan.MaxValue, TimeProvider.System);
            return runner.TryRun(training, new TrainingProgress(training), stop).Map(_ => again);
        }).Match(
            again => FirstDifference.Between(folder, again) is { } difference
                ? new Retrained(planned.Key.Value, planned.Name, RetrainingOutcome.Different, difference)
                : new Retrained(planned.Key.Value, planned.Name, RetrainingOutcome.Same, ""),
            faults => new Retrained(
                planned.Key.Value,
                planned.Name,
                faults.Any(fault => fault is Fault.Diverged) ? RetrainingOutcome.Different : RetrainingOutcome.NotVerifiable,
                string.Join("; ", faults.Select(fault => fault.Describe()))));
    }

    private static Retrained NotVerifiable(PlannedTraining training, string reason) =>
        new(training.Key.Value, training.Name, RetrainingOutcome.NotVerifiable, reason);

    /// <summary>What makes the training that the plan's settings give here another one than the stored.</summary>
    private static string WhyAnother(Plan plan, PlannedTraining planned, TrainingFolder folder)
    {
        var here = plan.Trainings.FirstOrDefault(training => training.Seed == planned.Seed && training.Label == planned.Cell.Label);
        if (here is null || folder.ReadConfig() is not Result<string>.Ok(var config)) return "its settings give no such training here";
        using var stored = JsonDocument.Parse(config);
        using var own = JsonDocument.Parse(here.Config);
        foreach (var field in own.RootElement.EnumerateObject().Where(field => field.Name != "needs"))
        {
            var other = stored.RootElement.TryGetProperty(field.Name, out var value) ? value.GetRawText() : "nothing";
            if (other != field.Value.GetRawText()) return $"{field.Name} is {field.Value.GetRawText()} here, and was {other}";
        }
        return "what its mask is found from is made by another engine, plugin or data here";
    }

    private Result<PreparedExperiment> Prepared(ExperimentRecord experiment)
    {
        if (_prepared.TryGetValue(experiment.PlanKey.Value, out var known)) return known;
        var instead = new Dictionary<string, Given>(StringComparer.Ordinal);
        if (data is not null) instead[RunSettings.Data.Name] = data;
        return _prepared[experiment.PlanKey.Value] = Replanning.Of(experiment, plugins, places, instead);
    }

    private static Dictionary<string, (PlannedTraining, ExperimentRecord)> Find(ResultsStore store)
    {
        var found = new Dictionary<string, (PlannedTraining, ExperimentRecord)>(StringComparer.Ordinal);
        foreach (var folder in store.Experiments())
        {
            // A plan over several experiments has no settings of its own; those have theirs.
            if (folder.ReadPlan() is not Result<StoredPlan>.Ok({ Experiment: { Given.IsDefault: false } experiment })) continue;
            if (experiment.Command.Contains('\n', StringComparison.Ordinal) || !experiment.HasItsSettings) continue;
            foreach (var training in experiment.Trainings)
                if (store.Training(training.Key).IsDone) found.TryAdd(training.Key.Value, (training, experiment));
        }
        return found;
    }
}
