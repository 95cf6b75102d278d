using MathNet.Numerics;

namespace Bnn.Report;

/// <summary>
/// Student's t distribution by the regularised incomplete beta function I, with tails that keep their relative precision.
/// </summary>
public static class StudentT
{
    /// <summary>P(T &gt; t). For t ≥ 0 it is I(df/2, 1/2; df/(df + t²)) / 2, which doesn't round to 0 where 1 − P(T ≤ t) would.</summary>
    public static double UpperTail(double t, double degreesOfFreedom)
    {
        if (double.IsNaN(t) || !(degreesOfFreedom > 0)) return double.NaN;
        if (double.IsInfinity(t)) return t > 0 ? 0 : 1;
        return t >= 0 ? PositiveTail(t, degreesOfFreedom) : 1 - PositiveTail(-t, degreesOfFreedom);
    }

    /// <summary>P(|T| &gt; |t|).</summary>
    public static double TwoSided(double t, double degreesOfFreedom) => 2 * UpperTail(Math.Abs(t), degreesOfFreedom);

    /// <summary>
    /// P(|T| &gt; |t|) for the t = r·√(df/(1 − r²)) of a correlation r; there df/(df + t²) is simply 1 − r².
    /// </summary>
    public static double TwoSidedOfCorrelation(double r, int degreesOfFreedom) => degreesOfFreedom < 1 || double.IsNaN(r)
        ? double.NaN
        : Beta(degreesOfFreedom / 2.0, 0.5, Math.Max(0, (1 - r) * (1 + r)));

    /// <summary>The t with P(T ≤ t) = <paramref name="p"/>; NaN unless 0 &lt; p &lt; 1 and there are degrees of freedom.</summary>
    public static double Quantile(double p, double degreesOfFreedom) => (p, degreesOfFreedom) switch
    {
        _ when !(degreesOfFreedom > 0) || !(p is > 0 and < 1) => double.NaN,
        (0.5, _) => 0,
        ( < 0.5, _) => -Positive(0.5 - p, p, degreesOfFreedom),
        _ => Positive(p - 0.5, 1 - p, degreesOfFreedom),
    };

    /// <summary>
    /// Newton steps inside a bracket that bisection narrows where a step would leave it. Near the middle the area from 0 to t is matched,
    /// which is exact where the tail is 1/2 to many digits; further out ln(tail) as a function of ln t, which is nearly a line.
    /// </summary>
    private static double Positive(double centre, double tail, double df)
    {
        var nearCentre = centre < 0.25;
        var (low, high) = (0.0, 1.0);
        while (PositiveTail(high, df) > tail) (low, high) = (high, 2 * high);

        var t = (low + high) / 2;
        for (var i = 0; i < 200; i++)
        {
            var (area, q, density) = (Centre(t, df), PositiveTail(t, df), Density(t, df));
            if (nearCentre ? area > centre : q < tail) high = t;
            else low = t;
            var next = nearCentre
                ? t - (area - centre) / density
                : t * Math.Exp(q * Math.Log(q / tail) / (density * t));
            if (!(next > low && next < high)) next = (low + high) / 2;
            if (Math.Abs(next - t) <= 1e-15 * t) return next;
            t = next;
        }
        return t;
    }

    /// <summary>
    /// Where the tail is large, computed through the centre: the incomplete beta function's argument would be near 1 and have lost digits.
    /// </summary>
    private static double PositiveTail(double t, double df) => t < 1
        ? 0.5 - Centre(t, df)
        : 0.5 * Beta(df / 2, 0.5, 1 / (1 + t / df * t));

    /// <summary>P(0 &lt; T ≤ t) = I(1/2, df/2; t²/(df + t²)) / 2.</summary>
    private static double Centre(double t, double df) => t < 1
        ? 0.5 * Beta(0.5, df / 2, t * t / (df + t * t))
        : 0.5 - PositiveTail(t, df);

    private static double Density(double t, double df)
    {
        var ln = SpecialFunctions.GammaLn((df + 1) / 2) - SpecialFunctions.GammaLn(df / 2) - (df + 1) / 2 * Math.Log(1 + t / df * t);
        return Math.Exp(ln) / Math.Sqrt(df * Math.PI);
    }

    private static double Beta(double a, double b, double x) => SpecialFunctions.BetaRegularized(a, b, x);
}
