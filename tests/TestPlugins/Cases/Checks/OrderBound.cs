using Bnn.Contract;

namespace OrderBound;

/// <summary>Its scores depend on which layer came first.</summary>
[MaskStrategy("order-bound", "a case of the tests", Keep.Highest)]
public sealed class Strategy : IMaskStrategy
{
    private double _calls;

    public void Score(in LayerView layer, Span<double> criterion) => criterion.Fill(_calls++);
}
