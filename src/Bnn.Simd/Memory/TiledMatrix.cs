namespace Bnn.Simd;

/// <summary>
/// A matrix stored tile after tile, each [rows, width]. What a kernel needs of one tile fits the first-level cache, and adjacent rows are
/// adjacent in memory. Padding is 0.
/// </summary>
internal sealed unsafe class TiledMatrix<T>(int rows, Tiling tiling) : IDisposable
    where T : unmanaged
{
    private readonly AlignedBuffer<T> _values = new(checked(rows * tiling.Stride));

    public int Rows => rows;

    public Tiling Tiling => tiling;

    public Span<T> All => _values.Span;

    public T* Tile(int tile) => _values.Pointer + (nint)tile * rows * tiling.Width;

    public T* Row(int tile, int row) => Tile(tile) + (nint)row * tiling.WidthOf(tile);

    /// <param name="source">[rows, columns].</param>
    public void CopyFrom(ReadOnlySpan<T> source)
    {
        for (var tile = 0; tile < tiling.Count; tile++)
            for (var i = 0; i < rows; i++)
                source.Slice(i * tiling.Columns + tile * tiling.Width, tiling.ColumnsOf(tile))
                    .CopyTo(new Span<T>(Row(tile, i), tiling.WidthOf(tile)));
    }

    /// <param name="destination">[rows, columns].</param>
    public void CopyTo(Span<T> destination)
    {
        for (var tile = 0; tile < tiling.Count; tile++)
            for (var i = 0; i < rows; i++)
                new Span<T>(Row(tile, i), tiling.ColumnsOf(tile)).CopyTo(destination[(i * tiling.Columns + tile * tiling.Width)..]);
    }

    public void Dispose() => _values.Dispose();
}
