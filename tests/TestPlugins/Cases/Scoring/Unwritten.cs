using Bnn.Contract;

namespace Unwritten;

/// <summary>Leaves weight 3 of layer 2 as it was.</summary>
[MaskStrategy("unwritten", "a case of the tests", Keep.Highest)]
public sealed class Strategy : IMaskStrategy
{
    public void Score(in LayerView layer, Span<double> criterion)
    {
        for (var i = 0; i < criterion.Length; i++)
            if (layer.Index != 1 || i != 3) criterion[i] = i;
    }
}
