using Bnn.Contract;
using Bnn.Core;

namespace MaskStrategies;

/// <summary>σ/σ₀: the share of its initial scale that training left to a weight. What it narrowed most stays.</summary>
/// <remarks>Like <see cref="Variance"/> after taking out what each weight's random start says.</remarks>
[MaskStrategy("sigma-ratio", "σ after training over σ before: the most narrowed weights stay", Keep.Lowest, Needs = Needs.Posterior,
    Group = "bayesian", Formula = "σ/σ₀", Reference = "this project: variance relative to its start")]
public sealed class SigmaRatio : IMaskStrategy
{
    public void Score(in LayerView layer, Span<double> criterion)
    {
        for (var i = 0; i < criterion.Length; i++) criterion[i] = (double)layer.Sigma[i] / layer.InitialSigma[i];
    }
}
