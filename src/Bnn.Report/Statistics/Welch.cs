namespace Bnn.Report;

/// <summary>
/// Welch's t test of two samples that aren't paired: t = (x̄ − ȳ)/√(a + b) with a = sₓ²/n, b = s_y²/m, and (a + b)²/(a²/(n − 1) +
/// b²/(m − 1)) degrees of freedom (Satterthwaite 1946).
/// </summary>
/// <remarks>
/// Without any spread there are n + m − 2 degrees of freedom, t = ±∞ and p = 0, or both NaN if the means are equal. A sample of one value
/// shows no spread: everything but the difference is NaN.
/// </remarks>
/// <param name="Difference">x̄ − ȳ.</param>
/// <param name="StandardError">√(a + b).</param>
/// <param name="PLess">p for the alternative that x is below y.</param>
/// <param name="PGreater">p for the alternative that x is above y.</param>
public sealed record Welch(
    int NX, int NY, double Difference, double StandardError, double T, double DegreesOfFreedom, double PTwoSided, double PLess,
    double PGreater, double Low95, double High95)
{
    public static Welch Of(IReadOnlyList<double> x, IReadOnlyList<double> y)
    {
        var (sdX, sdY) = (Sample.StandardDeviation(x), Sample.StandardDeviation(y));
        var (a, b) = (sdX * sdX / x.Count, sdY * sdY / y.Count);
        var difference = Sample.Mean(x) - Sample.Mean(y);
        var error = Math.Sqrt(a + b);
        // By shares of the variance: the squares of two tiny ones would underflow.
        var (shareX, shareY) = (a / (a + b), b / (a + b));
        var df = a + b == 0
            ? x.Count + y.Count - 2
            : 1 / (shareX * shareX / (x.Count - 1) + shareY * shareY / (y.Count - 1));
        var t = difference / error;
        var quantile = StudentT.Quantile(0.975, df);
        return new Welch(
            x.Count, y.Count, difference, error, t, df, StudentT.TwoSided(t, df), StudentT.UpperTail(-t, df), StudentT.UpperTail(t, df),
            difference - quantile * error, difference + quantile * error);
    }
}
