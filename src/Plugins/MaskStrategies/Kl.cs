using Bnn.Contract;
using Bnn.Core;

namespace MaskStrategies;

/// <summary>
/// ln(s/σ) + (σ² + μ²)/(2s²) − ½: the KL divergence, in nats, of the weight's posterior from the prior N(0, s²). It measures what the
/// data taught about the weight.
/// </summary>
/// <remarks>
/// The weight's own term of the ELBO; in the description-length view of Graves 2011, the cost of sending it. <see cref="NormalKl"/> is the
/// definition; the logarithm here is <see cref="PortableDouble.Log"/>.
/// </remarks>
[MaskStrategy("kl", "KL divergence from the prior in nats: what the data taught about the weight", Keep.Highest, Needs = Needs.Posterior,
    Group = "bayesian", Formula = "ln(s/σ) + (σ² + μ²)/(2s²) − ½", Reference = "the description length of Graves 2011, per weight")]
public sealed class Kl : PosteriorCriterion
{
    [StrategyParameter("prior-scale", "standard deviation s of the prior N(0, s²)", Default = "1", Least = 1e-6, Most = 1e6)]
    public double PriorScale { get; set; } = 1;

    protected override double Of(double mu, double sigma) =>
        PortableDouble.Log(PriorScale / sigma) + (sigma * sigma + mu * mu) / (2 * PriorScale * PriorScale) - 0.5;
}
