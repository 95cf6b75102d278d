namespace Bnn.Simd;

/// <summary>Rows that cross tiles.</summary>
internal static unsafe class Rows
{
    public static TileRows Of(TiledMatrix<float> matrix) => Of(matrix, 0, matrix.Tiling.Count);

    /// <summary>In some of the tiles.</summary>
    public static TileRows Of(TiledMatrix<float> matrix, int firstTile, int tiles) => new()
    {
        Begin = matrix.Tile(firstTile),
        Step = (nint)matrix.Rows * matrix.Tiling.Width,
        Tiles = tiles,
        Width = matrix.Tiling.Width,
        Columns = Math.Min(tiles * matrix.Tiling.Width, matrix.Tiling.Stride - firstTile * matrix.Tiling.Width),
    };
}
