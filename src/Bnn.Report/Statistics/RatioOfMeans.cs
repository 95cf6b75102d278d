using System.Collections.Immutable;

namespace Bnn.Report;

/// <summary>
/// x̄/ȳ of paired values, with the 95 % percentile interval of 10,000 resamples of the pairs. The draws are fixed, so the order of the
/// pairs counts: give them in the order of their seeds.
/// </summary>
public sealed record RatioOfMeans(int N, double Ratio, double Low, double High)
{
    public const int Resamples = 10_000;

    /// <summary>Fewer pairs have too few different resamples: 4 have 35, 5 have 126.</summary>
    public const int FewestPairs = 5;

    public const double Confidence = 0.95;

    /// <summary>Null for fewer than <see cref="FewestPairs"/> pairs.</summary>
    /// <exception cref="ArgumentException">The lists differ in length, or a value isn't positive and finite.</exception>
    public static RatioOfMeans? Of(IReadOnlyList<double> x, IReadOnlyList<double> y)
    {
        if (x.Count != y.Count) throw new ArgumentException($"{x.Count} values can't be paired with {y.Count}", nameof(y));
        foreach (var value in x.Concat(y))
        {
            if (!(value > 0) || double.IsInfinity(value)) throw new ArgumentException($"{value} isn't positive and finite", nameof(x));
        }
        if (x.Count < FewestPairs) return null;
        ImmutableArray<double> ratios = [.. Bootstrap.Resamples(x.Count, Resamples)
            .Select(places =>
            {
                double sumX = 0, sumY = 0;
                foreach (var place in places) (sumX, sumY) = (sumX + x[place], sumY + y[place]);
                return sumX / sumY;
            })];
        var bootstrap = new Bootstrap(Sample.Mean(x) / Sample.Mean(y), ratios);
        var (low, high) = bootstrap.Interval(Confidence);
        return new RatioOfMeans(x.Count, bootstrap.Value, low, high);
    }
}
