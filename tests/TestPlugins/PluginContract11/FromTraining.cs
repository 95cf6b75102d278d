using Bnn.Contract;
using Bnn.Core;

namespace PluginContract11;

/// <summary>What the Bayesian net learned: σ/σ₀, or |μ − μ₀|.</summary>
[MaskStrategy("eleven-posterior", "how training changed the posterior", Keep.Highest, Needs = Needs.Posterior,
    Group = "contract 1.1", Formula = "−σ/σ₀ or |μ − μ₀|", Reference = "sigma-ratio; mean-shift of samples/")]
public sealed class FromPosterior : IMaskStrategy
{
    [StrategyParameter("of", "which change", Default = "sigma", Choices = "sigma,mean")]
    public string Of { get; set; } = "sigma";

    public void Score(in LayerView layer, Span<double> criterion)
    {
        for (var i = 0; i < criterion.Length; i++)
        {
            criterion[i] = Of == "sigma"
                ? -((double)layer.Sigma[i] / layer.InitialSigma[i])
                : Math.Abs((double)layer.Mu[i] - layer.InitialMu[i]);
        }
    }
}

/// <summary>How far training moved a weight of the dense net: the masks of movement.</summary>
[MaskStrategy("eleven-dense", "how far training moved the weight", Keep.Highest, Needs = Needs.DenseWeights)]
public sealed class FromDenseWeights : IMaskStrategy
{
    public void Score(in LayerView layer, Span<double> criterion)
    {
        for (var i = 0; i < criterion.Length; i++) criterion[i] = Math.Abs((double)layer.DenseFinal[i] - layer.DenseInitial[i]);
    }
}

/// <summary>|μ|/σ of one moment of the training: the masks of early-snr.</summary>
[MaskStrategy("eleven-snapshots", "|μ|/σ on the way", Keep.Highest, Needs = Needs.Snapshots)]
public sealed class FromSnapshots : IMaskStrategy
{
    [StrategyParameter("at", "tenths of the training", Default = "1", Least = 1, Most = 9)]
    public int At { get; set; } = 1;

    public void Score(in LayerView layer, Span<double> criterion)
    {
        var moments = layer.Snapshots;
        for (var k = 1; k < moments.Length; k++)
            if (moments[k].Step <= moments[k - 1].Step)
                throw new InvalidOperationException("snapshots are not in the order of their steps");
        var mu = moments[At - 1].Mu.Span;
        var sigma = moments[At - 1].Sigma.Span;
        for (var i = 0; i < criterion.Length; i++) criterion[i] = Math.Abs((double)mu[i]) / sigma[i];
    }
}
