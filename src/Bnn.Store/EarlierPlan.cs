using System.Collections.Immutable;
using System.Text.Json;
using Bnn.Core;

namespace Bnn.Store;

/// <summary>
/// Reads a plan.json written before cells had names: one network, one set of settings and one posterior per seed, so that kind,
/// strategy and cut tell its cells apart.
/// </summary>
internal static class EarlierPlan
{
    public static ExperimentRecord? Read(JsonDocument json, JsonSerializerOptions options)
    {
        var content = json.Deserialize<Content>(options);
        if (content is not { PlanKey: not null, Net: not null, Data: not null }) return null;
        if (content.Trainings.IsDefault || content.Asked.IsDefault || content.Strategies.IsDefault) return null;
        var usual = Parse.Items(TrainingSettings.Compare.Default!);
        var compared = content.Strategies
            .Where(strategy => usual.Contains(strategy.Name) || !content.Asked.Contains(strategy.Label))
            .ToList();
        var roles = new Roles(
            content.Asked,
            [.. compared.Where(strategy => strategy.Group != Roles.ControlGroup).Select(strategy => strategy.Label)],
            [.. compared.Where(strategy => strategy.Group == Roles.ControlGroup).Select(strategy => strategy.Label)],
            content.Asked);
        return new ExperimentRecord(
            new Digest(content.PlanKey), content.Command, [], content.Net, content.Data, content.Settings, roles, content.Strategies,
            [.. content.Trainings.Select(training => training.ToPlanned(content.Settings, content.Net))]);
    }

    private sealed record Content(
        string PlanKey,
        string Command,
        Architecture Net,
        DataHashes Data,
        ImmutableArray<NamedValue> Settings,
        ImmutableArray<string> Asked,
        ImmutableArray<StrategyInfo> Strategies,
        ImmutableArray<TrainingContent> Trainings);

    private sealed record TrainingContent(
        string Key,
        TrainingKind Kind,
        string Label,
        ulong Seed,
        int Steps,
        string? Strategy,
        string? Scope,
        Density? TargetDensity,
        double? Threshold)
    {
        /// <summary>
        /// The training with the experiment's settings as its cell's. Some kinds of net don't have all of them, which doesn't matter:
        /// every cell has the same ones.
        /// </summary>
        public PlannedTraining ToPlanned(ImmutableArray<NamedValue> settings, Architecture net)
        {
            ImmutableArray<NamedValue> factors = [
                new(Factor.Kind, Kind.Name()),
                .. Strategy is null ? (NamedValue[])[] : [new(Factor.Strategy, Strategy), new(Factor.Scope, Scope ?? "")],
                .. settings.Where(IsOfEveryCell),
                new("layers", net.ToString())];
            var id = Digest.Of(string.Join('\n', [Label, .. factors.Select(factor => $"{factor.Name} {factor.Value}")]));
            var cut = TargetDensity is null && Threshold is null ? null : new CutPoint(TargetDensity, Threshold);
            var cell = new PlannedCell(id, Kind, net, Label, Steps, Strategy, Scope, cut, factors);
            return new PlannedTraining(new TrainingKey(Key), new Seed(Seed), cell);
        }

        private static bool IsOfEveryCell(NamedValue setting) =>
            setting.Name is not ("strategy" or "compare" or "density" or "threshold" or "scope" or "seeds" or "layers");
    }
}
