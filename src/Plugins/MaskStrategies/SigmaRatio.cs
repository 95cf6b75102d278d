using Bnn.Contract;
using Bnn.Core;

namespace MaskStrategies;

/// <summary>
/// σ/σ₀: the fraction of its initial scale that a weight has after training. Keeps the weights that training narrowed most.
/// </summary>
/// <remarks>Like <see cref="Variance"/>, with the random initial scale of each weight divided out.</remarks>
[MaskStrategy("sigma-ratio", "σ after training over σ before: keeps the most narrowed weights", Keep.Lowest, Needs = Needs.Posterior,
    Group = "bayesian", Formula = "σ/σ₀", Reference = "this project: variance relative to its start")]
public sealed class SigmaRatio : IMaskStrategy
{
    public void Score(in LayerView layer, Span<double> criterion)
    {
        for (var i = 0; i < criterion.Length; i++) criterion[i] = (double)layer.Sigma[i] / layer.InitialSigma[i];
    }
}
