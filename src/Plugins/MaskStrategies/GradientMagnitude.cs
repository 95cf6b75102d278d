using Bnn.Contract;
using Bnn.Core;

namespace MaskStrategies;

/// <summary>|g| at the start: keeps the weights that the loss is most sensitive to.</summary>
/// <remarks><see cref="Snip"/> without the weight. Evci et al. 2020, arXiv:1911.11134, use it to choose which weights to grow.</remarks>
[MaskStrategy("gradient-magnitude", "|gradient| at the start", Keep.Highest, Needs = Needs.Gradients,
    Group = "gradient", Formula = "|g|", Reference = "as a criterion for growing weights: Evci et al. 2020, arXiv:1911.11134")]
public sealed class GradientMagnitude : IMaskStrategy
{
    public void Score(in LayerView layer, Span<double> criterion)
    {
        for (var i = 0; i < criterion.Length; i++) criterion[i] = Math.Abs((double)layer.Gradient[i]);
    }
}
