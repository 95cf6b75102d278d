namespace Bnn.Report;

/// <summary>
/// Student's confidence interval of a mean: x̄ ± t·s/√n with n − 1 degrees of freedom. For one value, which shows no spread, everything but
/// the mean is NaN.
/// </summary>
/// <param name="Sem">s/√n.</param>
/// <param name="Quantile">t at (1 + confidence)/2.</param>
public sealed record TInterval(int N, double Mean, double Sd, double Sem, double Confidence, double Quantile, double Low, double High)
{
    /// <summary>Beyond the rounding of accuracies, all values are the same: there is no spread to infer anything from.</summary>
    public bool HasNoWidth() => High - Low <= 1e-12;

    public static TInterval Of(IReadOnlyList<double> x, double confidence = 0.95)
    {
        var (n, mean, sd) = (x.Count, Sample.Mean(x), Sample.StandardDeviation(x));
        var sem = sd / Math.Sqrt(n);
        var quantile = StudentT.Quantile((1 + confidence) / 2, n - 1);
        return new TInterval(n, mean, sd, sem, confidence, quantile, mean - quantile * sem, mean + quantile * sem);
    }
}
