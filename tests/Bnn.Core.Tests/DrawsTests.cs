using Bnn.Core;
using CsCheck;

namespace Bnn.Tests;

/// <summary>
/// Normals, signs and permutations: where each draw comes from, and that it is distributed as it should be. Seeds are fixed where the
/// outcome depends on chance.
/// </summary>
public sealed class DrawsTests
{
    private static readonly RandomStream Stream = new Seed(20240607).Stream(StreamName.Epsilon, 2);

    private static float[] Row(int row, int columns, int step = 3)
    {
        var values = new float[columns];
        NormalDraws.FillRow(Stream, step, row, values);
        return values;
    }

    [Fact]
    public void Column_16k_plus_j_of_a_group_is_normal_k_of_block_j() =>
        Gen.Select(Gen.Int[0, 50], Gen.Int[1, 200]).Sample((row, columns) =>
    {
        var values = Row(row, columns);
        for (var column = 0; column < columns; column++)
        {
            var (group, k, j) = (column / 64, column % 64 / 16, column % 16);
            var block = Stream.Block(3, (uint)row * NormalDraws.BlocksPerRow(columns) + (uint)(16 * group + j));
            var (a, b) = (NormalDraws.BoxMuller(block.W0, block.W1), NormalDraws.BoxMuller(block.W2, block.W3));
            Assert.Equal(((float[])[a.First, a.Second, b.First, b.Second])[k], values[column]);
        }
    });

    [Fact]
    public void A_normal_by_its_number_is_that_of_its_row() => Gen.Select(Gen.Int[0, 40], Gen.Int[1, 300]).Sample((row, columns) =>
        Assert.Equal(Row(row, columns), Enumerable.Range(0, columns).Select(column =>
            NormalDraws.At(Stream, 3, NormalDraws.NumberOf(row, column, columns)))));

    [Fact]
    public void Rows_take_blocks_of_their_own()
    {
        foreach (var columns in (int[])[1, 63, 64, 65, 300])
        {
            Assert.True(4 * NormalDraws.BlocksPerRow(columns) >= columns);
            var neighbours = Row(0, columns).Concat(Row(1, columns)).Concat(Row(2, columns)).ToArray();
            Assert.Equal(neighbours.Length, neighbours.Distinct().Count());
        }
    }

    [Fact]
    public void A_shorter_row_is_a_prefix_where_rows_take_as_many_blocks()
    {
        Assert.Equal(Row(5, 64)[..40], Row(5, 40));
        Assert.Equal(Row(5, 128)[..70], Row(5, 70));
        Assert.Equal(Row(0, 128)[..40], Row(0, 40));
        Assert.NotEqual(Row(5, 128)[..40], Row(5, 40));
    }

    [Fact]
    public void Box_Muller_agrees_with_its_formula_and_is_finite_at_every_corner()
    {
        uint[] corners = [0, 1, 255, 256, 0x7FFFFFFF, 0x80000000, 0x80000080, 0xFFFFFF00, uint.MaxValue];
        var words = corners.Concat(Enumerable.Range(0, 500).Select(i => Stream.Word(0, (uint)i))).ToArray();
        foreach (var a in words)
        {
            foreach (var b in words)
            {
                var u = ((a >> 8) + 0.5) / (1 << 24);
                var radius = Math.Sqrt(-2 * Math.Log((float)u)) * (b >> 31 == 1 ? -1 : 1);
                var t = ((b & 0x7FFFFFFF) >> 7) / (double)(1 << 24) - 0.5;
                var (first, second) = NormalDraws.BoxMuller(a, b);
                Assert.Equal(radius * double.CosPi(t), first, 2e-6);
                Assert.Equal(radius * double.SinPi(t), second, 2e-6);
            }
        }
    }

    [Fact]
    public void Normals_are_standard_normal_and_independent()
    {
        const int Rows = 2000, Columns = 128, N = Rows * Columns;
        var z = Enumerable.Range(0, Rows).SelectMany(row => Row(row, Columns)).Select(value => (double)value).ToArray();
        Assert.InRange(z.Average(), -5 / Math.Sqrt(N), 5 / Math.Sqrt(N));
        Assert.Equal(1, z.Average(x => x * x), 5 * Math.Sqrt(2.0 / N));
        Assert.Equal(0, z.Average(x => x * x * x), 5 * Math.Sqrt(15.0 / N));
        Assert.Equal(3, z.Average(x => x * x * x * x), 5 * Math.Sqrt(96.0 / N));
        Assert.InRange(Distribution.KsDistance(z, Distribution.NormalCdf), 0, 2.7 / Math.Sqrt(N));
        foreach (var lag in (int[])[1, 16, 32, 48, 64, Columns])          // neighbours, partners of a pair and of a block, groups, rows
        {
            Uncorrelated(z[lag..], z[..^lag]);
            Uncorrelated([.. z[lag..].Select(x => x * x)], [.. z[..^lag].Select(x => x * x)]);
        }
        var next = Enumerable.Range(0, Rows).SelectMany(row => Row(row, Columns, step: 4)).Select(value => (double)value).ToArray();
        Uncorrelated(z, next);
    }

    [Fact]
    public void Signs_are_the_bits_of_whole_blocks_row_by_row() => Gen.Select(Gen.Int[0, 40], Gen.Int[1, 300]).Sample((row, columns) =>
    {
        var words = new uint[SignDraws.WordsPerRow(columns)];
        SignDraws.FillRow(Stream, 7, row, words);
        Assert.True(32 * words.Length >= columns);
        Assert.Equal(words, Enumerable.Range(0, words.Length).Select(i => Stream.Word(7, (uint)(row * words.Length + i))));
        for (var column = 0; column < columns; column++)
            Assert.Equal((words[column / 32] & 1u << column % 32) != 0, SignDraws.IsNegative(words, column));
    });

    [Theory, InlineData(1, 4), InlineData(128, 4), InlineData(129, 8), InlineData(784, 28)]
    public void A_row_of_signs_takes_whole_blocks(int columns, int words) => Assert.Equal(words, SignDraws.WordsPerRow(columns));

    [Fact]
    public void Signs_are_balanced_and_independent()
    {
        const int Rows = 2000, Columns = 100, N = Rows * Columns;
        var words = new uint[SignDraws.WordsPerRow(Columns)];
        var signs = new double[N];
        for (var row = 0; row < Rows; row++)
        {
            SignDraws.FillRow(Stream, 0, row, words);
            for (var column = 0; column < Columns; column++) signs[row * Columns + column] = SignDraws.IsNegative(words, column) ? -1 : 1;
        }
        Assert.InRange(signs.Average(), -5 / Math.Sqrt(N), 5 / Math.Sqrt(N));
        foreach (var lag in (int[])[1, 32, Columns]) Uncorrelated(signs[lag..], signs[..^lag]);
        for (var column = 0; column < Columns; column++)
        {
            var mean = Enumerable.Range(0, Rows).Average(row => signs[row * Columns + column]);
            Assert.InRange(mean, -5 / Math.Sqrt(Rows), 5 / Math.Sqrt(Rows));
        }
    }

    [Fact]
    public void A_permutation_has_each_number_once_and_depends_on_seed_and_step() =>
        Gen.Select(Gen.ULong, Gen.Int[0, 1000], Gen.Int[0, 200]).Sample((seed, step, count) =>
    {
        var stream = new Seed(seed).Stream(StreamName.Shuffle);
        var order = Permutation.Draw(stream, step, count);
        Assert.Equal(Enumerable.Range(0, count), order.Order());
        var there = new int[count];
        Permutation.Draw(stream, step, there);
        Assert.Equal(order, there);
        if (count < 30) return;         // 1/30! that two orders agree
        Assert.NotEqual(order, Permutation.Draw(stream, step + 1, count));
        Assert.NotEqual(order, Permutation.Draw(new Seed(seed ^ 1UL << 40).Stream(StreamName.Shuffle), step, count));
    });

    [Fact]
    public void All_orders_of_four_come_equally_often()
    {
        const int N = 24_000;
        var counts = Enumerable.Range(0, N).Select(step => Permutation.Draw(Stream, step, 4))
            .CountBy(order => string.Concat(order))
            .ToArray();
        Assert.Equal(24, counts.Length);
        Assert.All(counts, pair => Assert.InRange(pair.Value, 1000 - 5 * Math.Sqrt(1000), 1000 + 5 * Math.Sqrt(1000)));
    }

    private static void Uncorrelated(double[] a, double[] b) =>
        Assert.InRange(Distribution.Correlation(a, b), -5 / Math.Sqrt(a.Length), 5 / Math.Sqrt(a.Length));
}
