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
}
