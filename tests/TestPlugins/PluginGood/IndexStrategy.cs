using Bnn.Contract;
using Bnn.Core;

namespace PluginGood;

/// <summary>A weight's place: a mask whose every bit a test can foretell.</summary>
[MaskStrategy("index", "the weight's flat index: the first stay", Keep.Lowest)]
public sealed class IndexStrategy : IMaskStrategy
{
    public void Score(in LayerView layer, Span<double> criterion)
    {
        for (var i = 0; i < criterion.Length; i++) criterion[i] = i;
    }
}
