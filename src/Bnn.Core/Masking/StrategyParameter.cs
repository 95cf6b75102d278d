using System.Collections.Immutable;

namespace Bnn.Core;

/// <summary>What kind of value a strategy's parameter takes.</summary>
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
/// <param name="Choices">For a choice: the allowed values.</param>
public sealed record StrategyParameter(
    string Name, ParameterKind Kind, string Description, string Default, double Least, double Most, ImmutableArray<string> Choices);
