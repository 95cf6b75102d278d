using CsCheck;

namespace Bnn.Report.Tests;

public sealed class BootstrapTests
{
    [Fact]
    public void Resampled_statistics_agree_with_every_golden_case()
    {
        foreach (var c in GoldenStatistics.Cases("bootstrap"))
        {
            var x = GoldenStatistics.Numbers(c, "x");
            int[][] resamples =
                [.. GoldenStatistics.Numbers(c.GetProperty("indices"), "data").Select(place => (int)place).Chunk(x.Length)];
            foreach (var expected in c.GetProperty("statistics").EnumerateArray())
            {
                var bootstrap = Bootstrap.Of(x, resamples, expected.GetProperty("statistic").GetString() switch
                {
                    "mean" => Sample.Mean,
                    "median" => Sample.Median,
                    _ => Sample.StandardDeviation,
                });
                GoldenStatistics.Close(expected, "value", bootstrap.Value);
                GoldenStatistics.Close(expected, "bootstrap_mean", bootstrap.Mean);
                GoldenStatistics.Close(expected, "bootstrap_sd", bootstrap.StandardDeviation);
                GoldenStatistics.AllClose(expected, "values", bootstrap.Values);
                foreach (var interval in expected.GetProperty("intervals").EnumerateArray())
                {
                    var (low, high) = bootstrap.Interval(interval.GetProperty("confidence").GetDouble());
                    GoldenStatistics.Close(interval, "low", low);
                    GoldenStatistics.Close(interval, "high", high);
                }
            }
        }
    }

    [Fact]
    public void Quantiles_lie_between_neighbours()
    {
        Assert.Equal(2, Sample.Quantile([3, 1, 2], 0.5));
        Assert.Equal(1.5, Sample.Quantile([3, 1, 2], 0.25));
        Assert.Equal(3, Sample.Quantile([3, 1, 2], 1));
        Assert.Equal(2.5, Sample.Median([4, 1, 2, 3]));
        Assert.Equal(double.NaN, Sample.Median([]));
        Assert.Equal(double.NaN, Sample.Quantile([1, 2], 1.1));
    }

    /// <summary>Each place is drawn about as often; χ² of 50,000 draws over 5 places is below 30 but for one in 200,000.</summary>
    [Fact]
    public void Resamples_are_fixed_and_uniform()
    {
        int[][] resamples = [.. Bootstrap.Resamples(5, 10_000)];
        Assert.Equal(resamples, Bootstrap.Resamples(5, 10_000));
        Assert.Equal(resamples.Take(10), Bootstrap.Resamples(5, 10));
        var counts = resamples.SelectMany(places => places).CountBy(place => place).ToDictionary();
        Assert.Equal([0, 1, 2, 3, 4], counts.Keys.Order());
        Assert.True(counts.Values.Sum(count => (count - 10_000.0) * (count - 10_000.0) / 10_000) < 30);
        Assert.True(resamples.Select(places => places.Aggregate(0, (code, place) => 5 * code + place)).Distinct().Count() > 2900);
    }

    [Fact]
    public void A_ratio_to_ones_is_the_bootstrap_of_the_mean()
    {
        double[] x = [3, 5, 4, 8, 6, 7.5];
        var ratio = RatioOfMeans.Of(x, [1, 1, 1, 1, 1, 1])!;
        var (low, high) = Bootstrap.Of(x, Bootstrap.Resamples(6, 10_000), Sample.Mean).Interval();
        Assert.Equal(6, ratio.N);
        Assert.Equal(33.5 / 6, ratio.Ratio, 1e-12);
        Assert.Equal(low, ratio.Low, 1e-12);
        Assert.Equal(high, ratio.High, 1e-12);
    }

    /// <summary>Pairs stay together: where each x is twice its y, no resample has another ratio.</summary>
    [Fact]
    public void Pairs_are_resampled_as_pairs() => Gen.Double[1, 100].Array[5, 12].Sample(y =>
    {
        var ratio = RatioOfMeans.Of([.. y.Select(value => 2 * value)], y)!;
        return ratio is { Ratio: 2, Low: 2, High: 2 };
    }, iter: 10);

    /// <summary>A report that is made again has the same interval, and so has one by a later version.</summary>
    [Fact]
    public void Draws_and_interval_are_fixed()
    {
        Assert.Equal([4, 7, 2, 1, 6, 0, 1, 5], Bootstrap.Resamples(8, 2).Last());
        var ratio = RatioOfMeans.Of([911, 1203, 1107, 1319, 1013, 987, 1151, 1229], [1511, 1409, 1613, 1301, 1709, 1487, 1559, 1433])!;
        Assert.Equal(8920.0 / 12022, ratio.Ratio, 1e-12);
        Assert.Equal(0.6588330632090762, ratio.Low, 1e-12);
        Assert.Equal(0.8391752024670668, ratio.High, 1e-12);
    }

    [Fact]
    public void Four_pairs_have_no_interval_and_wrong_ones_are_refused()
    {
        Assert.Null(RatioOfMeans.Of([1, 2, 3, 4], [1, 2, 3, 4]));
        Assert.Throws<ArgumentException>(() => RatioOfMeans.Of([1, 2], [1]));
        Assert.Throws<ArgumentException>(() => RatioOfMeans.Of([1, 2, 3, 4, 5], [1, 2, 3, 4, 0]));
        Assert.Throws<ArgumentException>(() => RatioOfMeans.Of([1, 2, 3, 4, double.NaN], [1, 2, 3, 4, 5]));
    }
}
