namespace Bnn.Report;

/// <summary>
/// The slope of the least-squares line of ln y on ln x, with Student's 95 % interval on n − 2 degrees of freedom: for y of equal relative
/// errors that are independent of each other.
/// </summary>
public sealed record LogLogSlope(int N, double Slope, double Low, double High)
{
    /// <summary>Null for fewer than three points, x that are all the same, or a number that isn't above 0.</summary>
    public static LogLogSlope? Of(IReadOnlyList<double> x, IReadOnlyList<double> y)
    {
        if (x.Count < 3 || x.Concat(y).Any(value => !(value > 0 && double.IsFinite(value)))) return null;
        double[] across = [.. x.Select(value => Math.Log(value))], up = [.. y.Select(value => Math.Log(value))];
        var (mean, level) = (Sample.Mean(across), Sample.Mean(up));
        var spread = across.Sum(value => (value - mean) * (value - mean));
        if (!(spread > 0)) return null;
        var slope = across.Zip(up, (a, b) => (a - mean) * (b - level)).Sum() / spread;
        var rest = across.Zip(up, (a, b) => b - level - slope * (a - mean)).Sum(residual => residual * residual);
        var half = StudentT.Quantile(0.975, x.Count - 2) * Math.Sqrt(rest / (x.Count - 2) / spread);
        return new LogLogSlope(x.Count, slope, slope - half, slope + half);
    }
}
