using Bnn.Contract;

namespace UsesHelperTwo;

/// <summary>Asks version 2 of Helper, which lacks what version 1 has.</summary>
[MaskStrategy("helper-two", "a case of the tests", Keep.Highest)]
public sealed class Strategy : IMaskStrategy
{
    public void Score(in LayerView layer, Span<double> criterion)
    {
        for (var i = 0; i < criterion.Length; i++) criterion[i] = Helper.Order.Descending(i);
    }
}
