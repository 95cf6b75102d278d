using Bnn.Contract;
using Bnn.Core;

namespace MaskStrategies;

/// <summary>|μ|/σ: the distance of a weight's mean from 0 in standard deviations.</summary>
/// <remarks>Graves 2011; Blundell et al. 2015, arXiv:1505.05424.</remarks>
[MaskStrategy("snr", "signal-to-noise ratio |μ|/σ of the posterior", Keep.Highest, Needs = Needs.Posterior,
    Group = "bayesian", Formula = "|μ|/σ", Reference = "Graves 2011; Blundell et al. 2015, arXiv:1505.05424")]
public sealed class Snr : IMaskStrategy
{
    public void Score(in LayerView layer, Span<double> criterion)
    {
        for (var i = 0; i < criterion.Length; i++) criterion[i] = Math.Abs((double)layer.Mu[i]) / layer.Sigma[i];
    }
}
