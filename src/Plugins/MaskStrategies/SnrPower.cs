using Bnn.Contract;
using Bnn.Core;

namespace MaskStrategies;

/// <summary>|μ|/σ^α: from <see cref="MeanMagnitude"/> (α = 0) through <see cref="Snr"/> (α = 1) towards certainty alone.</summary>
[MaskStrategy("snr-power", "|posterior mean| over a power of σ: a larger power gives certainty more influence", Keep.Highest,
    Needs = Needs.Posterior,
    Group = "bayesian", Formula = "|μ|/σ^α", Reference = "this project: the family around Blundell et al. 2015, arXiv:1505.05424")]
public sealed class SnrPower : PosteriorCriterion
{
    [StrategyParameter("alpha", "exponent α of σ: 0 gives mean-magnitude, 1 gives snr", Default = "1", Least = 0, Most = 10)]
    public double Alpha { get; set; } = 1;

    /// <summary>
    /// The integer part of α is applied by multiplication, so that 0 and 1 give exactly the bits of mean-magnitude and snr.
    /// </summary>
    protected override double Of(double mu, double sigma)
    {
        var whole = (int)Alpha;
        var power = Alpha == whole ? 1 : PortableDouble.Exp((Alpha - whole) * PortableDouble.Log(sigma));
        for (var i = 0; i < whole; i++) power *= sigma;
        return Math.Abs(mu) / power;
    }
}
