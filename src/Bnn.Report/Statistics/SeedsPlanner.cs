using MathNet.Numerics;
using MathNet.Numerics.Distributions;
using MathNet.Numerics.Integration;

namespace Bnn.Report;

/// <summary>How many paired seeds a difference needs, as far as a sample's spread tells.</summary>
/// <param name="Low">If the sd is at the lower end of its 95 % interval; null beyond <see cref="SeedsPlanner.Most"/>.</param>
/// <param name="Observed">If the sd is the observed one.</param>
/// <param name="High">If the sd is at the upper end.</param>
public sealed record SeedsNeeded(int? Low, int? Observed, int? High);

/// <summary>
/// How many paired seeds show a true mean difference δ with 80 % power, by the two-sided paired t test at 0.05, if the differences are
/// normal with sd s.
/// </summary>
public static class SeedsPlanner
{
    public const double Level = 0.05;
    public const double WantedPower = 0.8;

    /// <summary>Fewer differences say too little about their sd.</summary>
    public const int FewestDifferences = 5;

    /// <summary>Beyond these the answer is "more", null.</summary>
    public const int Most = 10_000;

    private const int Nodes = 256;

    /// <summary>
    /// P(|T| &gt; t) for the noncentral T = (Z + √n·δ/s)/U with U = √(χ²/df), df = n − 1 and t the two-sided quantile: the integral over
    /// u of U's density times Q(t·u − √n·δ/s) + Q(t·u + √n·δ/s), with Q the normal's upper tail. The error is below 1e-12.
    /// NaN for one seed.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The difference is NaN, or the sd is negative or NaN.</exception>
    public static double Power(int seeds, double difference, double sd)
    {
        if (double.IsNaN(difference)) throw new ArgumentOutOfRangeException(nameof(difference), difference, "NaN is no difference");
        if (!(sd >= 0)) throw new ArgumentOutOfRangeException(nameof(sd), sd, "an sd is 0 or more");
        if (seeds < 2) return double.NaN;
        double df = seeds - 1;
        var t = StudentT.Quantile(1 - Level / 2, df);
        var shift = difference == 0 ? 0 : Math.Sqrt(seeds) * Math.Abs(difference) / sd;
        // U's density is 2(df/2)^(df/2)/Γ(df/2)·u^(df − 1)·exp(−df·u²/2); its sd is about 1/√(2df).
        var logScale = Math.Log(2) + df / 2 * Math.Log(df / 2) - SpecialFunctions.GammaLn(df / 2);
        var reach = 12 / Math.Sqrt(2 * df);
        return GaussLegendreRule.Integrate(
            u => Math.Exp(logScale + (df - 1) * Math.Log(u) - df * u * u / 2)
                * (StandardNormal.UpperTail(t * u - shift) + StandardNormal.UpperTail(t * u + shift)),
            Math.Max(0, 1 - reach), 1 + reach, Nodes);
    }

    /// <summary>The smallest number of seeds with the wanted power; null beyond <see cref="Most"/>. Without spread it is 2.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The difference isn't positive, or the sd is negative or NaN.</exception>
    public static int? Needed(double difference, double sd)
    {
        if (!(difference > 0)) throw new ArgumentOutOfRangeException(nameof(difference), difference, "a difference to show is above 0");
        var (tooFew, enough) = (1, 2);
        while (Power(enough, difference, sd) < WantedPower)
        {
            if (enough == Most) return null;
            (tooFew, enough) = (enough, Math.Min(2 * enough, Most));
        }
        while (enough - tooFew > 1)
        {
            var middle = (tooFew + enough) / 2;
            if (Power(middle, difference, sd) < WantedPower) tooFew = middle;
            else enough = middle;
        }
        return enough;
    }

    /// <summary>
    /// What differences that were observed say about it: with their sd s, and with the ends of its 95 % interval s·√(df/χ²) at the
    /// quantiles 0.975 and 0.025 of χ² with df = n − 1. Null for fewer than <see cref="FewestDifferences"/>.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The difference to show isn't positive, or an observed one is NaN.</exception>
    public static SeedsNeeded? Needed(double difference, IReadOnlyList<double> observed)
    {
        if (observed.Count < FewestDifferences) return null;
        var (sd, df) = (Sample.StandardDeviation(observed), observed.Count - 1);
        return new SeedsNeeded(At(0.975), Needed(difference, sd), At(0.025));

        int? At(double p) => Needed(difference, sd * Math.Sqrt(df / ChiSquared.InvCDF(df, p)));
    }
}
