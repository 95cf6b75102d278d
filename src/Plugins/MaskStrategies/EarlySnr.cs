using Bnn.Contract;
using Bnn.Core;

namespace MaskStrategies;

/// <summary>|μ|/σ of the posterior early in its training: how early can the ticket be found?</summary>
/// <remarks>
/// You et al. 2020, arXiv:1909.11957, found that masks settle early in training; they used the scales of batch normalisation.
/// </remarks>
[MaskStrategy("early-snr", "signal-to-noise ratio |μ|/σ partway through the Bayesian training", Keep.Highest, Needs = Needs.Snapshots,
    Group = "bayesian", Formula = "|μ_t|/σ_t",
    Reference = "after You et al. 2020, arXiv:1909.11957; Blundell et al. 2015, arXiv:1505.05424")]
public sealed class EarlySnr : IMaskStrategy
{
    [StrategyParameter("at", "when to look, in tenths of the training", Default = "1", Least = 1, Most = 9)]
    public int At { get; set; } = 1;

    public void Score(in LayerView layer, Span<double> criterion)
    {
        var mu = layer.Snapshots[At - 1].Mu.Span;
        var sigma = layer.Snapshots[At - 1].Sigma.Span;
        for (var i = 0; i < criterion.Length; i++) criterion[i] = Math.Abs((double)mu[i]) / sigma[i];
    }
}
