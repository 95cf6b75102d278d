using System.Collections.Immutable;
using System.Globalization;
using Bnn.Core;

namespace Host.Commands;

/// <summary>Every resolved setting by its flag's name, for --print-config and the report.</summary>
public static class SettingsText
{
    public static ImmutableArray<NamedValue> Of(Plan plan)
    {
        var settings = plan.Settings;
        return [
            new("strategy", Join(settings.Strategies.Select(strategy => strategy.Label))),
            new("compare", settings.Compared.IsEmpty ? "none" : Join(settings.Compared.Select(strategy => strategy.Label))),
            settings.Thresholds.IsEmpty
                ? new("density", Join(settings.Densities.Select(density => density.ToString())))
                : new("threshold", Join(settings.Thresholds.Select(Number))),
            new("scope", settings.Thresholds.IsEmpty ? RunConfig.ScopeName(settings.Scope) : "all layers at the threshold"),
            new("layers", plan.Net.ToString()),
            new("steps", Whole(settings.Steps)),
            new("bayesian-steps", Whole(settings.BayesianSteps)),
            new("batch", Whole(settings.Batch)),
            new("optimizer", settings.Optimizer switch
            {
                Optimizer.Adam adam => $"adam (beta1 {Number(adam.Beta1)}, beta2 {Number(adam.Beta2)}, epsilon {Number(adam.Epsilon)})",
                _ => "sgd",
            }),
            new("lr", Number(settings.Optimizer.LearningRate)),
            new("seeds", Join(settings.Seeds.Select(seed => seed.ToString()))),
            new("validation", Whole(settings.Validation)),
            new("eval-every", Whole(settings.EvalEvery)),
            new("kl-weight", Number(settings.KlWeight)),
            new("prior-scale", Number(settings.PriorScale)),
            new("engine", $"{plan.Trainings[0].Shared.Engine}, numerics {Whole(plan.Trainings[0].Shared.Numerics)}"),
        ];
    }

    private static string Join(IEnumerable<string> items) => string.Join(',', items);

    private static string Number(double value) => value.ToString("R", CultureInfo.InvariantCulture);

    private static string Whole(int value) => value.ToString(CultureInfo.InvariantCulture);
}
