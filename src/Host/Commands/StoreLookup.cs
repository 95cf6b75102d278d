using System.Collections.Immutable;
using Bnn.Core;
using Bnn.Store;
using Host.Experiments;

namespace Host.Commands;

/// <summary>An experiment that a command names.</summary>
public sealed record FoundExperiment(ResultsStore Store, string Name)
{
    public ExperimentFolder Folder => Store.Experiment(Name);

    /// <summary>Its plan.</summary>
    public Result<NamedExperiment> Read() => Folder.ReadPlan().Map(plan => new NamedExperiment(Name, plan.Experiment));
}

/// <summary>Finds what commands name: experiments by name or path, trainings by a key or its beginning.</summary>
public static class StoreLookup
{
    /// <summary>Digits of a key that name a training, if no other key begins with them.</summary>
    public const int FewestDigits = 4;

    private const int MostListed = 10;

    /// <summary>The results folder that <c>--output</c> names, which must be there.</summary>
    public static Result<ResultsStore> Store(SettingValues values) =>
        RunSettings.WithOrigin(values, RunSettings.Output, ResultsStore.OpenExisting(values.Get(RunSettings.Output)));

    /// <summary>
    /// The experiment of that name in <c>--output</c>; where there is none, the one whose folder has that path.
    /// </summary>
    public static Result<FoundExperiment> Experiment(SettingValues values, string text)
    {
        if (Named(values, text) is { } named) return named;
        if (AtPath(text) is { } there) return there;
        // Why it isn't found by its name may be that its results folder can't be read.
        return Store(values).Bind<FoundExperiment>(store => NotFound(store, text));
    }

    /// <summary>The experiment of that name in <c>--output</c>; null where there is none.</summary>
    private static FoundExperiment? Named(SettingValues values, string text) =>
        RunSettings.IsFolderName(text) && ResultsStore.At(values.Get(RunSettings.Output)) is { } store && store.Experiment(text).IsPlanned
            ? new FoundExperiment(store, text)
            : null;

    private static Result<FoundExperiment>? AtPath(string text)
    {
        if (text.Length == 0) return null;
        var path = Path.TrimEndingDirectorySeparator(Path.GetFullPath(text));
        if (!Path.Exists(Path.Combine(path, ExperimentFolder.PlanName))) return null;
        return ResultsStore.OpenExisting(Path.Combine(path, "..", ".."))
            .Map(store => new FoundExperiment(store, Path.GetFileName(path)));
    }

    private static Fault.BadSetting NotFound(ResultsStore store, string text)
    {
        var nearest = Names.Nearest(text, store.Experiments().Select(folder => Path.GetFileName(folder.Path)));
        return new Fault.BadSetting(
            "EXPERIMENT", text.Length > 0 ? text : "nothing", $"an experiment of {store.Root}, or the path of an experiment's folder",
            $"{(nearest is null ? "" : $"did you mean '{nearest}'? ")}{CommandText.Program} ls lists them");
    }

    /// <summary>What a command names that takes a results folder or an experiment of one.</summary>
    /// <param name="Experiment">Null for the whole folder.</param>
    public sealed record Target(ResultsStore Store, FoundExperiment? Experiment);

    /// <summary>
    /// The experiment of that name in <c>--output</c>, or the results folder or experiment at that path; without a text the results folder
    /// that <c>--output</c> names.
    /// </summary>
    public static Result<Target> ResultsOrExperiment(SettingValues values, string? text)
    {
        if (text is null) return Store(values).Map(store => new Target(store, null));
        if (text.Length > 0 && Named(values, text) is null && Path.Exists(Path.Combine(text, ResultsStore.FormatName)))
            return ResultsStore.OpenExisting(text).Map(store => new Target(store, null));
        return Experiment(values, text).Map(found => new Target(found.Store, found));
    }

    /// <summary>The finished training whose key a text is, or which it begins.</summary>
    public static Result<TrainingFolder> FinishedTraining(ResultsStore store, string text) =>
        Training(store, text).Bind<TrainingFolder>(key =>
        {
            var folder = store.Training(key);
            if (folder.IsDone) return folder;
            var kept = folder.ContinuesFrom is { } step ? $"it has been kept at step {step}" : "nothing of it has been kept yet";
            return new Fault.BadSetting("KEY", text, "a finished training", $"{kept}: run the command that trains it again");
        });

    /// <summary>The training whose key a text is, or which it begins.</summary>
    /// <param name="text">At least <see cref="FewestDigits"/> digits.</param>
    /// <param name="planned">Keys that plans name, where trainings count that have no folder yet.</param>
    public static Result<TrainingKey> Training(ResultsStore store, string text, IEnumerable<TrainingKey>? planned = null)
    {
        var digits = text.ToLowerInvariant();
        if (digits.Length is < FewestDigits or > Digest.Digits || !digits.All(char.IsAsciiHexDigitLower))
        {
            return new Fault.BadSetting(
                "KEY", text.Length > 0 ? text : "nothing",
                $"a training's key of {Digest.Digits} hex digits, or at least {FewestDigits} that it begins with",
                "they are the column run of table.csv, and the folders' names below runs");
        }
        ImmutableArray<string> keys = [
            .. store.Trainings().Select(folder => folder.Key).Where(TrainingKey.IsKey)
                .Concat((planned ?? []).Select(key => key.Value))
                .Where(key => key.StartsWith(digits, StringComparison.Ordinal)).Distinct(StringComparer.Ordinal)
                .Order(StringComparer.Ordinal)];
        return keys switch
        {
            [] => new Fault.BadSetting(
                "KEY", text, $"a training of {store.Root}", "see the column run of table.csv, or give another folder by --output"),
            [var only] => new TrainingKey(only),
            _ => new Fault.BadSetting(
                "KEY", text, "the beginning of one key",
                $"{keys.Length} begin with it: {string.Join(", ", keys.Take(MostListed))}{(keys.Length > MostListed ? ", …" : "")}"),
        };
    }
}
