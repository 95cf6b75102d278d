using Bnn.Contract;

namespace TwinsInside;

/// <summary>One of two with one name.</summary>
[MaskStrategy("twin-inside", "the first", Keep.Highest)]
public sealed class First : IMaskStrategy
{
    public void Score(in LayerView layer, Span<double> criterion) => criterion.Fill(1);
}

/// <inheritdoc cref="First"/>
[MaskStrategy("twin-inside", "the second", Keep.Lowest)]
public sealed class Second : IMaskStrategy
{
    public void Score(in LayerView layer, Span<double> criterion) => criterion.Fill(1);
}
