using Bnn.Contract;

namespace CtorExits;

/// <summary>Its constructor ends the process.</summary>
[MaskStrategy("ctor-exits", "a case of the tests", Keep.Highest)]
public sealed class Strategy : IMaskStrategy
{
    public Strategy()
    {
        Environment.Exit(3);
    }

    public void Score(in LayerView layer, Span<double> criterion) => criterion.Fill(layer.Index);
}
