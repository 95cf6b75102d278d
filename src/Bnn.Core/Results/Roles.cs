using System.Collections.Immutable;

namespace Bnn.Core;

/// <summary>The role of each strategy in an experiment, by label: reports use this, never a strategy's name.</summary>
/// <param name="Asked">Those that are being assessed.</param>
/// <param name="Baselines">Those that the others are compared with, the most important first.</param>
/// <param name="Controls">Those that show what an uninformed mask achieves.</param>
/// <param name="Featured">Those that sentences mention even among many.</param>
public sealed record Roles(
    ImmutableArray<string> Asked, ImmutableArray<string> Baselines, ImmutableArray<string> Controls, ImmutableArray<string> Featured)
{
    /// <summary>The heading under which control strategies are listed.</summary>
    public const string ControlGroup = "control";

    /// <summary>
    /// Baselines and controls are the strategies compared with, and those asked-for strategies that are compared with by default. A
    /// strategy's group says which of the two it is.
    /// </summary>
    public static Roles Of(ExperimentSettings settings)
    {
        var usual = Parse.Items(TrainingSettings.Compare.Default!);
        ImmutableArray<StrategyInfo> references = [
            .. settings.Arms.SelectMany(arm => arm.Values.Get(TrainingSettings.Compare)).Distinct(),
            .. settings.Strategies.Where(strategy => usual.Contains(strategy.Name))];
        var isAll = settings.Arms.Any(arm =>
            Parse.Items(arm.Values.Text(TrainingSettings.Strategy) ?? "").Contains(TrainingSettings.Every));
        ImmutableArray<string> asked = [.. settings.Strategies.Select(strategy => strategy.Label)];
        return new Roles(
            asked,
            Labels(references.Where(strategy => strategy.Group != ControlGroup)),
            Labels(references.Where(strategy => strategy.Group == ControlGroup)),
            isAll ? [.. Parse.Items(TrainingSettings.FeaturedOfAll).Where(asked.Contains)] : asked);
    }

    /// <summary>Baselines, then controls.</summary>
    public ImmutableArray<string> References => [.. Baselines, .. Controls];

    private static ImmutableArray<string> Labels(IEnumerable<StrategyInfo> strategies) =>
        [.. strategies.Select(strategy => strategy.Label).Distinct(StringComparer.Ordinal)];
}
