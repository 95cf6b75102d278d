using Bnn.Contract;
using Bnn.Core;

namespace MaskStrategies;

/// <summary>|g| at the start: which weights the loss pulls at most.</summary>
/// <remarks>What is left of <see cref="Snip"/> without the weight; as a criterion for growing weights: Evci et al. 2020, arXiv:1911.11134.</remarks>
[MaskStrategy("gradient-magnitude", "|gradient| at the start", Keep.Highest, Needs = Needs.Gradients,
    Group = "gradient", Formula = "|g|", Reference = "as a criterion for growth: Evci et al. 2020, arXiv:1911.11134")]
public sealed class GradientMagnitude : IMaskStrategy
{
    public void Score(in LayerView layer, Span<double> criterion)
    {
        for (var i = 0; i < criterion.Length; i++) criterion[i] = Math.Abs((double)layer.Gradient[i]);
    }
}
