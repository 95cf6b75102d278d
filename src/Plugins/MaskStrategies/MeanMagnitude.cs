using Bnn.Contract;
using Bnn.Core;

namespace MaskStrategies;

/// <summary>|μ| of the posterior.</summary>
[MaskStrategy("mean-magnitude", "|posterior mean|: magnitude pruning without training a dense net", Keep.Highest, Needs = Needs.Posterior,
    Group = "bayesian", Formula = "|μ|",
    Reference = "magnitude pruning (Frankle and Carbin 2018, arXiv:1803.03635) of the posterior means")]
public sealed class MeanMagnitude : IMaskStrategy
{
    public void Score(in LayerView layer, Span<double> criterion)
    {
        for (var i = 0; i < criterion.Length; i++) criterion[i] = Math.Abs(layer.Mu[i]);
    }
}
