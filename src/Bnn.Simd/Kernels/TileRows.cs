namespace Bnn.Simd;

/// <summary>Rows of a tiled matrix: of tile t from Begin + t·Step on, Width apart.</summary>
public unsafe struct TileRows
{
    public float* Begin;
    public nint Step;
    public int Tiles, Width;

    /// <summary>Columns up to the last vector that holds a real one, over all tiles.</summary>
    public int Columns;

    /// <summary>Where a number is.</summary>
    public readonly float* At(int row, int column) => Begin + column / Width * Step + (nint)row * Width + column % Width;

    /// <summary>The columns of one tile, likewise.</summary>
    public readonly int ColumnsOf(int tile) => Math.Min(Width, Columns - tile * Width);
}
