using System.Collections.Immutable;

namespace Bnn.Core;

/// <summary>What a strategy's parameter may be.</summary>
public enum ParameterKind
{
    Number,
    Whole,
    Flag,
    Choice,

    /// <summary>The name of another strategy, whose criterion it is given.</summary>
    Strategy,
}

/// <summary>A parameter that a strategy declares: <c>--strategy name:parameter=value</c>.</summary>
/// <param name="Default">As it would be typed.</param>
/// <param name="Choices">For a choice: what it may be.</param>
public sealed record StrategyParameter(string Name, ParameterKind Kind, string Description, string Default, double Least, double Most, ImmutableArray<string> Choices);
