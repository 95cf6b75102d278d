using CsCheck;

namespace Bnn.Simd.Tests;

/// <summary>Where numbers are in memory.</summary>
public sealed unsafe class MatrixTests
{
    [Fact]
    public void Tiles_cover_all_columns_in_whole_vectors()
    {
        for (var columns = 1; columns <= 400; columns++)
        {
            foreach (var tiling in (Tiling[])[Tiling.Of(columns), Tiling.Whole(columns)])
            {
                Assert.Equal(0, tiling.Width % Lanes.Count);
                Assert.InRange(tiling.Stride - columns, 0, Lanes.Count - 1);
                Assert.Equal(columns, Enumerable.Range(0, tiling.Count).Sum(tiling.ColumnsOf));
                Assert.Equal(tiling.Stride, Enumerable.Range(0, tiling.Count).Sum(tiling.WidthOf));
                Assert.All(Enumerable.Range(0, tiling.Count - 1), tile => Assert.Equal(tiling.Width, tiling.WidthOf(tile)));
            }
            Assert.True(Tiling.Of(columns).Count == 1 || Tiling.Of(columns).Width == Tiling.Widest);
            Assert.Equal(1, Tiling.Whole(columns).Count);
        }
    }

    [Fact]
    public void A_matrix_makes_a_round_trip_through_tiles_and_padding_is_zero() =>
        Gen.Select(Gen.Int[1, 20], Gen.Int[1, 300], Gen.Bool).Sample((rows, columns, whole) =>
    {
        using var matrix = new TiledMatrix<float>(rows, whole ? Tiling.Whole(columns) : Tiling.Of(columns));
        float[] values = [.. Enumerable.Range(1, rows * columns)];
        matrix.CopyFrom(values);
        var back = new float[rows * columns];
        matrix.CopyTo(back);
        Assert.Equal(values, back);
        var tiling = matrix.Tiling;
        for (var i = 0; i < rows; i++)
        {
            for (var o = 0; o < tiling.Stride; o++)
            {
                var expected = o < columns ? values[i * columns + o] : 0f;
                Assert.Equal(expected, matrix.Row(o / tiling.Width, i)[o % tiling.Width]);
                Assert.Equal(expected, *Rows.Of(matrix).At(i, o));
                Assert.Equal(expected, *Rows.Of(matrix, o / tiling.Width, 1).At(i, o % tiling.Width));
            }
        }
        for (var tile = 0; tile < tiling.Count; tile++)
            for (var i = 0; i < rows; i++) Assert.Equal(0, (nint)matrix.Row(tile, i) % 64);
    }, iter: 100);

    [Theory]
    [InlineData(1)]
    [InlineData(16)]
    [InlineData(17)]
    [InlineData(60)]
    [InlineData(64)]
    [InlineData(65)]
    [InlineData(130)]
    [InlineData(1024)]
    public void Example_b_stands_in_lane_b_mod_64_of_group_b_over_64(int batch)
    {
        const int RowCount = 5;
        using var matrix = new LaneMatrix(RowCount, batch);
        Assert.Equal((batch + 63) / 64, matrix.Groups);
        Assert.Equal(batch, Enumerable.Range(0, matrix.Groups).Sum(matrix.Examples));
        // Group after group, row after row, with no gaps and no overlap.
        var next = matrix.Of(0);
        for (var group = 0; group < matrix.Groups; group++)
        {
            Assert.Equal(Lanes.Padded(matrix.Examples(group)), matrix.Width(group));
            Assert.True(matrix.Of(group) == next);
            for (var row = 0; row < RowCount; row++, next += matrix.Width(group))
            {
                Assert.True(matrix.Of(group, row) == next);
                Assert.Equal(0, (nint)next % 64);
            }
        }
        Assert.Equal(RowCount * Lanes.Padded(batch), next - matrix.Of(0));
        for (var b = 0; b < batch; b++) Assert.InRange(b % LaneMatrix.Group, 0, matrix.Examples(b / LaneMatrix.Group) - 1);

        for (var b = 0; b < batch; b++) matrix.Of(b / LaneMatrix.Group, 2)[b % LaneMatrix.Group] = b + 1;
        Assert.Equal(Enumerable.Range(1, batch).Sum(b => (double)b), Sum());

        double Sum()
        {
            var sum = 0.0;
            for (var at = matrix.Of(0); at < next; at++) sum += *at;
            return sum;
        }
    }
}
