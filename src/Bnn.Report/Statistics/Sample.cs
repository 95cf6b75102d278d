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
}
