using Bnn.Contract;
using Bnn.Core;

namespace MaskStrategies;

/// <summary>|μ| + σ: how large the weight may well be. A weight goes only if it is small and known to be.</summary>
[MaskStrategy("mean-plus-sigma", "|posterior mean| + σ: only what is surely small goes", Keep.Highest, Needs = Needs.Posterior,
    Group = "bayesian", Formula = "|μ| + σ", Reference = "this project: an upper confidence bound of |w|")]
public sealed class MeanPlusSigma : PosteriorCriterion
{
    protected override double Of(double mu, double sigma) => Math.Abs(mu) + sigma;
}
