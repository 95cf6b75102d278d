namespace Bnn.Simd;

/// <summary>Rows of a tiled matrix from its first on: those of tile t from Begin + t·Step on, as far apart as the tile is wide.</summary>
public unsafe struct TileRows
{
    public float* Begin;
    public nint Step;

    /// <summary>Tiles, and how wide each is before the last.</summary>
    public int Tiles, Width;

    /// <summary>Columns with padding, over all tiles.</summary>
    public int Columns;

    /// <summary>Where a number is.</summary>
    public readonly float* At(int row, int column)
    {
        var tile = column / Width;
        return Begin + tile * Step + (nint)row * WidthOf(tile) + column % Width;
    }

    /// <summary>Columns of one tile with padding.</summary>
    public readonly int WidthOf(int tile) => Math.Min(Width, Columns - tile * Width);
}
