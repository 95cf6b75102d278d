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
        _ => throw new UnreachableException(),
    };

    /// <summary>The scope's name; "threshold" where a threshold cut.</summary>
    public string ScopeName => this is AtDensity cut ? cut.Scope.Name() : ThresholdScope;

    public const string ThresholdScope = "threshold";

    /// <summary>The cut without scope and strategy: what tickets of several strategies have in common.</summary>
    public CutPoint Point => this switch
    {
        AtDensity cut => new CutPoint(cut.Density, null),
        AtThreshold cut => new CutPoint(null, cut.Value),
        CountsOf cut => new CutPoint(null, cut.Value),
        _ => throw new UnreachableException(),
    };

    /// <summary>An exact share of the weights.</summary>
    public sealed record AtDensity(Density Density, MaskScope Scope) : Cut;

    /// <summary>A value of the raw criterion, all layers alike.</summary>
    public sealed record AtThreshold(double Value) : Cut;

    /// <summary>As many weights per layer as <paramref name="Reference"/> keeps at its threshold.</summary>
    public sealed record CountsOf(StrategyInfo Reference, double Value) : Cut;
}

/// <summary>Where tickets were cut: a share of the weights, or a value of the asked strategy's criterion.</summary>
/// <param name="Target">The share asked for; null where a threshold cut.</param>
/// <param name="Threshold">In units of the asked strategy's criterion; null where a density was asked for.</param>
public sealed record CutPoint(Density? Target, double? Threshold);
