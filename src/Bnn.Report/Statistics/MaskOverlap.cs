using System.Collections.Immutable;
using System.Numerics;
using System.Runtime.InteropServices;
using Bnn.Core;

namespace Bnn.Report;

/// <summary>
/// How probable an overlap is if each mask keeps its number of weights at random. The probabilities are 0 where they are below the smallest
/// double; their logarithms aren't.
/// </summary>
/// <param name="PAtLeast">That at least as many weights are kept by both.</param>
/// <param name="PAtMost">That at most as many weights are kept by both.</param>
/// <param name="Log10PAtLeast">Its decimal logarithm.</param>
/// <param name="Log10PAtMost">Its decimal logarithm.</param>
public sealed record OverlapTails(double PAtLeast, double PAtMost, double Log10PAtLeast, double Log10PAtMost);

/// <summary>Which weights of a layer two masks both keep: of n weights a keeps some, b some, and both i.</summary>
/// <remarks>
/// "By chance" means that each mask keeps its number of weights, all choices being as likely: i is then hypergeometric. It is a floor of
/// one layer only; masks that favour the same inputs overlap more without agreeing about weights.
/// </remarks>
public sealed record MaskOverlap
{
    private MaskOverlap(int n, int countA, int countB, int intersection) =>
        (N, CountA, CountB, Intersection) = (n, countA, countB, intersection);

    /// <summary>n, weights of the layer.</summary>
    public int N { get; }

    /// <summary>Weights that a keeps.</summary>
    public int CountA { get; }

    /// <summary>Weights that b keeps.</summary>
    public int CountB { get; }

    /// <summary>i, weights that both keep.</summary>
    public int Intersection { get; }

    /// <summary>Weights that at least one keeps.</summary>
    public int Union => CountA + CountB - Intersection;

    /// <summary>i/union; NaN for two empty masks.</summary>
    public double Jaccard => (double)Intersection / Union;

    /// <summary>i over the smaller count; NaN if a mask is empty.</summary>
    public double OverlapCoefficient => (double)Intersection / Math.Min(CountA, CountB);

    /// <summary>e = a·b/n, the intersection expected by chance.</summary>
    public double Expected => (double)CountA * CountB / N;

    /// <summary>a·b·(n − a)(n − b)/(n²(n − 1)), the intersection's variance by chance.</summary>
    public double Variance => N == 1 ? 0 : Expected * ((double)(N - CountA) * (N - CountB) / N / (N - 1));

    /// <summary>(i − e)/sd; NaN where chance has no choice.</summary>
    public double Z => (Intersection - Expected) / Math.Sqrt(Variance);

    /// <summary>e/(a + b − e): the Jaccard index of the expected intersection.</summary>
    public double JaccardOfExpected => Expected / (CountA + CountB - Expected);

    /// <summary>κ = (i − e)/((a + b)/2 − e); <see cref="NetworkOverlap.Kappa"/> says more.</summary>
    public double Kappa => (Intersection - Expected) / ((CountA + CountB) / 2.0 - Expected);

    /// <exception cref="ArgumentException">The masks are empty or differ in length, or hold something besides 0 and 1.</exception>
    public static MaskOverlap Of(ReadOnlySpan<byte> a, ReadOnlySpan<byte> b)
    {
        if (a.Length != b.Length) throw new ArgumentException($"masks of {a.Length} and {b.Length} weights can't be compared", nameof(b));
        int countA = 0, countB = 0, both = 0;
        ulong seen = 0;
        // Eight weights at a time: each byte is 0 or 1, so the bits that are set are the weights that are kept.
        var whole = a.Length / sizeof(ulong) * sizeof(ulong);
        var wordsA = MemoryMarshal.Cast<byte, ulong>(a[..whole]);
        var wordsB = MemoryMarshal.Cast<byte, ulong>(b[..whole]);
        for (var i = 0; i < wordsA.Length; i++)
        {
            var (x, y) = (wordsA[i], wordsB[i]);
            seen |= x | y;
            countA += BitOperations.PopCount(x);
            countB += BitOperations.PopCount(y);
            both += BitOperations.PopCount(x & y);
        }
        for (var i = whole; i < a.Length; i++)
        {
            var (x, y) = (a[i], b[i]);
            seen |= (uint)(x | y);
            countA += x;
            countB += y;
            both += x & y;
        }
        if ((seen & ~0x0101010101010101UL) != 0) throw new ArgumentException("a mask holds something besides 0 and 1", nameof(a));
        return OfCounts(a.Length, countA, countB, both);
    }

    /// <exception cref="ArgumentException">No two masks of n weights have these counts.</exception>
    public static MaskOverlap OfCounts(int n, int countA, int countB, int intersection) =>
        n >= 1 && Math.Min(countA, countB) >= 0 && Math.Max(countA, countB) <= n
            && intersection >= Math.Max(0, countA + countB - n) && intersection <= Math.Min(countA, countB)
            ? new MaskOverlap(n, countA, countB, intersection)
            : throw new ArgumentException($"masks of {n} weights can't keep {countA} and {countB} and {intersection} both", nameof(n));

    /// <summary>By the exact hypergeometric law; the observed intersection counts in both.</summary>
    public OverlapTails Tails()
    {
        var (atLeast, atMost) = new Hypergeometric(N, CountA, CountB).LogTails(Intersection);
        return new OverlapTails(Math.Exp(atLeast), Math.Exp(atMost), atLeast / Math.Log(10), atMost / Math.Log(10));
    }

    /// <summary>The exact mean of the Jaccard index by chance; that of two empty masks counts as 0.</summary>
    public double ExpectedJaccard() => new Hypergeometric(N, CountA, CountB)
        .Mean(i => i == 0 ? 0 : (double)i / (CountA + CountB - i));
}

/// <summary>Which weights of a network two masks both keep, over its layers together.</summary>
public sealed record NetworkOverlap(ImmutableArray<MaskOverlap> Layers)
{
    public long N => Layers.Sum(layer => (long)layer.N);

    public long CountA => Layers.Sum(layer => (long)layer.CountA);

    public long CountB => Layers.Sum(layer => (long)layer.CountB);

    public long Intersection => Layers.Sum(layer => (long)layer.Intersection);

    public long Union => CountA + CountB - Intersection;

    /// <summary>i/union over all layers together; NaN for two empty masks.</summary>
    public double Jaccard => (double)Intersection / Union;

    /// <summary>e, the intersection expected by chance given the counts in each layer.</summary>
    public double Expected => Layers.Sum(layer => layer.Expected);

    /// <summary>
    /// κ = (i − e)/(k − e), with k the masks' common count, or (a + b)/2 where the counts differ: Cohen's kappa (1960) of two raters, whose
    /// chance is taken layer by layer. 1 for equal masks, 0 for what chance gives on average, NaN where in each layer both masks keep
    /// everything or both keep nothing.
    /// </summary>
    public double Kappa => (Intersection - Expected) / ((CountA + CountB) / 2.0 - Expected);

    /// <exception cref="ArgumentException">The masks are of different networks.</exception>
    public static NetworkOverlap Of(Mask a, Mask b) => a.Layers.Length == b.Layers.Length
        ? new NetworkOverlap([.. a.Layers.Zip(b.Layers, (x, y) => MaskOverlap.Of(x.Kept, y.Kept))])
        : throw new ArgumentException($"masks of {a.Layers.Length} and {b.Layers.Length} layers can't be compared", nameof(b));
}
