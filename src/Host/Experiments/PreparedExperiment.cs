using System.Collections.Immutable;
using Bnn.Core;
using Bnn.Store;
using Host.Engines;
using Host.Plugins;

namespace Host.Experiments;

/// <summary>What a study asks for beside its trainings.</summary>
/// <param name="Name">The experiment's, unless it is given another one.</param>
public sealed record StudyRequest(string Name, ImmutableArray<AskedComparison> Comparisons);

/// <summary>
/// An experiment that is ready to run: settings resolved, engine open, data read, trainings planned. Nothing was written yet.
/// </summary>
public sealed record PreparedExperiment(Plan Plan, Dataset Data, ITrainingEngine Engine, PluginCatalog Plugins)
{
    public SettingValues Values => Plan.Settings.Values;

    /// <summary>Trainings at a time on the cores.</summary>
    public int Jobs => Values.Get(RunSettings.Jobs);

    /// <summary>Trainings at a time: those on the cores and those on a device.</summary>
    public int Threads => Jobs + Engine.BesideCores;

    /// <summary>Images of another data set to be measured beside; null where none are asked about.</summary>
    public SecondSet? Second { get; init; }

    /// <summary>The study that it is; null for another experiment.</summary>
    public StudyRequest? Study { get; init; }

    /// <summary>Name of the experiment's folder below results/experiments.</summary>
    public string Name => Values.Find(RunSettings.Name, out var name) ? name : Study?.Name ?? Plan.DefaultName;

    /// <param name="places">Where the included data is.</param>
    public static Result<PreparedExperiment> Create(ExperimentSettings settings, PluginCatalog plugins, Places places)
    {
        var values = settings.Values;
        return EngineRegistry.Of(values).Open(values).Bind(engine => Load(values, places).Bind(data => SecondOf(values, data).Bind(second =>
            Plan.Create(settings, DatasetFacts.Of(data), new EngineIdentity(engine.Name, engine.Numerics)).Bind<PreparedExperiment>(plan =>
                Faults(plan, data, engine) is { IsEmpty: false } faults
                    ? faults
                    : new PreparedExperiment(plan, data, engine, plugins) { Second = second.FirstOrDefault() }))));
    }

    /// <summary>What the engine can't train, and subsets of the images that nothing can be trained on.</summary>
    private static ImmutableArray<Fault> Faults(Plan plan, Dataset data, ITrainingEngine engine)
    {
        var faults = new List<Fault>();
        foreach (var values in plan.Settings.Arms.Select(arm => arm.Values))
        {
            var rule = values.Get(TrainingSettings.Pruned);
            if (rule == PrunedRule.Zero || engine.CanFreeze) continue;
            faults.Add(new Fault.BadRequest(
                $"{values.OriginOf(TrainingSettings.Pruned).Where} {rule.Name()} keeps pruned weights, which {engine.Name} can't",
                $"use {PrunedRule.Zero.Name()}, or another engine"));
        }
        foreach (var cell in plan.Trainings.Where(training => training.Kind.IsBayesian() && training.Cell.Images != Density.Dense)
            .DistinctBy(training => (training.Seed, training.Cell.Images, training.Cell.Validation, training.Cell.Batch)))
        {
            if (WhyNot(cell, data) is not { } reason) continue;
            faults.Add(plan.Settings.Values.Located(new Fault.BadSetting(
                TrainingSettings.BayesianImages.Name, $"{cell.Cell.Images}, which gives seed {cell.Seed} {reason}",
                "a share with a batch of images and every class")
            { Example = "0.1" }));
        }
        return [.. faults.DistinctBy(fault => fault.Describe())];
    }

    /// <summary>Why a net can't train on its share of the images; null if it can.</summary>
    private static string? WhyNot(Training training, Dataset data)
    {
        var cell = training.Cell;
        var images = Split.Create(training.Seed, data.Train.Count, cell.Validation).Train;
        var count = Subset.Count(cell.Images, images.Length);
        if (count < cell.Batch) return $"{count} images, fewer than the batch of {cell.Batch}";
        var subset = Subset.Of(training.Seed, images, cell.Images);
        var missing = images.Select(i => data.Train.Labels[i]).Except(subset.Select(i => data.Train.Labels[i])).ToList();
        return missing.Count > 0 ? $"no image of class {string.Join(", ", missing.Order())}" : null;
    }

    /// <summary>None, or one.</summary>
    private static Result<ImmutableArray<SecondSet>> SecondOf(SettingValues values, Dataset data)
    {
        if (!values.Find(RunSettings.SecondData, out var folder)) return ImmutableArray<SecondSet>.Empty;
        return RunSettings.WithOrigin(values, RunSettings.SecondData, IdxFolder.Load(folder)
            .Bind(other => SecondSet.Of(other, data)).Map<ImmutableArray<SecondSet>>(second => [second])
            .MapFaults(fault => fault is Fault.BadSetting bad ? bad with { Setting = RunSettings.SecondData.Name } : fault));
    }

    private static Result<Dataset> Load(SettingValues values, Places places) =>
        RunSettings.WithOrigin(values, RunSettings.Data, IdxFolder.Load(RunSettings.DataFolder(values, places)));
}
