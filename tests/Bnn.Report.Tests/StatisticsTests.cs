using System.Text.Json;
using CsCheck;

namespace Bnn.Report.Tests;

public sealed class StatisticsTests
{
    [Fact]
    public void Paired_t_agrees_with_every_golden_case()
    {
        foreach (var c in GoldenStatistics.Cases("paired_t"))
        {
            var t = PairedT.Of(GoldenStatistics.Numbers(c, "x"), GoldenStatistics.Numbers(c, "y"));
            Assert.Equal(c.GetProperty("n").GetInt32(), t.N);
            Assert.Equal(c.GetProperty("df").GetInt32(), t.DegreesOfFreedom);
            GoldenStatistics.Close(c, "mean_difference", t.MeanDifference);
            GoldenStatistics.Close(c, "sd_difference", t.SdDifference);
            GoldenStatistics.Close(c, "t", t.T);
            GoldenStatistics.Close(c, "p_two_sided", t.PTwoSided, 0);
            GoldenStatistics.Close(c, "p_less", t.PLess, 0);
            GoldenStatistics.Close(c, "p_greater", t.PGreater, 0);
            GoldenStatistics.Close(c, "ci95_low", t.Low95);
            GoldenStatistics.Close(c, "ci95_high", t.High95);
            GoldenStatistics.Close(c, "cohens_dz", t.CohensDz);
            GoldenStatistics.Close(c, "cohens_dav", t.CohensDav);
        }
    }

    [Fact]
    public void T_interval_agrees_with_every_golden_case()
    {
        foreach (var c in GoldenStatistics.Cases("t_interval"))
        {
            foreach (var expected in c.GetProperty("intervals").EnumerateArray())
            {
                var interval = TInterval.Of(GoldenStatistics.Numbers(c, "x"), expected.GetProperty("confidence").GetDouble());
                GoldenStatistics.Close(c, "mean", interval.Mean);
                GoldenStatistics.Close(c, "sd", interval.Sd);
                GoldenStatistics.Close(c, "sem", interval.Sem);
                GoldenStatistics.Close(expected, "t_quantile", interval.Quantile);
                GoldenStatistics.Close(expected, "low", interval.Low);
                GoldenStatistics.Close(expected, "high", interval.High);
            }
        }
    }

    [Fact]
    public void T_quantiles_and_tails_agree_with_every_golden_case()
    {
        foreach (var file in GoldenStatistics.OfKind("t_interval"))
        {
            foreach (var c in file.GetProperty("t_quantiles").EnumerateArray())
                GoldenStatistics.Close(c, "t", StudentT.Quantile(Number(c, "p"), Number(c, "df")));
            foreach (var c in file.GetProperty("t_upper_tails").EnumerateArray())
                GoldenStatistics.Close(c, "sf", StudentT.UpperTail(Number(c, "t"), Number(c, "df")), 0);
        }

        static double Number(JsonElement of, string name) => GoldenStatistics.Number(of.GetProperty(name));
    }

    [Fact]
    public void Rank_correlations_agree_with_every_golden_case()
    {
        foreach (var c in GoldenStatistics.Cases("rank_correlation"))
        {
            var (x, y) = (GoldenStatistics.Numbers(c, "x"), GoldenStatistics.Numbers(c, "y"));
            var (spearman, kendall, pearson) =
                (RankCorrelation.Spearman(x, y), RankCorrelation.Kendall(x, y), RankCorrelation.Pearson(x, y));
            GoldenStatistics.Close(c, "spearman_rho", spearman.Value);
            GoldenStatistics.Close(c, "spearman_p", spearman.P);
            GoldenStatistics.Close(c, "kendall_tau_b", kendall.TauB);
            GoldenStatistics.Close(c, "kendall_p", kendall.P);
            GoldenStatistics.Close(c, "kendall_p_asymptotic", kendall.PAsymptotic);
            GoldenStatistics.Close(c, "kendall_tau_c", kendall.TauC);
            if (!c.TryGetProperty("pearson_r", out _)) continue;
            GoldenStatistics.Close(c, "pearson_r", pearson.Value);
            GoldenStatistics.Close(c, "pearson_p", pearson.P);
        }
    }

    [Fact]
    public void A_quantile_has_its_tail() =>
        Gen.Select(Gen.Double[1e-12, 0.5 - 1e-12], Gen.Int[1, 200]).Sample((tail, df) =>
            Math.Abs(StudentT.UpperTail(-StudentT.Quantile(tail, df), df) - tail) <= 1e-11 * tail);

    [Fact]
    public void Swapping_the_pairs_turns_the_test_round() =>
        Gen.Select(Gen.Double[0, 1], Gen.Double[0, 1]).Array[2, 20].Sample(pairs =>
        {
            double[] x = [.. pairs.Select(p => p.Item1)], y = [.. pairs.Select(p => p.Item2)];
            var (a, b) = (PairedT.Of(x, y), PairedT.Of(y, x));
            return a.Low95.Equals(-b.High95) && a.PLess.Equals(b.PGreater) && a.PTwoSided.Equals(b.PTwoSided);
        });

    [Fact]
    public void Ranks_know_nothing_but_the_order() =>
        Gen.Select(Gen.Int[-5, 5], Gen.Int[-5, 5]).Array[3, 15].Sample(pairs =>
        {
            double[] x = [.. pairs.Select(p => (double)p.Item1)], y = [.. pairs.Select(p => (double)p.Item2)];
            double[] stretched = [.. x.Select(Math.Exp)];
            return RankCorrelation.Kendall(x, y).Equals(RankCorrelation.Kendall(stretched, y))
                && RankCorrelation.Spearman(x, y).Equals(RankCorrelation.Spearman(stretched, y));
        });
}
