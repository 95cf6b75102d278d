namespace Bnn.Report;

/// <summary>Mean and spread of a list of numbers; NaN where too few are given.</summary>
public static class Sample
{
    /// <summary>x₀ + Σ(xᵢ − x₀)/n: measured from the first value, so equal values have exactly that value as their mean.</summary>
    public static double Mean(IReadOnlyList<double> x) => x.Count == 0 ? double.NaN : x[0] + x.Sum(value => value - x[0]) / x.Count;

    /// <summary>√(Σ(xᵢ − x̄)² / (n − 1)); NaN for fewer than two values.</summary>
    public static double StandardDeviation(IReadOnlyList<double> x)
    {
        if (x.Count < 2) return double.NaN;
        var mean = Mean(x);
        return Math.Sqrt(x.Sum(value => (value - mean) * (value - mean)) / (x.Count - 1));
    }

    /// <summary>
    /// The value at place p·(n − 1) of the sorted ones, counted from 0, on the straight line between its neighbours: type 7 of Hyndman and
    /// Fan (1996).
    /// </summary>
    /// <param name="p">In [0, 1].</param>
    public static double Quantile(IReadOnlyList<double> x, double p) => QuantileOfSorted([.. x.Order()], p);

    /// <inheritdoc cref="Quantile"/>
    /// <param name="sorted">In ascending order.</param>
    public static double QuantileOfSorted(ReadOnlySpan<double> sorted, double p)
    {
        if (sorted.Length == 0 || !(p is >= 0 and <= 1)) return double.NaN;
        var place = p * (sorted.Length - 1);
        var below = (int)place;
        var above = Math.Min(below + 1, sorted.Length - 1);
        return sorted[below] + (place - below) * (sorted[above] - sorted[below]);
    }

    /// <summary>The middle one of the sorted values, or the mean of the middle two.</summary>
    public static double Median(IReadOnlyList<double> x) => Quantile(x, 0.5);
}
