using Bnn.Contract;

namespace Rounds;

/// <summary>The previous round's mask as it is given.</summary>
[MaskStrategy("rounds", "what the previous round kept", Keep.Highest)]
public sealed class Strategy : IMaskStrategy
{
    public void Score(in LayerView layer, Span<double> criterion)
    {
        for (var i = 0; i < criterion.Length; i++) criterion[i] = layer.Kept[i];
    }
}
