using Bnn.Contract;

namespace CtorThrows;

/// <summary>Its constructor throws.</summary>
[MaskStrategy("ctor-throws", "a case of the tests", Keep.Highest)]
public sealed class Strategy : IMaskStrategy
{
    public Strategy()
    {
        throw new InvalidOperationException("not today");
    }

    public void Score(in LayerView layer, Span<double> criterion) => criterion.Fill(layer.Index);
}
