using CsCheck;

namespace Bnn.Report.Tests;

public sealed class FriedmanNemenyiTests
{
    private static readonly Gen<double[][]> Blocks = Gen.Select(Gen.Int[1, 8], Gen.Int[2, 6])
        .SelectMany((n, k) => Gen.Int[0, 4].Select(value => (double)value).Array[k].Array[n]);

    [Fact]
    public void Ranks_tests_and_pairs_agree_with_every_golden_case()
    {
        foreach (var c in GoldenStatistics.Cases("friedman_nemenyi"))
        {
            var test = FriedmanNemenyi.Of(
                [.. GoldenStatistics.Numbers(c.GetProperty("data"), "data").Chunk(c.GetProperty("treatments").GetInt32())],
                RankOne.Lowest);
            Assert.Equal(c.GetProperty("blocks").GetInt32(), test.Blocks);
            Assert.Equal(c.GetProperty("treatments").GetInt32(), test.Treatments);
            Assert.Equal(c.GetProperty("df").GetInt32(), test.DegreesOfFreedom);
            GoldenStatistics.AllClose(c, "average_ranks", test.AverageRanks);
            GoldenStatistics.Close(c, "chi2", test.ChiSquared);
            GoldenStatistics.Close(c, "p", test.P);
            if (!c.TryGetProperty("nemenyi_p", out var pairs))
            {
                Assert.All(test.PairwiseP, row => Assert.All(row, p => Assert.Equal(double.NaN, p)));
                continue;
            }
            GoldenStatistics.Close(c, "iman_davenport_f", test.ImanDavenportF);
            GoldenStatistics.Close(c, "iman_davenport_p", test.ImanDavenportP);
            GoldenStatistics.Close(c, "nemenyi_q_0.05", FriedmanNemenyi.Q(0.05, test.Treatments));
            GoldenStatistics.Close(c, "nemenyi_q_0.10", FriedmanNemenyi.Q(0.10, test.Treatments));
            GoldenStatistics.Close(c, "critical_difference_0.05", test.CriticalDifference(0.05));
            GoldenStatistics.Close(c, "critical_difference_0.10", test.CriticalDifference(0.10));
            GoldenStatistics.AllClose(pairs, "data", [.. test.PairwiseP.SelectMany(row => row)]);
        }
    }

    [Fact]
    public void Quantiles_agree_with_the_golden_table()
    {
        foreach (var file in GoldenStatistics.OfKind("friedman_nemenyi"))
        {
            foreach (var c in file.GetProperty("q_table").EnumerateArray())
                GoldenStatistics.Close(c, "q", FriedmanNemenyi.Q(c.GetProperty("alpha").GetDouble(), c.GetProperty("k").GetInt32()));
        }
    }

    /// <summary>By mpmath 1.3.0 with up to 120 digits: k∫φ(z)(Q(z)ᵏ⁻¹ − (Q(z) − Q(z + r))ᵏ⁻¹)dz.</summary>
    [Theory]
    [InlineData(0.5, 3, 0.93342194513528696)]
    [InlineData(3.5, 5, 0.096338463965426766)]
    [InlineData(12, 5, 2.1519690365049885e-16)]
    [InlineData(20, 10, 9.3981941269314333e-44)]
    [InlineData(4, 60, 0.84507041020651986)]
    public void The_range_has_its_tail(double r, int k, double expected)
    {
        Assert.Equal(expected, StudentizedRange.UpperTail(r, k), 1e-11 * expected);
        Assert.Equal(r, StudentizedRange.Quantile(expected, k), 1e-10 * r);
    }

    [Fact]
    public void The_range_of_two_is_a_normal_difference() => Gen.Double[0, 12].Sample(r =>
        Math.Abs(StudentizedRange.UpperTail(r, 2) / (2 * StandardNormal.UpperTail(r / Math.Sqrt(2))) - 1) <= 1e-11);

    [Fact]
    public void Borders_of_the_range()
    {
        Assert.Equal(1, StudentizedRange.UpperTail(0, 4));
        Assert.Equal(0, StudentizedRange.UpperTail(double.PositiveInfinity, 4));
        Assert.Equal(double.NaN, StudentizedRange.UpperTail(double.NaN, 4));
        Assert.Equal(double.NaN, StudentizedRange.Quantile(0, 4));
        Assert.Equal(double.NaN, StudentizedRange.Quantile(1, 4));
        Assert.Throws<ArgumentOutOfRangeException>(() => StudentizedRange.UpperTail(1, 1));
    }

    [Fact]
    public void Turning_the_ranks_round_changes_no_test() => Blocks.Sample(blocks =>
    {
        var (lowest, highest) = (FriedmanNemenyi.Of(blocks, RankOne.Lowest), FriedmanNemenyi.Of(blocks, RankOne.Highest));
        return lowest.ChiSquared.Equals(highest.ChiSquared) && lowest.ImanDavenportP.Equals(highest.ImanDavenportP)
            && lowest.AverageRanks.Zip(highest.AverageRanks, (a, b) => a + b)
                .All(sum => Math.Abs(sum - (lowest.Treatments + 1)) <= 1e-12);
    });

    [Fact]
    public void The_highest_of_each_block_has_rank_one() => Assert.Equal(
        [3, 1, 2], FriedmanNemenyi.Of([[0.9, 0.98, 0.97], [0.91, 0.99, 0.95]], RankOne.Highest).AverageRanks);

    /// <summary>More than the critical difference apart is the same as p below the level.</summary>
    [Fact]
    public void The_critical_difference_and_p_say_the_same() => Blocks.Sample(blocks =>
    {
        var test = FriedmanNemenyi.Of(blocks, RankOne.Highest);
        var critical = test.CriticalDifference(0.05);
        return test.AverageRanks.Index().All(a => test.AverageRanks.Index().All(b =>
            double.IsNaN(test.PairwiseP[a.Index][b.Index])
            || Math.Abs(a.Item - b.Item) > critical == test.PairwiseP[a.Index][b.Index] < 0.05));
    });

    [Fact]
    public void Blocks_that_agree_have_the_largest_statistics()
    {
        var test = FriedmanNemenyi.Of([.. Enumerable.Range(0, 7).Select(_ => (double[])[1, 2, 3, 4, 5])], RankOne.Lowest);
        Assert.Equal((28, double.PositiveInfinity, 0), (test.ChiSquared, test.ImanDavenportF, test.ImanDavenportP));
    }

    [Fact]
    public void What_is_no_complete_block_is_refused()
    {
        Assert.Throws<ArgumentException>(() => FriedmanNemenyi.Of([], RankOne.Lowest));
        Assert.Throws<ArgumentException>(() => FriedmanNemenyi.Of([[1]], RankOne.Lowest));
        Assert.Throws<ArgumentException>(() => FriedmanNemenyi.Of([[1, 2], [1, 2, 3]], RankOne.Lowest));
        Assert.Throws<ArgumentException>(() => FriedmanNemenyi.Of([[1, double.NaN]], RankOne.Lowest));
    }
}
