namespace Bnn.Report;

/// <summary>
/// Two one-sided t tests of paired differences d: the null hypothesis is that their mean is at least the margin m away from 0. Both
/// p &lt; 0.05 is the same as a 90 % interval strictly inside ±m.
/// </summary>
/// <remarks>
/// Schuirmann 1987, "A comparison of the two one-sided tests procedure and the power approach". Without spread a p is 0 or 1, and NaN with
/// the mean on a border. One difference has no test: its p are NaN.
/// </remarks>
/// <param name="PAboveLower">p for the alternative that the mean is above −m.</param>
/// <param name="PBelowUpper">p for the alternative that the mean is below m.</param>
/// <param name="P">The larger of the two: at every level above it the mean is shown to be within ±m.</param>
/// <param name="Interval">Student's 90 % interval of the mean.</param>
public sealed record Equivalence(double Margin, double PAboveLower, double PBelowUpper, double P, TInterval Interval)
{
    /// <summary>1 − 2·0.05: each of the two tests leaves out one tail.</summary>
    public const double Confidence = 0.90;

    /// <exception cref="ArgumentOutOfRangeException">The margin isn't above 0 and finite.</exception>
    public static Equivalence Of(IReadOnlyList<double> d, double margin)
    {
        if (!(margin > 0) || double.IsInfinity(margin))
            throw new ArgumentOutOfRangeException(nameof(margin), margin, "a margin is above 0 and finite");
        var interval = TInterval.Of(d, Confidence);
        var df = interval.N - 1;
        var aboveLower = StudentT.UpperTail((interval.Mean + margin) / interval.Sem, df);
        var belowUpper = StudentT.UpperTail((margin - interval.Mean) / interval.Sem, df);
        return new Equivalence(margin, aboveLower, belowUpper, Math.Max(aboveLower, belowUpper), interval);
    }
}
