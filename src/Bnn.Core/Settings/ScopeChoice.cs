namespace Bnn.Core;

/// <summary>Which weights compete with one another; or that a strategy's counts per layer under the scope global are everyone's.</summary>
/// <param name="Scope">Global where <paramref name="CountsOf"/> is given.</param>
/// <param name="CountsOf">The strategy that chooses how many weights each layer keeps; null for none.</param>
public sealed record ScopeChoice(MaskScope Scope, StrategyInfo? CountsOf = null)
{
    /// <summary>What the name of a choice by a strategy's counts begins with.</summary>
    public const string CountsOfPrefix = "counts-of:";

    public string Name => CountsOf is null ? Scope.Name() : CountsOfPrefix + CountsOf.Label;
}
