namespace Bnn.Report;

/// <summary>
/// The slope of the weighted least-squares line of ln y on ln x, with Student's 95 % interval on n − 2 degrees of freedom: for y that are
/// independent of each other, with relative errors known but for a common factor. The weights are 1/error².
/// </summary>
public sealed record LogLogSlope(int N, double Slope, double Low, double High)
{
    /// <summary>
    /// Null for fewer than three points, x that are all the same, or numbers that aren't above 0, errors among them.
    /// </summary>
    public static LogLogSlope? Of(IReadOnlyList<double> x, IReadOnlyList<double> y, IReadOnlyList<double> errors)
    {
        if (x.Count < 3 || x.Concat(y).Concat(errors).Any(value => !(value > 0 && double.IsFinite(value)))) return null;
        double[] across = [.. x.Select(value => Math.Log(value))], up = [.. y.Select(value => Math.Log(value))];
        double[] weights = [.. errors.Select(error => 1 / (error * error))];
        var (mean, level) = (Mean(across), Mean(up));
        var spread = Sum(k => (across[k] - mean) * (across[k] - mean));
        if (!(spread > 0)) return null;
        var slope = Sum(k => (across[k] - mean) * (up[k] - level)) / spread;
        var rest = Sum(k => Math.Pow(up[k] - level - slope * (across[k] - mean), 2));
        var half = StudentT.Quantile(0.975, x.Count - 2) * Math.Sqrt(rest / (x.Count - 2) / spread);
        return new LogLogSlope(x.Count, slope, slope - half, slope + half);

        double Sum(Func<int, double> term) => Enumerable.Range(0, weights.Length).Sum(k => weights[k] * term(k));

        double Mean(double[] values) => Sum(k => values[k]) / weights.Sum();
    }
}
