using System.Collections.Immutable;

namespace Bnn.Core;

/// <summary>What part each strategy plays in an experiment, by label: reports ask this, never a strategy's name.</summary>
/// <param name="Asked">Those whose worth is the question.</param>
/// <param name="Baselines">Those that the others are compared with, the first foremost.</param>
/// <param name="Controls">Those that show what a mask gives that knows nothing.</param>
/// <param name="Featured">Those that sentences mention even among many.</param>
public sealed record Roles(
    ImmutableArray<string> Asked, ImmutableArray<string> Baselines, ImmutableArray<string> Controls, ImmutableArray<string> Featured)
{
    /// <summary>The heading under which control strategies are listed.</summary>
    public const string ControlGroup = "control";

    /// <summary>
    /// Baselines and controls are the strategies compared with, and of the strategies asked for those that are compared with by default. Which of the two
    /// a strategy is, its group says.
    /// </summary>
    public static Roles Of(ExperimentSettings settings)
    {
        var usual = Parse.Items(TrainingSettings.Compare.Default!);
        ImmutableArray<StrategyInfo> references = [
            .. settings.Values.Get(TrainingSettings.Compare), .. settings.Strategies.Where(strategy => usual.Contains(strategy.Name))];
        var isAll = Parse.Items(settings.Values.Text(TrainingSettings.Strategy) ?? "").Contains(TrainingSettings.Every);
        ImmutableArray<string> asked = [.. settings.Strategies.Select(strategy => strategy.Label)];
        return new Roles(
            asked,
            [.. references.Where(strategy => strategy.Group != ControlGroup).Select(strategy => strategy.Label).Distinct(StringComparer.Ordinal)],
            [.. references.Where(strategy => strategy.Group == ControlGroup).Select(strategy => strategy.Label).Distinct(StringComparer.Ordinal)],
            isAll ? [.. Parse.Items(TrainingSettings.FeaturedOfAll).Where(asked.Contains)] : asked);
    }

    /// <summary>Baselines, then controls.</summary>
    public ImmutableArray<string> References => [.. Baselines, .. Controls];
}
