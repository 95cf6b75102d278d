using System.Diagnostics;
using Bnn.Core;
using Host.Plugins;

namespace Host.Experiments;

/// <summary>Finds the mask of a training: asks its strategy for scores and cuts the ranking where the recipe says.</summary>
public sealed class MaskMaker(Scoring scoring, StrategyInputs inputs)
{
    /// <summary>Masks of rounds that no net is trained for: each is found from the one before.</summary>
    private readonly BoundedCache<Digest, Mask> _untrained = new(most: 64);

    /// <summary>The mask, or what the strategy did wrong; none for a net without a mask.</summary>
    public Result<FoundMask> Of(Training training, CancellationToken stop) => training.Cell.Mask is { } recipe
        ? Of(training, recipe, stop).Bind(mask => inputs.SourcesOf(training).Map(sources => new FoundMask(mask, sources)))
        : FoundMask.None;

    private Result<Mask> Of(Training training, MaskRecipe recipe, CancellationToken stop)
    {
        var (net, strategy) = (training.Cell.Net, recipe.Strategy);
        var mask = recipe.Cut switch
        {
            Cut.AtRound cut => AtRound(training, strategy, cut, cut.Round, stop),
            Cut.CountsOf cut => Criterion(training, cut.Reference, null, stop)
                .Bind(reference => AtThreshold(net, reference, cut.Reference, cut.Value))
                .Bind(reference => WithCountsOf(reference)),
            Cut.CountsOfGlobal cut => Criterion(training, cut.Reference, null, stop)
                .Map(reference => MaskSelection.AtDensity(net, reference, cut.Reference.Keep, cut.Density, MaskScope.Global))
                .Bind(reference => WithCountsOf(reference)),
            var cut => Criterion(training, strategy, null, stop).Bind(criterion => AtOnce(net, criterion, strategy, cut)),
        };
        return recipe.Transform is { } transform ? mask.Map(found => inputs.Transformed(transform, training, found)) : mask;

        Result<Mask> WithCountsOf(Mask reference) => Criterion(training, strategy, null, stop).Map(criterion =>
            MaskSelection.WithCounts(net, criterion, strategy.Keep, [.. reference.Layers.Select(layer => layer.KeptCount)]));
    }

    private static Result<Mask> AtOnce(Architecture net, IReadOnlyList<double[]> criterion, StrategyInfo strategy, Cut cut) => cut switch
    {
        Cut.AtDensity at => MaskSelection.AtDensity(net, criterion, strategy.Keep, at.Density, at.Scope),
        Cut.AtThreshold at => AtThreshold(net, criterion, strategy, at.Value),
        Cut.CountsOfRound { Scope: MaskScope.Global } at => MaskSelection.WithTotal(
            net, criterion, strategy.Keep, Rounds.KeptCounts(net, at.Scope, at.PerRound, at.Round).Sum()),
        Cut.CountsOfRound at => MaskSelection.WithCounts(
            net, criterion, strategy.Keep, Rounds.KeptCounts(net, at.Scope, at.PerRound, at.Round)),
        _ => throw new UnreachableException(),
    };

    /// <summary>
    /// A round's mask, cut from that of the round before: a parent's, or, where no net is trained in between, one that is found here.
    /// </summary>
    private Result<Mask> AtRound(Training training, StrategyInfo strategy, Cut.AtRound cut, int round, CancellationToken stop)
    {
        var isOwn = round == cut.Round;
        return isOwn ? Find() : _untrained.Get(Evidence.RoundOf(training, strategy, cut with { Round = round }), Find);

        Result<Mask> Find() => Previous().Bind(previous => Criterion(training, strategy, previous.Mask, stop).Map(criterion =>
            MaskSelection.NextRound(training.Cell.Net, criterion, strategy.Keep, cut.Scope, cut.PerRound, previous.Mask)));

        Result<FoundMask> Previous()
        {
            if (round == 1) return FoundMask.None;
            return training.Parents.Any(parent => parent is Parent.MaskOf)
                ? inputs.PreviousMask(training).Map(mask => new FoundMask(mask, []))
                : AtRound(training, strategy, cut, round - 1, stop).Map(mask => new FoundMask(mask, []));
        }
    }

    private Result<IReadOnlyList<double[]>> Criterion(Training training, StrategyInfo strategy, Mask? previous, CancellationToken stop) =>
        scoring.Criterion(training, strategy, previous, () => inputs.Of(training, strategy.AllNeeds, previous), stop);

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
