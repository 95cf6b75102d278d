using Bnn.Core;
using Bnn.Store;
using Host.Experiments;

namespace Host.Commands;

/// <summary>An experiment that a command was given, by its name or its folder.</summary>
/// <param name="Store">The results folder that it lies in.</param>
public sealed record StoredExperiment(ResultsStore Store, string Name)
{
    /// <param name="given">The text that was given; null where none was.</param>
    /// <param name="values">The settings, with the results folder in which names are looked up.</param>
    public static Result<StoredExperiment> Find(string? given, SettingValues values)
    {
        if (string.IsNullOrEmpty(given))
            return new Fault.BadRequest("no experiment is given", $"give its name or its folder; {CommandText.Program} ls lists them");
        var asFolder = Path.TrimEndingDirectorySeparator(Path.GetFullPath(given));
        if (File.Exists(Path.Combine(asFolder, ExperimentFolder.PlanName)))
        {
            return ResultsStore.OpenExisting(Path.GetFullPath(Path.Combine(asFolder, "..", "..")))
                .Map(store => new StoredExperiment(store, Path.GetFileName(asFolder)));
        }
        var opened = ResultsStore.OpenExisting(values.Get(RunSettings.Output));
        return RunSettings.WithOrigin(values, RunSettings.Output, opened).Bind<StoredExperiment>(store =>
            RunSettings.IsFolderName(given) && File.Exists(store.Experiment(given).In(ExperimentFolder.PlanName))
                ? new StoredExperiment(store, given)
                : new Fault.UnknownName(
                    "experiment", given, [.. store.Experiments().Select(folder => folder.Name).Order(StringComparer.Ordinal)]));
    }

    /// <summary>Its plan, checked.</summary>
    public Result<ExperimentRecord> ReadPlan() => Store.Experiment(Name).ReadPlan().Map(plan => plan.Experiment);

}
