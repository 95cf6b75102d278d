using System.Collections.Immutable;
using Bnn.Core;

namespace Bnn.Report;

/// <summary>
/// A statistic of values that are drawn from a sample again and again, as many as it has, with replacement (Efron 1979).
/// </summary>
/// <param name="Value">Of the sample itself.</param>
/// <param name="Values">Of each resample.</param>
public sealed record Bootstrap(double Value, ImmutableArray<double> Values)
{
    /// <summary>The fixed key of all draws: a report that is made again has the same intervals.</summary>
    private static readonly Seed Fixed = new(1);

    public double Mean => Sample.Mean(Values);

    /// <summary>The sd of the resamples' values (n − 1): an estimate of the statistic's standard error.</summary>
    public double StandardDeviation => Sample.StandardDeviation(Values);

    /// <param name="resamples">Each with the places of the drawn values in the sample, from 0.</param>
    public static Bootstrap Of(
        IReadOnlyList<double> x, IEnumerable<IReadOnlyList<int>> resamples, Func<IReadOnlyList<double>, double> statistic) => new(
            statistic(x), [.. resamples.Select(places => statistic([.. places.Select(place => x[place])]))]);

    /// <summary>The percentile interval: the quantiles (1 ∓ confidence)/2 of the resamples' values.</summary>
    public (double Low, double High) Interval(double confidence = 0.95)
    {
        double[] sorted = [.. Values];
        Array.Sort(sorted);
        return (Sample.QuantileOfSorted(sorted, (1 - confidence) / 2), Sample.QuantileOfSorted(sorted, (1 + confidence) / 2));
    }

    /// <summary>
    /// The same resamples at each call. Place i of resample r is ⌊w·n/2⁶⁴⌋, w being words 2i and 2i + 1 at step r of the stream
    /// <see cref="StreamName.Resampling"/>.
    /// </summary>
    public static IEnumerable<int[]> Resamples(int n, int count)
    {
        var stream = Fixed.Stream(StreamName.Resampling);
        for (var resample = 0; resample < count; resample++)
        {
            var places = new int[n];
            for (var i = 0; i < n; i += 2)
            {
                var block = stream.Block(resample, (uint)i / 2);
                places[i] = Place(block.W0, block.W1);
                if (i + 1 < n) places[i + 1] = Place(block.W2, block.W3);
            }
            yield return places;
        }

        int Place(uint low, uint high) => (int)Math.BigMul(low | (ulong)high << 32, (ulong)n, out _);
    }
}
