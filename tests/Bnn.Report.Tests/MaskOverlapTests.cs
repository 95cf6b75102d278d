using Bnn.Core;
using CsCheck;
using MathNet.Numerics;

namespace Bnn.Report.Tests;

public sealed class MaskOverlapTests
{
    private static readonly Gen<(byte[] A, byte[] B)> Pairs = Gen.Int[1, 60].SelectMany(n =>
        Gen.Select(Gen.Byte[0, 1].Array[n], Gen.Byte[0, 1].Array[n]));

    [Fact]
    public void Overlaps_agree_with_every_golden_case()
    {
        foreach (var c in GoldenStatistics.Cases("mask_overlap"))
        {
            var overlap = MaskOverlap.Of(Bytes("a"), Bytes("b"));
            Check(c, overlap);
            GoldenStatistics.Close(c, "expected_jaccard_exact", overlap.ExpectedJaccard());

            byte[] Bytes(string name) => [.. GoldenStatistics.Numbers(c, name).Select(value => (byte)value)];
        }
    }

    [Fact]
    public void Overlaps_of_the_size_of_networks_agree_with_the_golden_ones()
    {
        var compared = 0;
        foreach (var c in GoldenStatistics.OfKind("mask_overlap").SelectMany(file => file.GetProperty("counts_only").EnumerateArray()))
        {
            Check(c, MaskOverlap.OfCounts(Int("n"), Int("count_a"), Int("count_b"), Int("intersection")));
            compared++;

            int Int(string name) => c.GetProperty(name).GetInt32();
        }
        Assert.True(compared >= 5);
    }

    private static void Check(System.Text.Json.JsonElement c, MaskOverlap overlap)
    {
        var tails = overlap.Tails();
        GoldenStatistics.Close(c, "n", overlap.N);
        GoldenStatistics.Close(c, "count_a", overlap.CountA);
        GoldenStatistics.Close(c, "count_b", overlap.CountB);
        GoldenStatistics.Close(c, "intersection", overlap.Intersection);
        GoldenStatistics.Close(c, "union", overlap.Union);
        GoldenStatistics.Close(c, "jaccard", overlap.Jaccard);
        GoldenStatistics.Close(c, "overlap_coefficient", overlap.OverlapCoefficient);
        GoldenStatistics.Close(c, "expected_intersection", overlap.Expected);
        GoldenStatistics.Close(c, "variance_intersection", overlap.Variance);
        GoldenStatistics.Close(c, "z", overlap.Z);
        GoldenStatistics.Close(c, "jaccard_of_expected_intersection", overlap.JaccardOfExpected);
        GoldenStatistics.Close(c, "p_at_least", tails.PAtLeast);
        GoldenStatistics.Close(c, "p_at_most", tails.PAtMost);
        GoldenStatistics.Close(c, "log10_p_at_least", tails.Log10PAtLeast);
        GoldenStatistics.Close(c, "log10_p_at_most", tails.Log10PAtMost);
    }

    /// <summary>Summed over binomial coefficients, which are exact at this size.</summary>
    [Fact]
    public void Tails_and_mean_are_those_of_all_choices() => Pairs.Sample((a, b) =>
    {
        var overlap = MaskOverlap.Of(a, b);
        var (n, countA, countB) = (overlap.N, overlap.CountA, overlap.CountB);
        double[] law = [.. Enumerable.Range(0, Math.Min(countA, countB) + 1).Select(i =>
            countB - i > n - countA ? 0 : Choose(countA, i) * Choose(n - countA, countB - i) / Choose(n, countB))];
        var tails = overlap.Tails();
        return IsNear(law.Skip(overlap.Intersection).Sum(), tails.PAtLeast)
            && IsNear(law.Take(overlap.Intersection + 1).Sum(), tails.PAtMost)
            && IsNear(law.Index().Sum(item => item.Index * item.Item), overlap.Expected)
            && IsNear(law.Index().Sum(item => Square(item.Index - overlap.Expected) * item.Item), overlap.Variance)
            && IsNear(
                law.Index().Sum(item => item.Index == 0 ? 0 : item.Item * item.Index / (countA + countB - item.Index)),
                overlap.ExpectedJaccard());

        static double Choose(int n, int k) => Enumerable.Range(1, k).Aggregate(1.0, (product, i) => product * (n - k + i) / i);

        static double Square(double x) => x * x;

        static bool IsNear(double expected, double actual) => Math.Abs(actual - expected) <= 1e-11 * Math.Abs(expected) + 1e-14;
    });

    [Fact]
    public void Counts_are_those_of_a_plain_loop() => Pairs.Sample((a, b) =>
    {
        var overlap = MaskOverlap.Of(a, b);
        return overlap == MaskOverlap.OfCounts(
            a.Length, a.Count(kept => kept == 1), b.Count(kept => kept == 1), a.Zip(b).Count(pair => pair is (1, 1)));
    });

    /// <summary>Equal masks at the size of a network: P(X = a) = 1/C(n, a), far below the smallest double.</summary>
    [Fact]
    public void A_tail_too_small_for_a_double_has_a_logarithm()
    {
        var tails = MaskOverlap.OfCounts(266_200, 53_240, 53_240, 53_240).Tails();
        Assert.Equal((0, 1), (tails.PAtLeast, tails.PAtMost));
        var choices = SpecialFunctions.FactorialLn(266_200) - SpecialFunctions.FactorialLn(53_240) - SpecialFunctions.FactorialLn(212_960);
        Assert.Equal(-choices / Math.Log(10), tails.Log10PAtLeast, 1e-4);
        var none = MaskOverlap.OfCounts(266_200, 53_240, 53_240, 0).Tails();
        Assert.Equal((1, 0), (none.PAtLeast, none.PAtMost));
        Assert.InRange(none.Log10PAtMost, -6000, -5000);
    }

    /// <summary>Cohen's kappa from its own definition, a table of two raters: (p₀ − pₑ)/(1 − pₑ).</summary>
    [Fact]
    public void Kappa_is_Cohens() => Pairs.Sample((a, b) =>
    {
        double n = a.Length;
        double keptA = a.Count(kept => kept == 1) / n, keptB = b.Count(kept => kept == 1) / n;
        var agreed = a.Zip(b).Count(pair => pair.First == pair.Second) / n;
        var byChance = keptA * keptB + (1 - keptA) * (1 - keptB);
        var kappa = MaskOverlap.Of(a, b).Kappa;
        return byChance == 1 ? double.IsNaN(kappa) : Math.Abs(kappa - (agreed - byChance) / (1 - byChance)) <= 1e-12;
    });

    [Fact]
    public void Kappa_of_a_network_takes_chance_from_each_layers_counts()
    {
        // Of 4 and 8 weights, 2 and 2 kept: chance gives 2·2/4 + 2·2/8 = 1.5 of 4; both keep 1 + 2.
        var (a, b) = (Net([1, 1, 0, 0], [1, 1, 0, 0, 0, 0, 0, 0]), Net([1, 0, 1, 0], [1, 1, 0, 0, 0, 0, 0, 0]));
        var overlap = NetworkOverlap.Of(a, b);
        Assert.Equal((12, 4, 4, 3, 5), (overlap.N, overlap.CountA, overlap.CountB, overlap.Intersection, overlap.Union));
        Assert.Equal(0.6, overlap.Jaccard, 1e-15);
        Assert.Equal(1.5, overlap.Expected, 1e-15);
        Assert.Equal((3 - 1.5) / (4 - 1.5), overlap.Kappa, 1e-15);
        Assert.Equal([0, 1], overlap.Layers.Select(layer => layer.Kappa));
        Assert.Equal(1, NetworkOverlap.Of(a, a).Kappa, 1e-15);
        Assert.Throws<ArgumentException>(() => NetworkOverlap.Of(a, Net([1, 1, 0, 0])));

        static Mask Net(params byte[][] layers) => new([.. layers.Select(kept => new LayerMask(new LayerShape(1, kept.Length), kept))]);
    }

    [Fact]
    public void What_are_no_masks_of_one_layer_is_refused()
    {
        Assert.Throws<ArgumentException>(() => MaskOverlap.Of([1, 0], [1]));
        Assert.Throws<ArgumentException>(() => MaskOverlap.Of([], []));
        Assert.Throws<ArgumentException>(() => MaskOverlap.Of([2], [1]));
        Assert.Throws<ArgumentException>(() => MaskOverlap.Of([1, 0, 0, 0, 0, 0, 0, 0], [1, 0, 0, 255, 0, 0, 0, 0]));
        Assert.Throws<ArgumentException>(() => MaskOverlap.OfCounts(10, 8, 7, 4));
        Assert.Throws<ArgumentException>(() => MaskOverlap.OfCounts(10, 8, 7, 8));
        Assert.Throws<ArgumentException>(() => MaskOverlap.OfCounts(10, 11, 7, 7));
        Assert.Throws<ArgumentException>(() => MaskOverlap.OfCounts(10, -1, 7, 0));
    }
}
