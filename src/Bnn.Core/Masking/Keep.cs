namespace Bnn.Core;

/// <summary>Whether a strategy's highest or lowest criterion stays.</summary>
public enum Keep
{
    Highest,
    Lowest,
}
