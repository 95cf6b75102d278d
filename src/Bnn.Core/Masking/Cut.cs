using System.Diagnostics;

namespace Bnn.Core;

/// <summary>Where a ranking is cut.</summary>
public abstract record Cut
{
    private Cut() { }

    /// <summary>"0.05", "at 0.01", "as variance at 0.01": what follows the strategy in a ticket's label.</summary>
    public string Label => this switch
    {
        AtDensity cut => cut.Density.ToString(),
        AtThreshold cut => $"at {SettingText.Number(cut.Value)}",
        CountsOf cut => $"as {cut.Reference.Label} at {SettingText.Number(cut.Value)}",
        CountsOfGlobal cut => $"{cut.Density} as {cut.Reference.Label}",
        AtRound cut => $"round {SettingText.Whole(cut.Round)}",
        CountsOfRound cut => $"as round {SettingText.Whole(cut.Round)}",
        _ => throw new UnreachableException(),
    };

    /// <summary>The scope's name; "threshold" where a threshold cut.</summary>
    public string ScopeName => this switch
    {
        AtDensity cut => cut.Scope.Name(),
        CountsOfGlobal cut => ScopeChoice.CountsOfPrefix + cut.Reference.Label,
        AtRound cut => cut.Scope.Name(),
        CountsOfRound cut => cut.Scope.Name(),
        _ => ThresholdScope,
    };

    public const string ThresholdScope = "threshold";

    /// <summary>Whether all of it is pruned in one round, or round after round.</summary>
    public bool IsIterative => this is AtRound;

    /// <summary>The share of the kept weights that a round prunes; null where no round is named.</summary>
    public RoundRate? RoundRate => this switch
    {
        AtRound cut => cut.PerRound,
        CountsOfRound cut => cut.PerRound,
        _ => null,
    };

    /// <summary>The cut without scope and strategy: what tickets of several strategies have in common.</summary>
    public CutPoint Point => this switch
    {
        AtDensity cut => new CutPoint(cut.Density, null),
        AtThreshold cut => new CutPoint(null, cut.Value),
        CountsOf cut => new CutPoint(null, cut.Value),
        CountsOfGlobal cut => new CutPoint(cut.Density, null),
        AtRound cut => new CutPoint(null, null, cut.Round),
        CountsOfRound cut => new CutPoint(null, null, cut.Round),
        _ => throw new UnreachableException(),
    };

    /// <summary>An exact share of the weights.</summary>
    public sealed record AtDensity(Density Density, MaskScope Scope) : Cut;

    /// <summary>A value of the raw criterion, all layers alike.</summary>
    public sealed record AtThreshold(double Value) : Cut;

    /// <summary>As many weights per layer as <paramref name="Reference"/> keeps at its threshold.</summary>
    public sealed record CountsOf(StrategyInfo Reference, double Value) : Cut;

    /// <summary>As many weights per layer as <paramref name="Reference"/> keeps at a density under the scope global.</summary>
    public sealed record CountsOfGlobal(StrategyInfo Reference, Density Density) : Cut;

    /// <summary>
    /// What is left after so many rounds, each of which prunes a share of what the round before left and starts from its mask.
    /// </summary>
    /// <param name="Round">From 1.</param>
    public sealed record AtRound(int Round, RoundRate PerRound, MaskScope Scope) : Cut;

    /// <summary>
    /// As many weights, in each layer unless the scope is global, as <see cref="AtRound"/> leaves, pruned at once.
    /// </summary>
    /// <param name="Round">From 1.</param>
    public sealed record CountsOfRound(int Round, RoundRate PerRound, MaskScope Scope) : Cut;
}

/// <summary>Where tickets were cut: a share of the weights, a value of the asked strategy's criterion, or a round.</summary>
/// <param name="Target">The share asked for; null where something else was.</param>
/// <param name="Threshold">In units of the asked strategy's criterion; null where something else was asked for.</param>
/// <param name="Round">The round whose counts it has; null where something else was asked for.</param>
public sealed record CutPoint(Density? Target, double? Threshold, int? Round = null);
