using Bnn.Contract;
using Bnn.Core;

namespace MaskStrategies;

/// <summary>|w| of the trained dense net: the lottery ticket's own criterion.</summary>
/// <remarks>Frankle and Carbin 2018, arXiv:1803.03635.</remarks>
[MaskStrategy("magnitude", "|weight| of the trained dense net: the lottery-ticket baseline", Keep.Highest, Needs = Needs.DenseWeights)]
public sealed class Magnitude : IMaskStrategy
{
    public void Score(in LayerView layer, Span<double> criterion)
    {
        for (var i = 0; i < criterion.Length; i++) criterion[i] = Math.Abs(layer.DenseFinal[i]);
    }
}
