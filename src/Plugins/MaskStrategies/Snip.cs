using Bnn.Contract;
using Bnn.Core;

namespace MaskStrategies;

/// <summary>|g·w| at the start: to first order, the change of the loss when the weight is removed.</summary>
/// <remarks>
/// Lee et al. 2019, arXiv:1810.02340. They take the gradient on one batch and normalise by the sum; here the gradient is over all training
/// images, and the normalisation, which doesn't affect the ranking, is omitted.
/// </remarks>
[MaskStrategy("snip", "|gradient · weight| at the start: first-order effect of removing the weight", Keep.Highest, Needs = Needs.Gradients,
    Group = "gradient", Formula = "|g·w₀|", Reference = "SNIP, Lee et al. 2019, arXiv:1810.02340")]
public sealed class Snip : IMaskStrategy
{
    public void Score(in LayerView layer, Span<double> criterion)
    {
        for (var i = 0; i < criterion.Length; i++) criterion[i] = Math.Abs((double)layer.Gradient[i] * layer.Start[i]);
    }
}
