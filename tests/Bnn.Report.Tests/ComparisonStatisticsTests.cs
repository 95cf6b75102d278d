using System.Text.Json;
using CsCheck;

namespace Bnn.Report.Tests;

/// <summary>Tests of differences, and what becomes of their p values.</summary>
public sealed class ComparisonStatisticsTests
{
    private static readonly Gen<double[]> Differences = Gen.Double[-1, 1].Array[2, 15];

    [Fact]
    public void Adjusted_p_values_agree_with_every_golden_case()
    {
        foreach (var c in GoldenStatistics.Cases("multiple_testing"))
        {
            var p = GoldenStatistics.Numbers(c, "p");
            GoldenStatistics.AllClose(c, "bonferroni", MultipleTesting.Bonferroni(p));
            GoldenStatistics.AllClose(c, "holm", MultipleTesting.Holm(p));
            GoldenStatistics.AllClose(c, "benjamini_hochberg", MultipleTesting.BenjaminiHochberg(p));
        }
    }

    [Fact]
    public void A_test_that_says_nothing_changes_no_other_ones_p()
    {
        double[] p = [0.03, double.NaN, 0.01, double.NaN];
        foreach (var adjust in (Func<IReadOnlyList<double>, double[]>[])
            [MultipleTesting.Bonferroni, MultipleTesting.Holm, MultipleTesting.BenjaminiHochberg])
        {
            var two = adjust([0.03, 0.01]);
            Assert.Equal([two[0], double.NaN, two[1], double.NaN], adjust(p));
            Assert.Equal([double.NaN], adjust([double.NaN]));
            Assert.Empty(adjust([]));
            Assert.Throws<ArgumentException>(() => adjust([0.5, 1.5]));
            Assert.Throws<ArgumentException>(() => adjust([-1e-9]));
        }
    }

    [Fact]
    public void Holm_lies_between_p_and_Bonferroni_and_keeps_the_order() =>
        Gen.Double[0, 1].Array[1, 20].Sample(p =>
        {
            var (holm, bonferroni, hochberg) =
                (MultipleTesting.Holm(p), MultipleTesting.Bonferroni(p), MultipleTesting.BenjaminiHochberg(p));
            int[] order = [.. Enumerable.Range(0, p.Length).OrderBy(i => p[i])];
            return Enumerable.Range(0, p.Length).All(i => p[i] <= hochberg[i] && hochberg[i] <= holm[i] + 1e-15 && holm[i] <= bonferroni[i])
                && order.Zip(order.Skip(1)).All(pair => holm[pair.First] <= holm[pair.Second]);
        });

    [Fact]
    public void Wilcoxon_agrees_with_every_golden_case()
    {
        foreach (var c in GoldenStatistics.Cases("wilcoxon"))
        {
            var d = GoldenStatistics.Numbers(c, "d");
            var exact = Wilcoxon.Exact(d);
            Assert.Equal(c.GetProperty("n").GetInt32(), exact.N);
            Assert.Equal(c.GetProperty("n_nonzero").GetInt32(), exact.NonZero);
            Assert.Equal(c.GetProperty("has_ties").GetBoolean(), exact.HasTies);
            GoldenStatistics.Close(c, "w_plus", exact.WPlus);
            GoldenStatistics.Close(c, "w_minus", exact.WMinus);
            if (c.TryGetProperty("exact_by_enumeration", out var enumerated) && enumerated.ValueKind == JsonValueKind.Object)
            {
                GoldenStatistics.Close(enumerated, "p_greater", exact.PGreater);
                GoldenStatistics.Close(enumerated, "p_less", exact.PLess);
                GoldenStatistics.Close(enumerated, "p_two_sided", exact.PTwoSided);
            }
            // With ties or zeros among more than 13 values SciPy's default is the approximation, where ours is still exact.
            var byDefault = exact.N > 13 && exact.NonZero <= Wilcoxon.MostExact && (exact.HasTies || exact.NonZero < exact.N)
                ? Wilcoxon.Normal(d).PTwoSided
                : Wilcoxon.Of(d).PTwoSided;
            GoldenStatistics.Close(c.GetProperty("scipy_default"), "p", byDefault);
        }
    }

    [Fact]
    public void Every_golden_form_of_Wilcoxons_test_is_met()
    {
        foreach (var c in GoldenStatistics.Cases("wilcoxon"))
        {
            var d = GoldenStatistics.Numbers(c, "d");
            foreach (var expected in c.GetProperty("results").EnumerateArray())
            {
                var alternative = expected.GetProperty("alternative").GetString();
                if (expected.GetProperty("method").GetString() == "exact")
                {
                    var exact = Wilcoxon.Exact(d);
                    GoldenStatistics.Close(expected, "p", Of(alternative, exact.PTwoSided, exact.PGreater, exact.PLess));
                    GoldenStatistics.Close(
                        expected, "statistic", Of(alternative, Math.Min(exact.WPlus, exact.WMinus), exact.WPlus, exact.WPlus));
                    continue;
                }
                var zeros = expected.GetProperty("zero_method").GetString() switch
                {
                    "wilcox" => ZeroDifferences.Drop,
                    "pratt" => ZeroDifferences.RankThenDrop,
                    _ => ZeroDifferences.Split,
                };
                var normal = Wilcoxon.Normal(d, zeros, expected.GetProperty("correction").GetBoolean());
                GoldenStatistics.Close(
                    expected, "statistic", Of(alternative, Math.Min(normal.WPlus, normal.WMinus), normal.WPlus, normal.WPlus));
                GoldenStatistics.Close(expected, "p", Of(alternative, normal.PTwoSided, normal.PGreater, normal.PLess));
                // SciPy signs the two-sided z by its smaller statistic.
                GoldenStatistics.Close(
                    expected, "z", Of(alternative, -Math.Abs(normal.ZTwoSided), normal.ZGreater, normal.ZLess));
            }
        }

        static double Of(string? alternative, double twoSided, double greater, double less) =>
            alternative switch { "two-sided" => twoSided, "greater" => greater, _ => less };
    }

    [Fact]
    public void Wilcoxons_smallest_p_is_reached_by_one_sign_and_by_no_other()
    {
        Assert.True(Wilcoxon.SmallestP(5) > 0.05);
        Assert.True(Wilcoxon.SmallestP(6) < 0.05);
        Assert.Equal(1, Wilcoxon.SmallestP(0));
        Assert.Equal(1, Wilcoxon.SmallestP(1));
        Gen.Double[1e-9, 1].Array[1, 15].Sample(d => Wilcoxon.Of(d).PTwoSided == Wilcoxon.SmallestP(d.Length));
        Differences.Sample(d => Wilcoxon.Of(d).PTwoSided >= Wilcoxon.SmallestP(d.Count(value => value != 0)));
    }

    [Fact]
    public void Wilcoxon_is_exact_to_fifty_differences_and_near_its_approximation_there()
    {
        double[] d = [.. Enumerable.Range(1, 50).Select(i => i % 3 == 0 ? -i : (double)i)];
        var (fifty, more) = (Wilcoxon.Of(d), Wilcoxon.Of([.. d, 51]));
        Assert.True(fifty.IsExact);
        Assert.False(more.IsExact);
        Assert.Equal(51, more.NonZero);
        Assert.InRange(Wilcoxon.Normal(d, correctsContinuity: true).PTwoSided / fifty.PTwoSided, 0.95, 1.05);
        Assert.Throws<ArgumentException>(() => Wilcoxon.Of([1, double.NaN]));
    }

    [Fact]
    public void The_sign_test_agrees_with_every_golden_case()
    {
        foreach (var c in GoldenStatistics.Cases("sign_test"))
        {
            var test = SignTest.Of(GoldenStatistics.Numbers(c, "d"));
            Assert.Equal(c.GetProperty("positive").GetInt32(), test.Positive);
            Assert.Equal(c.GetProperty("negative").GetInt32(), test.Negative);
            Assert.Equal(c.GetProperty("zeros").GetInt32(), test.Zeros);
            GoldenStatistics.Close(c, "p_two_sided", test.PTwoSided);
            GoldenStatistics.Close(c, "p_greater", test.PGreater);
            GoldenStatistics.Close(c, "p_less", test.PLess);
        }
        Assert.Throws<ArgumentException>(() => SignTest.Of([double.NaN]));
    }

    /// <summary>Shifted by the margin, the one-sided test against a border is the golden one-sided test against 0.</summary>
    [Fact]
    public void Equivalence_agrees_with_the_golden_one_sided_tests()
    {
        var compared = 0;
        foreach (var c in GoldenStatistics.Cases("paired_t"))
        {
            double[] d = [.. GoldenStatistics.Numbers(c, "x").Zip(GoldenStatistics.Numbers(c, "y"), (x, y) => x - y)];
            if (!(Sample.StandardDeviation(d) > 0)) continue;
            // Of the size of the differences, or adding it would round them away.
            var margin = Sample.StandardDeviation(d);
            GoldenStatistics.Close(c, "p_greater", Equivalence.Of([.. d.Select(value => value - margin)], margin).PAboveLower, 0);
            GoldenStatistics.Close(c, "p_less", Equivalence.Of([.. d.Select(value => value + margin)], margin).PBelowUpper, 0);
            compared++;
        }
        Assert.True(compared >= 3);
    }

    [Fact]
    public void Equivalent_is_what_has_its_ninety_percent_interval_inside_the_margin() =>
        Gen.Select(Differences, Gen.Double[0.01, 1.5]).Sample((d, margin) =>
        {
            var test = Equivalence.Of(d, margin);
            return test.P == Math.Max(test.PAboveLower, test.PBelowUpper)
                && test.Interval == TInterval.Of(d, 0.9)
                && test.P < 0.05 == (test.Interval.Low > -margin && test.Interval.High < margin);
        });

    [Fact]
    public void Equivalence_of_few_or_constant_differences()
    {
        Assert.Equal(double.NaN, Equivalence.Of([0.1], 0.2).P);
        Assert.Equal(0, Equivalence.Of([0.1, 0.1], 0.2).P);
        Assert.Equal(1, Equivalence.Of([0.5, 0.5], 0.2).P);
        Assert.Equal(double.NaN, Equivalence.Of([0.5, 0.5], 0.5).P);
        foreach (var margin in (double[])[0, -1, double.NaN, double.PositiveInfinity])
            Assert.Throws<ArgumentOutOfRangeException>(() => Equivalence.Of([1, 2], margin));
    }

    /// <summary>Student's sleep data by R's t.test, whose output is printed in its documentation and in many books.</summary>
    [Fact]
    public void Welch_gives_the_published_result_of_the_sleep_data()
    {
        var test = Welch.Of(
            [0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0], [1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4]);
        Assert.Equal((10, 10), (test.NX, test.NY));
        Assert.Equal(-1.58, test.Difference, 1e-12);
        Assert.Equal(-1.8608, test.T, 5e-5);
        Assert.Equal(17.776, test.DegreesOfFreedom, 5e-4);
        Assert.Equal(0.07939, test.PTwoSided, 5e-6);
        Assert.Equal(-3.3654832, test.Low95, 5e-8);
        Assert.Equal(0.2054832, test.High95, 5e-8);
        Assert.Equal(test.PTwoSided / 2, test.PLess, 1e-15);
        Assert.Equal(1, test.PLess + test.PGreater, 1e-15);
    }

    /// <summary>Equal sizes and spreads have 2n − 2 degrees of freedom; others fewer, but never fewer than the smaller sample's.</summary>
    [Fact]
    public void Welchs_degrees_of_freedom_and_interval_keep_their_laws()
    {
        Gen.Select(Gen.Double[-1, 1].Array[2, 12], Gen.Double[-3, 3].Array[2, 12]).Sample((x, y) =>
        {
            var (test, turned) = (Welch.Of(x, y), Welch.Of(y, x));
            return test.DegreesOfFreedom >= Math.Min(x.Length, y.Length) - 1 - 1e-9
                && test.DegreesOfFreedom <= x.Length + y.Length - 2 + 1e-9
                && test.PTwoSided < 0.05 == (test.Low95 > 0 || test.High95 < 0)
                && Math.Abs(test.PLess - turned.PGreater) <= 1e-14 && Math.Abs(test.Low95 + turned.High95) <= 1e-12;
        });
        var same = Welch.Of([1, 2, 4, 7], [11, 12, 14, 17]);
        Assert.Equal(6, same.DegreesOfFreedom, 1e-12);
        Assert.Equal(6, Welch.Of([1e-170, 2e-170, 4e-170, 7e-170], [11e-170, 12e-170, 14e-170, 17e-170]).DegreesOfFreedom, 1e-9);
    }

    [Fact]
    public void Welch_of_few_or_constant_values()
    {
        Assert.Equal((1.5, double.NaN), (Welch.Of([3, 5], [2.5]).Difference, Welch.Of([3, 5], [2.5]).PTwoSided));
        Assert.Equal((double.PositiveInfinity, 0), (Welch.Of([3, 3], [2, 2, 2]).T, Welch.Of([3, 3], [2, 2, 2]).PTwoSided));
        Assert.Equal(double.NaN, Welch.Of([2, 2], [2, 2]).PTwoSided);
    }
}
