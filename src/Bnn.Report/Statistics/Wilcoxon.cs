using Bnn.Core;

namespace Bnn.Report;

/// <summary>What the normal approximation does with differences of 0.</summary>
public enum ZeroDifferences
{
    /// <summary>They are left out.</summary>
    Drop,

    /// <summary>They are ranked with the others, and then their ranks are left out (Pratt 1959).</summary>
    RankThenDrop,

    /// <summary>They are ranked with the others, and half of their ranks counts on each side.</summary>
    Split,
}

/// <summary>Wilcoxon's signed-rank test by the normal approximation: z = (W₊ − E W₊)/sd, NaN where the sd is 0.</summary>
/// <param name="WPlus">The sum of the ranks of |d| where d is positive.</param>
/// <param name="WMinus">The same where d is negative.</param>
/// <param name="PGreater">p for the alternative that d is above 0.</param>
/// <param name="PLess">p for the alternative that d is below 0.</param>
public sealed record WilcoxonApproximation(
    double WPlus, double WMinus, double ZTwoSided, double ZGreater, double ZLess, double PTwoSided, double PGreater, double PLess);

/// <summary>Wilcoxon's signed-rank test of paired differences d; zeros are dropped, and equal |d| share the mean of their ranks.</summary>
/// <remarks>
/// Its p is exact, given the ranks, for at most <see cref="MostExact"/> differences other than 0, else by the normal approximation without
/// a continuity correction. Differences tie only if they are the same double, and 0.3 − 0.2 is not 0.2 − 0.1: round them first to what they
/// can differ by.
/// </remarks>
/// <param name="N">Differences, with zeros.</param>
/// <param name="NonZero">Differences other than 0.</param>
/// <param name="WPlus">The sum of the ranks of |d| where d is positive.</param>
/// <param name="WMinus">The same where d is negative.</param>
/// <param name="HasTies">Whether some |d| other than 0 are equal.</param>
/// <param name="PTwoSided">Twice the smaller one-sided p, at most 1. It is 1 if all differences are 0.</param>
/// <param name="PGreater">p for the alternative that d is above 0.</param>
/// <param name="PLess">p for the alternative that d is below 0.</param>
public sealed record Wilcoxon(
    int N, int NonZero, double WPlus, double WMinus, bool HasTies, bool IsExact, double PTwoSided, double PGreater, double PLess)
{
    public const int MostExact = 50;

    /// <exception cref="ArgumentException">A difference is NaN.</exception>
    public static Wilcoxon Of(IReadOnlyList<double> d)
    {
        double[] nonZero = [.. NoNaN(d).Where(value => value != 0)];
        if (nonZero.Length <= MostExact) return Exact(d);
        var normal = Normal(d);
        return new Wilcoxon(
            d.Count, nonZero.Length, normal.WPlus, normal.WMinus, Ties(nonZero), IsExact: false,
            normal.PTwoSided, normal.PGreater, normal.PLess);
    }

    /// <summary>
    /// p over all 2ⁿ choices of the signs, each as likely, with these ranks. Time and memory grow as n³ and n².
    /// </summary>
    /// <exception cref="ArgumentException">A difference is NaN.</exception>
    public static Wilcoxon Exact(IReadOnlyList<double> d)
    {
        double[] nonZero = [.. NoNaN(d).Where(value => value != 0)];
        var ranks = Ranks.Midranks(Array.ConvertAll(nonZero, Math.Abs));
        // A midrank is a multiple of ½, so twice a sum of ranks is a whole number.
        var twice = Array.ConvertAll(ranks, rank => (int)(2 * rank));
        var positive = twice.Where((_, i) => nonZero[i] > 0).Sum();
        var law = LawOfSum(twice);
        var (greater, less) = (Math.Min(1, law.Skip(positive).Sum()), Math.Min(1, law.Take(positive + 1).Sum()));
        return new Wilcoxon(
            d.Count, nonZero.Length, positive / 2.0, (twice.Sum() - positive) / 2.0, Ties(nonZero), IsExact: true,
            Math.Min(1, 2 * Math.Min(greater, less)), greater, less);
    }

    /// <summary>
    /// z = (W₊ − E)/sd with E = (n(n + 1) − z₀(z₀ + 1))/4 and sd² = (n(n + 1)(2n + 1) − z₀(z₀ + 1)(2z₀ + 1))/24 − Σ(t³ − t)/48, where n
    /// differences are ranked, the ranks of z₀ zeros are left out, and t counts the members of each group of equal |d| among the others.
    /// </summary>
    /// <param name="correctsContinuity">
    /// Moves W₊ by ½: against the alternative in one-sided tests, towards E in the two-sided one.
    /// </param>
    /// <exception cref="ArgumentException">A difference is NaN.</exception>
    public static WilcoxonApproximation Normal(
        IReadOnlyList<double> d, ZeroDifferences zeros = ZeroDifferences.Drop, bool correctsContinuity = false)
    {
        double[] ranked = [.. NoNaN(d).Where(value => value != 0 || zeros != ZeroDifferences.Drop)];
        var sizes = Array.ConvertAll(ranked, Math.Abs);
        var ranks = Ranks.Midranks(sizes);
        double plus = 0, minus = 0, zero = 0;
        for (var i = 0; i < ranked.Length; i++)
        {
            if (ranked[i] > 0) plus += ranks[i];
            else if (ranked[i] < 0) minus += ranks[i];
            else zero += ranks[i];
        }
        if (zeros == ZeroDifferences.Split) (plus, minus) = (plus + zero / 2, minus + zero / 2);

        var (n, left) = ((double)ranked.Length, zeros == ZeroDifferences.RankThenDrop ? (double)ranked.Count(value => value == 0) : 0);
        var tied = sizes.GroupBy(size => size)
            .Where(group => group.Key != 0 || zeros == ZeroDifferences.Split)
            .Sum(group => Math.Pow(group.Count(), 3) - group.Count());
        var mean = (n * (n + 1) - left * (left + 1)) / 4;
        var variance = (n * (n + 1) * (2 * n + 1) - left * (left + 1) * (2 * left + 1)) / 24 - tied / 48;
        var sd = variance > 0 ? Math.Sqrt(variance) : double.NaN;
        var half = correctsContinuity ? 0.5 : 0;
        var off = plus - mean;
        var (two, greater, less) = ((off - half * Math.Sign(off)) / sd, (off - half) / sd, (off + half) / sd);
        return new WilcoxonApproximation(
            plus, minus, two, greater, less,
            2 * StandardNormal.UpperTail(Math.Abs(two)), StandardNormal.UpperTail(greater), StandardNormal.UpperTail(-less));
    }

    /// <summary>
    /// The smallest exact two-sided p that n differences other than 0 can have: 2/2ⁿ, when all have one sign. For n ≤ 5 it is above 0.05.
    /// </summary>
    public static double SmallestP(int nonZero) => Math.Min(1, Math.ScaleB(2, -nonZero));

    /// <summary>The probability of each sum 0, 1, … of a random subset of the numbers.</summary>
    private static double[] LawOfSum(int[] numbers)
    {
        var law = new double[numbers.Sum() + 1];
        law[0] = 1;
        var largest = 0;
        foreach (var number in numbers)
        {
            largest += number;
            for (var sum = largest; sum >= 0; sum--) law[sum] = (law[sum] + (sum >= number ? law[sum - number] : 0)) / 2;
        }
        return law;
    }

    private static bool Ties(double[] nonZero) => nonZero.Select(Math.Abs).Distinct().Count() < nonZero.Length;

    private static IReadOnlyList<double> NoNaN(IReadOnlyList<double> d) =>
        d.Any(double.IsNaN) ? throw new ArgumentException("NaN has no rank", nameof(d)) : d;
}
