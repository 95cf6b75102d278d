using Bnn.Core;
using Bnn.Store;
using Host.Engines;
using Host.Plugins;

namespace Host.Experiments;

/// <summary>
/// An experiment that is ready to run: settings resolved, engine open, data read, trainings planned. Nothing was written yet.
/// </summary>
public sealed record PreparedExperiment(Plan Plan, Dataset Data, ITrainingEngine Engine, PluginCatalog Plugins)
{
    public SettingValues Values => Plan.Settings.Values;

    /// <summary>Trainings at a time.</summary>
    public int Jobs => Values.Get(RunSettings.Jobs);

    /// <summary>Name of the experiment's folder below results/experiments.</summary>
    public string Name => Values.Find(RunSettings.Name, out var name) ? name : Plan.DefaultName;

    /// <param name="places">Where the included data is.</param>
    public static Result<PreparedExperiment> Create(ExperimentSettings settings, PluginCatalog plugins, Places places)
    {
        var values = settings.Values;
        return EngineRegistry.Of(values).Open(values).Bind(engine => Load(values, places).Bind(data =>
            Plan.Create(settings, DatasetFacts.Of(data), new EngineIdentity(engine.Name, engine.Numerics))
                .Map(plan => new PreparedExperiment(plan, data, engine, plugins))));
    }

    private static Result<Dataset> Load(SettingValues values, Places places) =>
        RunSettings.WithOrigin(values, RunSettings.Data, IdxFolder.Load(RunSettings.DataFolder(values, places)));
}
