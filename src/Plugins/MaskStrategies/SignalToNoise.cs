using Bnn.Contract;
using Bnn.Core;

namespace MaskStrategies;

/// <summary>|μ|/σ: how many standard deviations a weight's mean lies from 0.</summary>
/// <remarks>Graves 2011; Blundell et al. 2015, arXiv:1505.05424.</remarks>
[MaskStrategy("snr", "signal-to-noise ratio |μ|/σ of the posterior", Keep.Highest, Needs = Needs.Posterior,
    Group = "bayesian", Formula = "|μ|/σ", Reference = "Graves 2011; Blundell et al. 2015, arXiv:1505.05424")]
public sealed class SignalToNoise : IMaskStrategy
{
    public void Score(in LayerView layer, Span<double> criterion)
    {
        for (var i = 0; i < criterion.Length; i++) criterion[i] = Math.Abs((double)layer.Mu[i]) / layer.Sigma[i];
    }
}
