namespace Bnn.Core;

/// <summary>Ranks, and how far two lists of numbers rise together.</summary>
public static class Ranks
{
    /// <summary>Ranks from 1; equal values share the mean of their ranks. −0 and 0 are equal.</summary>
    public static double[] Midranks(IReadOnlyList<double> x)
    {
        int[] order = [.. Enumerable.Range(0, x.Count).OrderBy(i => x[i])];
        var ranks = new double[x.Count];
        for (int start = 0, end; start < order.Length; start = end)
        {
            end = start + 1;
            while (end < order.Length && x[order[end]] == x[order[start]]) end++;
            for (var k = start; k < end; k++) ranks[order[k]] = (start + end + 1) / 2.0;
        }
        return ranks;
    }

    /// <summary>
    /// Pearson's r = Σ(x − x̄)(y − ȳ) / √(Σ(x − x̄)²·Σ(y − ȳ)²), of midranks Spearman's; NaN where one of both is constant.
    /// </summary>
    /// <exception cref="ArgumentException">The lists have different lengths.</exception>
    public static double Correlation(IReadOnlyList<double> x, IReadOnlyList<double> y)
    {
        if (x.Count != y.Count) throw new ArgumentException($"{x.Count} values can't be paired with {y.Count}", nameof(y));
        var (meanX, meanY) = (Mean(x), Mean(y));
        double xx = 0, yy = 0, xy = 0;
        for (var i = 0; i < x.Count; i++)
        {
            var (dx, dy) = (x[i] - meanX, y[i] - meanY);
            (xx, yy, xy) = (xx + dx * dx, yy + dy * dy, xy + dx * dy);
        }
        // Two roots: the product of the sums could under- or overflow.
        return Math.Clamp(xy / Math.Sqrt(xx) / Math.Sqrt(yy), -1, 1);
    }

    /// <summary>Measured from the first value, so that equal values have exactly that value as their mean.</summary>
    private static double Mean(IReadOnlyList<double> values)
    {
        if (values.Count == 0) return double.NaN;
        var sum = 0.0;
        for (var i = 0; i < values.Count; i++) sum += values[i] - values[0];
        return values[0] + sum / values.Count;
    }
}
