using Bnn.Contract;
using Bnn.Core;

namespace MaskStrategies;

/// <summary>|μ| + σ: an upper bound on the weight's likely size. Prunes a weight only if it is small with certainty.</summary>
[MaskStrategy("mean-plus-sigma", "|posterior mean| + σ: prunes weights that are certain to be small", Keep.Highest, Needs = Needs.Posterior,
    Group = "bayesian", Formula = "|μ| + σ", Reference = "this project: an upper confidence bound of |w|")]
public sealed class MeanPlusSigma : PosteriorCriterion
{
    protected override double Of(double mu, double sigma) => Math.Abs(mu) + sigma;
}
