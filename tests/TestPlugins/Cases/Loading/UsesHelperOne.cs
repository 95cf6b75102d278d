using Bnn.Contract;

namespace UsesHelperOne;

/// <summary>Asks version 1 of Helper when it is made.</summary>
[MaskStrategy("helper-one", "a case of the tests", Keep.Highest)]
public sealed class Strategy : IMaskStrategy
{
    public Strategy()
    {
        _ = Helper.Order.Ascending(1);
    }

    public void Score(in LayerView layer, Span<double> criterion) => criterion.Fill(layer.Index);
}
