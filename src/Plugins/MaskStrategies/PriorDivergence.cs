using Bnn.Contract;
using Bnn.Core;

namespace MaskStrategies;

/// <summary>
/// ln(s/σ) + (σ² + μ²)/(2s²) − ½, the KL divergence of the weight's posterior from the prior N(0, s²), in nats: what the data taught about it.
/// </summary>
/// <remarks>
/// The weight's own term of the ELBO. Under Graves 2011's description length, the bits that it costs to send. <see cref="NormalKl"/> is the
/// definition; here the logarithm is <see cref="PortableDouble.Log"/>.
/// </remarks>
[MaskStrategy("kl", "KL divergence from the prior in nats: what the data taught about the weight", Keep.Highest, Needs = Needs.Posterior,
    Group = "bayesian", Formula = "ln(s/σ) + (σ² + μ²)/(2s²) − ½", Reference = "the description length of Graves 2011, weight by weight")]
public sealed class PriorDivergence : PosteriorCriterion
{
    [StrategyParameter("prior-scale", "s of the prior N(0, s²)", Default = "1", Least = 1e-6, Most = 1e6)]
    public double PriorScale { get; set; } = 1;

    protected override double Of(double mu, double sigma) =>
        PortableDouble.Log(PriorScale / sigma) + (sigma * sigma + mu * mu) / (2 * PriorScale * PriorScale) - 0.5;
}
