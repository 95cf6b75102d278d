using System.Collections.Immutable;
using Bnn.Core;
using Host.Plugins;

namespace Host.Experiments;

/// <summary>Makes an experiment ready to run again from what its plan.json says, and not from a command line or a study's file.</summary>
public static class Replanning
{
    /// <summary>
    /// An experiment from its plan's settings. What its trainings are made from may be another here: <see cref="Same"/> tells.
    /// </summary>
    /// <param name="instead">Settings that take the place of the plan's in every arm, by name.</param>
    public static Result<PreparedExperiment> Of(
        ExperimentRecord experiment, PluginCatalog plugins, Places places, IReadOnlyDictionary<string, Given> instead)
    {
        var arms = experiment.GivenArms.Select(arm =>
        {
            var given = arm.Given.ToDictionary(
                setting => setting.Name, setting => new Given(setting.Value, Origin.Named(setting.Name)), StringComparer.Ordinal);
            foreach (var (name, other) in instead) given[name] = other;
            return new GivenArm(arm.Name, given);
        }).ToList();
        return ExperimentSettings.Create(RunSettings.Table, arms, Origin.Named, plugins.Infos)
            .Bind(settings => PreparedExperiment.Create(settings, plugins, places));
    }

    /// <summary>The same, as long as it gives the very trainings that the plan names; faults that say what is another here.</summary>
    /// <param name="path">The plan's file, for messages.</param>
    public static Result<PreparedExperiment> Same(
        string path, ExperimentRecord experiment, PluginCatalog plugins, Places places, IReadOnlyDictionary<string, Given> instead)
    {
        if (!experiment.HasItsSettings || experiment.Given.IsDefault || experiment.Command.Contains('\n', StringComparison.Ordinal))
        {
            return new Fault.BadRequest(
                $"{path} doesn't hold the settings of its trainings", $"run the command that made it: {experiment.Command}");
        }
        if (Changed(path, experiment, plugins) is { IsEmpty: false } changed) return changed;
        return Of(experiment, plugins, places, instead).Bind<PreparedExperiment>(prepared =>
            prepared.Plan.Key == experiment.PlanKey ? prepared : WhyAnother(path, experiment, prepared));
    }

    /// <summary>Plugins that are here and have another content than when the plan was made.</summary>
    private static ImmutableArray<Fault> Changed(string path, ExperimentRecord experiment, PluginCatalog plugins) => [
        .. from before in experiment.Strategies
           let now = plugins.Infos.FirstOrDefault(info => info.Name == before.Name)
           where now is not null && now.PluginSha256 != before.PluginSha256
           group before.Name by (before.Plugin, Before: before.PluginSha256, Now: now.PluginSha256) into plugin
           select new Fault.PluginRejected(
               plugin.Key.Plugin,
               $"SHA-256 {plugin.Key.Now} isn't {plugin.Key.Before}, with which {path} was made "
                   + $"(of {string.Join(", ", plugin.Distinct(StringComparer.Ordinal))})",
               "put the plugin back, or repeat the command that made the plan: with the plugin as it is now it makes another one")];

    private static Fault WhyAnother(string path, ExperimentRecord experiment, PreparedExperiment prepared)
    {
        const string Repeat = "use the host and the data that it was made with, or repeat the command that made it";
        if (prepared.Plan.Basis.Data != experiment.Data)
        {
            return new Fault.BadRequest(
                $"the images are others than those that {path} was made with (training images SHA-256 "
                    + $"{prepared.Plan.Basis.Data.TrainImages} here, {experiment.Data.TrainImages} then)", Repeat);
        }
        var then = experiment.Settings.ToDictionary(setting => setting.Name, setting => setting.Value, StringComparer.Ordinal);
        var other = ExperimentRecord.SettingsOf(prepared.Plan)
            .FirstOrDefault(now => then.GetValueOrDefault(now.Name) is { } before && before != now.Value);
        return other is null
            ? new Fault.BadRequest($"this host makes another plan of the settings in {path}", Repeat)
            : new Fault.BadRequest($"{other.Name} is {other.Value} here, and was {then[other.Name]} when {path} was made", Repeat);
    }
}
