using System.Collections.Immutable;
using Bnn.Core;
using Bnn.Report;
using Bnn.Store;
using Host.Consoles;

namespace Host.Experiments;

/// <summary>A training with what a look at its folder shows.</summary>
/// <param name="State">For people: "done", "damaged", "at step 1500", "begun", "not begun".</param>
/// <param name="Age">Since it ended, or was last written to; null where there is nothing.</param>
/// <param name="Faults">What of it is damaged.</param>
internal sealed record LookedTraining(
    TableRow Row, StoredState Stored, string State, TimeSpan? Age, long Bytes, ImmutableArray<Fault> Faults);

/// <summary>An experiment with its trainings.</summary>
/// <param name="Trainings">None where its plan is damaged.</param>
/// <param name="Bytes">Of its own files and all its trainings.</param>
internal sealed record LookedExperiment(
    string Name, bool IsPlanDamaged, ImmutableArray<LookedTraining> Trainings, TimeSpan? Age, long Bytes)
{
    /// <summary>"damaged" if its plan or any training is, "done" if all are, "5 of 8" otherwise.</summary>
    public string State => IsPlanDamaged || Trainings.Any(training => training.Stored == StoredState.Damaged) ? "damaged"
        : Done == Trainings.Length ? "done"
        : $"{Text.Count(Done)} of {Text.Count(Trainings.Length)}";

    private int Done => Trainings.Count(training => training.Stored == StoredState.Done);
}

/// <summary>A column of a listing.</summary>
/// <param name="Value">The number that it is ordered by, where that isn't the one that its text is; null for none.</param>
internal sealed record ListColumn<T>(string Name, Func<T, string> Text, Func<T, double?>? Value = null)
{
    /// <summary>Numbers before texts before nothing.</summary>
    public (int Kind, double Number, string Text) Order(T row)
    {
        var text = Text(row);
        var number = Value is null ? Parse.Number(text) : Value(row);
        return number is { } known ? (0, known, "") : (text.Length > 0 ? 1 : 2, 0, text);
    }
}

/// <summary>Experiments of a results folder as <c>host ls</c> shows them.</summary>
/// <param name="Trainings">Each once.</param>
/// <param name="Folders">How many folders of trainings there are.</param>
/// <param name="Unreferenced">How many of them none of the experiments names.</param>
internal sealed record StoreLook(
    ImmutableArray<LookedExperiment> Experiments, ImmutableArray<LookedTraining> Trainings, int Folders, int Unreferenced)
{
    public static ImmutableArray<ListColumn<LookedTraining>> TrainingColumns { get; } = [
        new("run", training => training.Row.Training.Key.Value, _ => null),
        new("training", training => training.Row.Training.Name, _ => null),
        new("state", training => training.State, _ => null),
        new("age", training => Readable.Age(training.Age), training => training.Age?.TotalSeconds),
        new("size", training => Readable.Size(training.Bytes), training => training.Bytes)];

    public static ImmutableArray<ListColumn<LookedExperiment>> ExperimentColumns { get; } = [
        new("experiment", experiment => experiment.Name, _ => null),
        new("state", experiment => experiment.State, _ => null),
        new("trainings", experiment => Text.Count(experiment.Trainings.Length), experiment => experiment.Trainings.Length),
        new("age", experiment => Readable.Age(experiment.Age), experiment => experiment.Age?.TotalSeconds),
        new("size", experiment => Readable.Size(experiment.Bytes), experiment => experiment.Bytes)];

    /// <param name="damaged">Names of experiments whose plans can't be read.</param>
    public static StoreLook Of(
        ResultsStore store, ImmutableArray<NamedExperiment> experiments, IEnumerable<string> damaged, TimeProvider clock)
    {
        var now = clock.GetUtcNow();
        var trainings = StoredTrainings.Of(store, experiments).AsParallel().AsOrdered()
            .Select(training => Look(store.Training(training.Training.Key), training, now)).ToImmutableArray();
        var byKey = trainings.ToDictionary(training => training.Row.Training.Key);
        var folders = store.Trainings().Select(folder => folder.Key).Where(TrainingKey.IsKey).ToList();
        return new StoreLook(
            [
                .. experiments.Select(named => Look(store.Experiment(named.Name), named, byKey, now))
                    .Concat(damaged.Select(name => Look(store.Experiment(name), name, now)))
                    .OrderBy(experiment => experiment.Name, StringComparer.Ordinal),
            ],
            trainings, folders.Count,
            folders.Count(key => !byKey.ContainsKey(new TrainingKey(key))));
    }

    private static LookedTraining Look(TrainingFolder folder, ListedTraining training, DateTimeOffset now)
    {
        ImmutableArray<Fault> faults = [.. training.Faults, .. training.Result is null ? [] : folder.VerifySizes(training.Result)];
        var stored = faults.IsEmpty ? training.State : StoredState.Damaged;
        var state = stored switch
        {
            StoredState.Done => "done",
            StoredState.Damaged => "damaged",
            StoredState.Begun when folder.ContinuesFrom is { } step => $"at step {Text.Count(step)}",
            StoredState.Begun => "begun",
            _ => "not begun",
        };
        DateTimeOffset? written = training.State == StoredState.Absent ? null : WrittenAt(folder.Path);
        var changed = training.Result?.Provenance?.Finished ?? written;
        return new LookedTraining(training.Row, stored, state, now - changed, Disk.SizeOf(folder.Path), faults);
    }

    private static LookedExperiment Look(
        ExperimentFolder folder, NamedExperiment named, Dictionary<TrainingKey, LookedTraining> byKey, DateTimeOffset now)
    {
        ImmutableArray<LookedTraining> trainings =
            [.. named.Experiment.Trainings.Select(training => training.Key).Distinct().Select(key => byKey[key])];
        return new LookedExperiment(
            named.Name, IsPlanDamaged: false, trainings,
            trainings.Select(training => training.Age).Append(now - WrittenAt(folder.Plan)).Min(),
            Disk.SizeOf(folder.Path) + trainings.Sum(training => training.Bytes));
    }

    private static LookedExperiment Look(ExperimentFolder folder, string name, DateTimeOffset now) => new(
        name, IsPlanDamaged: true, [], now - WrittenAt(folder.Plan), Disk.SizeOf(folder.Path));

    private static DateTimeOffset WrittenAt(string path) => new(File.GetLastWriteTimeUtc(path));
}
