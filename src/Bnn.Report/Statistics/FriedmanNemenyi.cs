using System.Collections.Immutable;
using Bnn.Core;
using MathNet.Numerics;

namespace Bnn.Report;

/// <summary>Which value of a block has rank 1.</summary>
public enum RankOne
{
    Lowest,
    Highest,
}

/// <summary>
/// Friedman's test of k treatments over n complete blocks, in each of which the treatments are ranked, and Nemenyi's comparison of all
/// pairs by their average ranks.
/// </summary>
/// <remarks>
/// Demšar 2006, "Statistical comparisons of classifiers over multiple data sets". If the treatments are equal in every block everything but
/// the ranks and the critical difference is NaN. The chi-squared and the normal law hold for many blocks; with few they are rough.
/// </remarks>
/// <param name="AverageRanks">Of each treatment; equal values of a block share the mean of their ranks.</param>
/// <param name="ChiSquared">
/// 12n/(k(k + 1))·Σ(R̄ⱼ − (k + 1)/2)²/C with the correction for ties C = 1 − Σ(t³ − t)/(n·k(k² − 1)), where t counts the members of each
/// group of equal values in a block.
/// </param>
/// <param name="DegreesOfFreedom">k − 1.</param>
/// <param name="ImanDavenportF">
/// (n − 1)χ²/(n(k − 1) − χ²), which has an F distribution with k − 1 and (k − 1)(n − 1) degrees of freedom and is less conservative (Iman
/// and Davenport 1980). Infinite if all blocks agree; NaN for one block.
/// </param>
/// <param name="PairwiseP">
/// Nemenyi's p of treatments i and j: P(R &gt; |R̄ᵢ − R̄ⱼ|/√(k(k + 1)/(12n))) for the range R of k normal numbers. It corrects for the
/// number of pairs by itself. 1 on the diagonal.
/// </param>
public sealed record FriedmanNemenyi(
    int Blocks, int Treatments, ImmutableArray<double> AverageRanks, double ChiSquared, int DegreesOfFreedom, double P,
    double ImanDavenportF, double ImanDavenportP, ImmutableArray<ImmutableArray<double>> PairwiseP)
{
    /// <param name="blocks">Each with the values of the treatments, in their order.</param>
    /// <param name="rankOne">For accuracies the highest, so that a low rank is good.</param>
    /// <exception cref="ArgumentException">
    /// There is no block or one treatment only; a block has another number of treatments, or a NaN: it isn't complete.
    /// </exception>
    public static FriedmanNemenyi Of(IReadOnlyList<IReadOnlyList<double>> blocks, RankOne rankOne)
    {
        if (blocks.Count == 0) throw new ArgumentException("there is no block", nameof(blocks));
        var (n, k) = (blocks.Count, blocks[0].Count);
        if (k < 2) throw new ArgumentException($"{k} treatments can't be compared", nameof(blocks));
        foreach (var block in blocks)
        {
            if (block.Count != k) throw new ArgumentException($"a block has {block.Count} values, another {k}", nameof(blocks));
            if (block.Any(double.IsNaN)) throw new ArgumentException("a block with NaN isn't complete", nameof(blocks));
        }

        // Whole numbers from here on (twice the sums of ranks, and what is made of them), so that χ² at its largest is exactly that.
        var twiceSums = new double[k];
        double ties = 0;
        foreach (var block in blocks)
        {
            var ranks = Ranks.Midranks([.. block.Select(value => rankOne == RankOne.Highest ? -value : value)]);
            for (var j = 0; j < k; j++) twiceSums[j] += 2 * ranks[j];
            ties += ranks.GroupBy(rank => rank).Sum(group => Math.Pow(group.Count(), 3) - group.Count());
        }
        var between = 3.0 * (k - 1) * twiceSums.Sum(sum => (sum - n * (k + 1)) * (sum - n * (k + 1)));
        var within = (double)n * k * (k * k - 1) - ties;
        var chiSquared = between / within;
        var f = (n - 1) * between / (n * (k - 1) * within - between);

        var averages = Array.ConvertAll(twiceSums, sum => sum / (2 * n));
        var scale = Math.Sqrt(k * (k + 1) / (12.0 * n));
        return new FriedmanNemenyi(
            n, k, [.. averages], chiSquared, k - 1, ChiSquaredUpperTail(chiSquared, k - 1), f, FisherUpperTail(f, k - 1, (k - 1) * (n - 1)),
            [.. averages.Select((own, i) => averages
                .Select((other, j) => within == 0 ? double.NaN
                    : i == j ? 1
                    : StudentizedRange.UpperTail(Math.Abs(own - other) / scale, k))
                .ToImmutableArray())]);
    }

    /// <summary>
    /// Average ranks that differ by more than q·√(k(k + 1)/(6n)) differ at the level <paramref name="alpha"/>, over all pairs together.
    /// </summary>
    public double CriticalDifference(double alpha) => Q(alpha, Treatments) * Math.Sqrt(Treatments * (Treatments + 1) / (6.0 * Blocks));

    /// <summary>Nemenyi's q: the range's quantile over √2.</summary>
    public static double Q(double alpha, int treatments) => StudentizedRange.Quantile(alpha, treatments) / Math.Sqrt(2);

    /// <summary>P(χ² &gt; x) = Q(df/2, x/2), the regularised incomplete gamma function.</summary>
    private static double ChiSquaredUpperTail(double x, int df) => double.IsNaN(x)
        ? double.NaN
        : SpecialFunctions.GammaUpperRegularized(df / 2.0, x / 2);

    /// <summary>P(F &gt; f) = I(d₂/2, d₁/2; d₂/(d₂ + d₁f)), the regularised incomplete beta function.</summary>
    private static double FisherUpperTail(double f, int d1, int d2) => double.IsNaN(f) || d2 < 1
        ? double.NaN
        : SpecialFunctions.BetaRegularized(d2 / 2.0, d1 / 2.0, d2 / (d2 + d1 * f));
}
