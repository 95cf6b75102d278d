using Bnn.Contract;

namespace UsesHelperLate;

/// <summary>Asks version 1 of Helper when it scores.</summary>
[MaskStrategy("helper-late", "a case of the tests", Keep.Highest)]
public sealed class Strategy : IMaskStrategy
{
    public void Score(in LayerView layer, Span<double> criterion)
    {
        for (var i = 0; i < criterion.Length; i++) criterion[i] = Helper.Order.Ascending(i);
    }
}
