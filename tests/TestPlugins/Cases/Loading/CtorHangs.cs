using Bnn.Contract;

namespace CtorHangs;

/// <summary>Its constructor does not return.</summary>
[MaskStrategy("ctor-hangs", "a case of the tests", Keep.Highest)]
public sealed class Strategy : IMaskStrategy
{
    public Strategy()
    {
        Thread.Sleep(Timeout.Infinite);
    }

    public void Score(in LayerView layer, Span<double> criterion) => criterion.Fill(layer.Index);
}
