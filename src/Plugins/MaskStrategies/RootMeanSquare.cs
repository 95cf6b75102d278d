using Bnn.Contract;
using Bnn.Core;

namespace MaskStrategies;

/// <summary>√(μ² + σ²) = √E[w²]: the magnitude to expect of a weight drawn from the posterior.</summary>
[MaskStrategy("rms", "root mean square of the posterior's weight: large in mean or in doubt", Keep.Highest, Needs = Needs.Posterior,
    Group = "bayesian", Formula = "√(μ² + σ²)", Reference = "this project: magnitude in expectation, √E[w²]")]
public sealed class RootMeanSquare : PosteriorCriterion
{
    protected override double Of(double mu, double sigma) => Math.Sqrt(mu * mu + sigma * sigma);
}
