namespace Bnn.Simd;

/// <summary>Rows that cross tiles.</summary>
internal static unsafe class Rows
{
    public static TileRows Of(TiledMatrix<float> matrix, int row) => Of(matrix, row, 0, matrix.Tiling.Count);

    /// <summary>Rows from one on, in some of the tiles.</summary>
    public static TileRows Of(TiledMatrix<float> matrix, int row, int firstTile, int tiles) => new()
    {
        Begin = matrix.Row(firstTile, row),
        Step = (nint)matrix.Rows * matrix.Tiling.Width,
        Tiles = tiles,
        Width = matrix.Tiling.Width,
        Columns = Math.Min(tiles * matrix.Tiling.Width, Lanes.Padded(matrix.Tiling.Columns) - firstTile * matrix.Tiling.Width),
    };

    /// <summary>Copies values[k] to column[k] of a row.</summary>
    public static void Scatter(float* values, int* column, int count, TiledMatrix<float> matrix, int row)
    {
        var to = matrix.Row(0, row);
        var between = (nint)(matrix.Rows - 1) * matrix.Tiling.Width;
        if (matrix.Tiling.Count == 1)
        {
            for (var k = 0; k < count; k++) to[column[k]] = values[k];
            return;
        }
        for (var k = 0; k < count; k++) to[column[k] + column[k] / Tiling.Widest * between] = values[k];
    }
}
