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
        return [.. rows.AsParallel().AsOrdered().Select(row => Read(store.Training(row.Training.Key), reader, row))];
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
