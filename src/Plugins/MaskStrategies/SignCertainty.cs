using Bnn.Contract;
using Bnn.Core;

namespace MaskStrategies;

/// <summary>
/// ln(p/(1 − p)) with p = max(P(w &gt; 0), P(w &lt; 0)) = Φ(|μ|/σ): how certain the posterior is of the weight's sign, as log odds in nats.
/// </summary>
/// <remarks>
/// In double precision p itself rounds to 1 from |μ|/σ = 8.3 on and to ½ below 1e-16, so weights would tie there; the log odds keep rising.
/// 0 is p = ½, 2.94 is 95 %, 4.60 is 99 %, 13.8 is all but one in a million. They rise with |μ|/σ, so at a given density the mask is that
/// of <see cref="Snr"/>, except for ties from rounding: the point of this strategy is a threshold that reads as a probability. Why signs
/// matter: Zhou et al. 2019, arXiv:1905.01067.
/// </remarks>
[MaskStrategy("sign-certainty", "log odds in nats that the weight has the sign of its mean; ranks as snr does", Keep.Highest,
    Needs = Needs.Posterior,
    Group = "bayesian", Formula = "ln(p/(1 − p)), p = Φ(|μ|/σ)", Reference = "this project; on signs: Zhou et al. 2019, arXiv:1905.01067")]
public sealed class SignCertainty : PosteriorCriterion
{
    private const double SqrtTwoPi = 2.5066282746310002;

    /// <summary>ln √(2π).</summary>
    private const double LogSqrtTwoPi = 0.91893853320467278;

    protected override double Of(double mu, double sigma) => LogOdds(Math.Abs(mu) / sigma);

    /// <summary>ln(Φ(z)/Φ(−z)) for z ≥ 0, with a relative error of about 1e-15 over the whole range.</summary>
    public static double LogOdds(double z) => z < 2 ? FromCentre(z) : FromTail(z);

    /// <summary>For z &lt; 2, from Φ(z) − ½ = φ(z)·(z + z³/3 + z⁵/15 + …): all terms are positive, so nothing cancels.</summary>
    private static double FromCentre(double z)
    {
        var (sum, term) = (z, z);
        for (var k = 3; term > 1e-17 * sum; k += 2) sum += term *= z * z / k;
        var twice = 2 * sum * PortableDouble.Exp(-z * z / 2) / SqrtTwoPi;
        return twice < 0.17 ? PortableDouble.LogRatio(twice) : PortableDouble.Log((1 + twice) / (1 - twice));
    }

    /// <summary>For z ≥ 2, from Laplace's continued fraction Φ(−z) = φ(z)/(z + 1/(z + 2/(z + 3/(z + …)))).</summary>
    /// <remarks>At z = 2 the truncation error is 1e-12 after 60 levels and below rounding after 150.</remarks>
    private static double FromTail(double z)
    {
        var fraction = z;
        for (var k = 150; k > 0; k--) fraction = z + k / fraction;
        var tail = PortableDouble.Exp(-z * z / 2) / (SqrtTwoPi * fraction);
        return z * z / 2 + LogSqrtTwoPi + PortableDouble.Log(fraction) - PortableDouble.LogRatio(tail / (2 - tail));
    }
}
