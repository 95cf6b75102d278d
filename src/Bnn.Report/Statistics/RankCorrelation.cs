using Bnn.Core;
using MathNet.Numerics;

namespace Bnn.Report;

/// <summary>A correlation with its two-sided p under independence.</summary>
public sealed record Correlation(double Value, double P);

/// <summary>Kendall's correlation. Tau-b corrects for ties, tau-c for a table that isn't square.</summary>
/// <param name="P">Exact over all orders without ties and with at most 33 values (or at most one pair out of order), else
/// <paramref name="PAsymptotic"/>.</param>
public sealed record KendallTau(double TauB, double TauC, double P, double PAsymptotic);

/// <summary>How far two lists of numbers rise together: Spearman, Kendall, Pearson. Constant lists give NaN.</summary>
public static class RankCorrelation
{
    /// <summary>Pearson's correlation of the midranks; p by t with n − 2 degrees of freedom.</summary>
    public static Correlation Spearman(IReadOnlyList<double> x, IReadOnlyList<double> y) => Pearson(Ranks.Midranks(x), Ranks.Midranks(y));

    /// <summary>r = Σ(x − x̄)(y − ȳ) / √(Σ(x − x̄)²·Σ(y − ȳ)²); p by t with n − 2 degrees of freedom, NaN where there are none.</summary>
    public static Correlation Pearson(IReadOnlyList<double> x, IReadOnlyList<double> y)
    {
        var r = Ranks.Correlation(x, y);
        return new Correlation(r, StudentT.TwoSidedOfCorrelation(r, x.Count - 2));
    }

    /// <summary>Counts pairs in order and out of order, all n(n − 1)/2 of them: meant for the few values of a report.</summary>
    public static KendallTau Kendall(IReadOnlyList<double> x, IReadOnlyList<double> y)
    {
        Check(x, y);
        var n = x.Count;
        long inOrder = 0, outOfOrder = 0;
        for (var i = 0; i < n; i++)
        {
            for (var j = 0; j < i; j++)
            {
                var sign = x[i].CompareTo(x[j]) * y[i].CompareTo(y[j]);
                if (sign > 0) inOrder++;
                else if (sign < 0) outOfOrder++;
            }
        }
        var (tiesX, tiesY) = (Ties.Of(x), Ties.Of(y));
        var pairs = n * (n - 1L) / 2;
        if (tiesX.Pairs == pairs || tiesY.Pairs == pairs) return new KendallTau(double.NaN, double.NaN, double.NaN, double.NaN);

        var difference = inOrder - outOfOrder;
        var tauB = Math.Clamp(difference / Math.Sqrt(pairs - tiesX.Pairs) / Math.Sqrt(pairs - tiesY.Pairs), -1, 1);
        var classes = (double)Math.Min(tiesX.Classes, tiesY.Classes);
        var tauC = Math.Clamp(2 * difference / ((double)n * n * (classes - 1) / classes), -1, 1);
        var asymptotic = Asymptotic(n, difference, tiesX, tiesY);
        var rarer = Math.Min(outOfOrder, pairs - outOfOrder);
        var exact = tiesX.Pairs == 0 && tiesY.Pairs == 0 && (n <= 33 || rarer <= 1);
        return new KendallTau(tauB, tauC, exact ? Exact(n, rarer) : asymptotic, asymptotic);
    }

    /// <summary>
    /// Normal approximation of (pairs in order − pairs out of order) with its variance corrected for ties (Kendall 1970). It is 0/0, so
    /// NaN, for n = 2.
    /// </summary>
    private static double Asymptotic(int n, long difference, Ties x, Ties y)
    {
        var m = n * (n - 1.0);
        var variance = (m * (2 * n + 5) - x.Fives - y.Fives) / 18
            + 2.0 * x.Pairs * y.Pairs / m
            + (double)x.Triples * y.Triples / (9 * m * (n - 2));
        return SpecialFunctions.Erfc(Math.Abs(difference) / Math.Sqrt(2 * variance));
    }

    /// <summary>Twice the share of the n! orders with at most <paramref name="inversions"/> pairs out of order, at most 1.</summary>
    private static double Exact(int n, long inversions)
    {
        // share[k] of the orders of m values with k inversions; the m-th value adds 0 … m − 1 of them with equal chance.
        var share = new double[inversions + 1];
        share[0] = 1;
        for (var m = 2; m <= n; m++)
        {
            var before = share;
            share = new double[before.Length];
            for (var k = 0; k < share.Length; k++)
            {
                // Each sum starts again: a running difference would lose the smallest shares.
                var window = 0.0;
                for (var j = Math.Max(0, k - m + 1); j <= k; j++) window += before[j];
                share[k] = window / m;
            }
        }
        return Math.Min(1, 2 * share.Sum());
    }

    private static void Check(IReadOnlyList<double> x, IReadOnlyList<double> y)
    {
        if (x.Count != y.Count) throw new ArgumentException($"{x.Count} values can't be paired with {y.Count}", nameof(y));
    }

    /// <summary>Sums over groups of c equal values. Pairs: c(c − 1)/2; triples: c(c − 1)(c − 2); fives: c(c − 1)(2c + 5).</summary>
    private sealed record Ties(int Classes, long Pairs, long Triples, long Fives)
    {
        public static Ties Of(IReadOnlyList<double> x)
        {
            long[] counts = [.. x.GroupBy(value => value).Select(group => group.LongCount())];
            return new Ties(
                counts.Length,
                counts.Sum(c => c * (c - 1) / 2),
                counts.Sum(c => c * (c - 1) * (c - 2)),
                counts.Sum(c => c * (c - 1) * (2 * c + 5)));
        }
    }
}
