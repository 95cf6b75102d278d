namespace Bnn.Tests;

/// <summary>Statistics for tests of random numbers.</summary>
public static class Distribution
{
    /// <summary>The standard normal's distribution function, by Marsaglia's series (2004), to about 1e-15.</summary>
    public static double NormalCdf(double x)
    {
        if (Math.Abs(x) > 7.5) return x > 0 ? 1 : 0;
        var (sum, term) = (x, x);
        for (var i = 3; Math.Abs(term) > 1e-17; i += 2) sum += term *= x * x / i;
        return 0.5 + sum * Math.Exp(-x * x / 2) / Math.Sqrt(2 * Math.PI);
    }

    /// <summary>Kolmogorov and Smirnov's distance to a continuous distribution.</summary>
    public static double KsDistance(double[] sample, Func<double, double> cdf)
    {
        var sorted = sample.Order().ToArray();
        return sorted.Index().Max(item =>
        {
            var below = (double)item.Index / sorted.Length;
            var upTo = (item.Index + 1.0) / sorted.Length;
            return Math.Max(cdf(item.Item) - below, upTo - cdf(item.Item));
        });
    }

    public static double Mean(IEnumerable<double> values) => values.Average();

    /// <summary>The standard deviation, divided by n.</summary>
    public static double Deviation(double[] values)
    {
        var mean = values.Average();
        return Math.Sqrt(values.Average(value => (value - mean) * (value - mean)));
    }

    public static double Correlation(double[] a, double[] b)
    {
        var (meanA, meanB) = (a.Average(), b.Average());
        return a.Zip(b, (x, y) => (x - meanA) * (y - meanB)).Average() / (Deviation(a) * Deviation(b));
    }

    public static double[] Widen(float[] values) => Array.ConvertAll(values, value => (double)value);
}
