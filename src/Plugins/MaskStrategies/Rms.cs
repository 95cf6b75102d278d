using Bnn.Contract;
using Bnn.Core;

namespace MaskStrategies;

/// <summary>√(μ² + σ²) = √E[w²]: the root mean square of a weight drawn from the posterior.</summary>
[MaskStrategy("rms", "root mean square of the weight under the posterior: keeps large or uncertain weights", Keep.Highest,
    Needs = Needs.Posterior,
    Group = "bayesian", Formula = "√(μ² + σ²)", Reference = "this project: expected magnitude, √E[w²]")]
public sealed class Rms : PosteriorCriterion
{
    protected override double Of(double mu, double sigma) => Math.Sqrt(mu * mu + sigma * sigma);
}
