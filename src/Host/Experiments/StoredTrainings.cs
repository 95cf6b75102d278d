using System.Collections.Immutable;
using Bnn.Core;
using Bnn.Report;
using Bnn.Store;

namespace Host.Experiments;

/// <summary>An experiment of a results folder, with its plan.</summary>
public sealed record NamedExperiment(string Name, ExperimentRecord Experiment);

/// <summary>What a results folder holds of a planned training.</summary>
public enum StoredState
{
    Done,
    Damaged,

    /// <summary>Begun, perhaps under way.</summary>
    Begun,

    /// <summary>Nothing yet.</summary>
    Absent,
}

/// <summary>A planned training as its results folder has it.</summary>
/// <param name="Row">With its record if it is whole, and the experiments that hold it.</param>
/// <param name="Result">Null unless it is done and whole.</param>
/// <param name="Faults">What of it is damaged; measures that were added later may be, with all else whole.</param>
public sealed record ListedTraining(TableRow Row, StoredState State, StoredResult? Result, ImmutableArray<Fault> Faults)
{
    public PlannedTraining Training => Row.Training;
}

/// <summary>Reads experiments and their trainings, each training once however many experiments hold it.</summary>
public static class StoredTrainings
{
    /// <summary>All experiments of a results folder by name; damaged plans are left out.</summary>
    /// <param name="faults">Gets what is damaged.</param>
    public static ImmutableArray<NamedExperiment> Experiments(ResultsStore store, List<Fault> faults) => [
        .. from folder in store.Experiments()
           let plan = folder.ReadPlan().ValueOr(faults)
           where plan is not null
           select new NamedExperiment(Path.GetFileName(folder.Path), plan.Experiment)];

    /// <summary>
    /// The trainings in the order of the experiments and their plans. A training's cell is that of the first that holds it, with the arms
    /// of all.
    /// </summary>
    public static ImmutableArray<ListedTraining> Of(ResultsStore store, IReadOnlyList<NamedExperiment> experiments)
    {
        var reader = new TrainingReader(store);
        var rows = experiments.SelectMany(named => named.Experiment.Trainings.Select(training => (named.Name, Training: training)))
            .GroupBy(held => held.Training.Key)
            .Select(held => Row([.. held.Select(pair => pair.Name)], [.. held.Select(pair => pair.Training)]))
            .ToList();
        return WithFinding(
            experiments, [.. rows.AsParallel().AsOrdered().Select(row => Read(store.Training(row.Training.Key), reader, row))]);
    }

    /// <summary>
    /// The trainings with what it took to find their masks, by the first experiment from which that is known: trained steps and
    /// multiply-adds among the measures, and seconds, where every training that counts says how long it took.
    /// </summary>
    private static ImmutableArray<ListedTraining> WithFinding(
        IReadOnlyList<NamedExperiment> experiments, ImmutableArray<ListedTraining> trainings)
    {
        var byKey = trainings.ToDictionary(training => training.Training.Key);
        var costs = new Dictionary<TrainingKey, FindingCost>();
        foreach (var named in experiments)
        {
            foreach (var (key, cost) in FindingCost.Of(named.Experiment, key => byKey.GetValueOrDefault(key)?.Row.Record))
                costs.TryAdd(key, cost);
        }
        return [.. trainings.Select(training =>
            training.Row.Record is { } record && costs.TryGetValue(training.Training.Key, out var cost)
                ? training with
                {
                    Row = training.Row with
                    {
                        Record = record.WithFinding(cost),
                        FindingSeconds = Seconds(cost, key => byKey.GetValueOrDefault(key)?.Row.Seconds),
                    },
                }
                : training)];
    }

    /// <summary>What it took to find one training's mask, and the seconds of that; null where that isn't known.</summary>
    /// <param name="experiment">One that holds it.</param>
    public static (FindingCost? Cost, double? Seconds) Finding(
        ResultsStore store, ExperimentRecord experiment, PlannedTraining training)
    {
        var results = new Dictionary<TrainingKey, StoredResult?>();
        var cost = FindingCost.Of(experiment, training, key => Result(key)?.Record);
        return (cost, cost is null ? null : Seconds(cost, key => Result(key)?.Provenance?.Seconds));

        StoredResult? Result(TrainingKey key)
        {
            if (!results.TryGetValue(key, out var known))
                results[key] = known = store.Training(key) is { IsDone: true } folder ? folder.ReadResult().ValueOr([]) : null;
            return known;
        }
    }

    /// <summary>Of a training that was needed as far as a moment, the same share of its seconds as of its steps.</summary>
    private static double? Seconds(FindingCost cost, Func<TrainingKey, double?> of)
    {
        var sum = 0.0;
        foreach (var part in cost.Parts)
        {
            if (of(part.Key) is not { } seconds) return null;
            sum += seconds * part.Share;
        }
        return sum;
    }

    private static TableRow Row(ImmutableArray<string> experiments, ImmutableArray<PlannedTraining> same)
    {
        var first = same[0];
        ImmutableArray<string> arms = [.. same.SelectMany(training => training.Cell.Arms).Distinct(StringComparer.Ordinal)];
        var training = arms.Length == first.Cell.Arms.Length ? first : first with { Cell = first.Cell with { Arms = arms } };
        return new TableRow(training, null) { Experiments = [.. experiments.Distinct(StringComparer.Ordinal)] };
    }

    private static ListedTraining Read(TrainingFolder folder, TrainingReader reader, TableRow row)
    {
        if (!folder.IsDone)
            return new ListedTraining(row, Directory.Exists(folder.Path) ? StoredState.Begun : StoredState.Absent, null, []);
        var faults = new List<Fault>();
        return reader.Read(row.Training, faults) is { } stored
            ? new ListedTraining(
                row with { Record = stored.Training.Record, Seconds = stored.Result.Provenance?.Seconds },
                StoredState.Done, stored.Result, [.. faults])
            : new ListedTraining(row, StoredState.Damaged, null, [.. faults]);
    }
}
