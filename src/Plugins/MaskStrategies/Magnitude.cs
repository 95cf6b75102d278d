using Bnn.Contract;
using Bnn.Core;

namespace MaskStrategies;

/// <summary>|w| of the trained dense net: the criterion of the lottery-ticket papers.</summary>
/// <remarks>Frankle and Carbin 2018, arXiv:1803.03635. <see cref="LargeFinal"/> is the same under the name that Zhou et al. use.</remarks>
[MaskStrategy("magnitude", "|weight| of the trained dense net: the lottery-ticket baseline", Keep.Highest, Needs = Needs.DenseWeights,
    Group = "magnitude", Formula = "|w_f|", Reference = "Frankle and Carbin 2018, arXiv:1803.03635")]
public sealed class Magnitude : IMaskStrategy
{
    public void Score(in LayerView layer, Span<double> criterion)
    {
        for (var i = 0; i < criterion.Length; i++) criterion[i] = Math.Abs(layer.DenseFinal[i]);
    }
}
