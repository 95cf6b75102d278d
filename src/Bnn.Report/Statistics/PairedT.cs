namespace Bnn.Report;

/// <summary>Student's t test of paired values, on d = x − y.</summary>
/// <remarks>
/// A constant difference has t = ±∞ and p = 0; no difference at all has t and p NaN, as 0/0 says nothing. One pair has neither spread nor
/// test.
/// </remarks>
/// <param name="PLess">p for the alternative that x is below y.</param>
/// <param name="PGreater">p for the alternative that x is above y.</param>
/// <param name="CohensDz">The mean of d over its sd.</param>
/// <param name="CohensDav">The mean of d over the mean of the sds of x and y.</param>
public sealed record PairedT(
    int N, double MeanDifference, double SdDifference, double T, int DegreesOfFreedom, double PTwoSided, double PLess, double PGreater,
    double Low95, double High95, double CohensDz, double CohensDav)
{
    public static PairedT Of(IReadOnlyList<double> x, IReadOnlyList<double> y)
    {
        if (x.Count != y.Count) throw new ArgumentException($"{x.Count} values can't be paired with {y.Count}", nameof(y));
        double[] d = [.. x.Zip(y, (a, b) => a - b)];
        var interval = TInterval.Of(d);
        var df = d.Length - 1;
        var t = interval.Mean / interval.Sem;
        return new PairedT(
            d.Length, interval.Mean, interval.Sd, t, df, StudentT.TwoSided(t, df), StudentT.UpperTail(-t, df), StudentT.UpperTail(t, df),
            interval.Low, interval.High, interval.Mean / interval.Sd,
            interval.Mean / ((Sample.StandardDeviation(x) + Sample.StandardDeviation(y)) / 2));
    }
}
