using System.Diagnostics;
using Bnn.Core;
using Host.Plugins;

namespace Host.Experiments;

/// <summary>Finds the mask of a training: asks its strategy for scores and cuts the ranking where the recipe says.</summary>
public sealed class MaskMaker(Scoring scoring, StrategyInputs inputs)
{
    /// <summary>The mask, or what the strategy did wrong; none for a net without a mask.</summary>
    public Result<FoundMask> Of(Training training, CancellationToken stop) => training.Cell.Mask is { } recipe
        ? Of(training, recipe, stop).Bind(mask => inputs.SourcesOf(training).Map(sources => new FoundMask(mask, sources)))
        : FoundMask.None;

    private Result<Mask> Of(Training training, MaskRecipe recipe, CancellationToken stop)
    {
        var (net, strategy) = (training.Cell.Net, recipe.Strategy);
        return Criterion(training, strategy, stop).Bind<Mask>(criterion => recipe.Cut switch
        {
            Cut.AtDensity cut => MaskSelection.AtDensity(net, criterion, strategy.Keep, cut.Density, cut.Scope),
            Cut.AtThreshold cut => AtThreshold(net, criterion, strategy, cut.Value),
            Cut.CountsOf cut => Criterion(training, cut.Reference, stop)
                .Bind(reference => AtThreshold(net, reference, cut.Reference, cut.Value))
                .Map(mask => MaskSelection.WithCounts(net, criterion, strategy.Keep, [.. mask.Layers.Select(layer => layer.KeptCount)])),
            _ => throw new UnreachableException(),
        });
    }

    private Result<IReadOnlyList<double[]>> Criterion(Training training, StrategyInfo strategy, CancellationToken stop) =>
        scoring.Criterion(training, strategy, () => inputs.Of(training, strategy.AllNeeds), stop);

    private static Result<Mask> AtThreshold(Architecture net, IReadOnlyList<double[]> criterion, StrategyInfo strategy, double value)
    {
        var mask = MaskSelection.AtThreshold(net, criterion, strategy.Keep, value);
        if (mask.KeptCount > 0) return mask;
        var (low, high) = (criterion.Min(layer => layer.Min()), criterion.Max(layer => layer.Max()));
        return new Fault.BadSetting(
            TrainingSettings.Threshold.Name, $"{value:R}, which keeps no weight",
            $"a value that keeps some: {strategy.Label} runs from {low:R} to {high:R} here", "choose one between");
    }
}
