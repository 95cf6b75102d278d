using Bnn.Core;

namespace Bnn.Simd;

/// <summary>How columns are cut into tiles: of 64, four vectors, or of all columns where they are fewer.</summary>
/// <param name="Columns">Real columns; the others are padding.</param>
/// <param name="Width">Columns of a tile, a whole number of vectors.</param>
/// <param name="Count">Tiles.</param>
internal readonly record struct Tiling(int Columns, int Width, int Count)
{
    public const int Widest = NormalDraws.ColumnsPerGroup;

    public static Tiling Of(int columns) => columns > Widest - Lanes.Count ? new(columns, Widest, (columns + Widest - 1) / Widest) : Whole(columns);

    /// <summary>One tile, however wide.</summary>
    public static Tiling Whole(int columns) => new(columns, Lanes.Padded(columns), 1);

    /// <summary>Columns with padding.</summary>
    public int Stride => Width * Count;

    /// <summary>Real columns of a tile.</summary>
    public int ColumnsOf(int tile) => Math.Min(Width, Columns - tile * Width);
}

internal static class Tilings
{
    /// <summary>Of each layer's outputs; the classes are one tile, since the loss looks at them together.</summary>
    public static IReadOnlyList<Tiling> Of(IEnumerable<LayerShape> shapes)
    {
        LayerShape[] layers = [.. shapes];
        return [.. layers.Select((shape, l) => l == layers.Length - 1 ? Tiling.Whole(shape.Outputs) : Tiling.Of(shape.Outputs))];
    }
}

/// <summary>
/// A matrix stored tile after tile, each [rows, width]. What a kernel needs of one tile fits the first-level cache, and neighbouring rows are neighbours in
/// memory. Padding is 0.
/// </summary>
internal sealed unsafe class TiledMatrix<T>(int rows, Tiling tiling) : IDisposable
    where T : unmanaged
{
    private readonly AlignedBuffer<T> _values = new(checked(rows * tiling.Stride));

    public int Rows => rows;

    public Tiling Tiling => tiling;

    public Span<T> All => _values.Span;

    public T* Tile(int tile) => _values.Pointer + (nint)tile * rows * tiling.Width;

    public T* Row(int tile, int row) => Tile(tile) + (nint)row * tiling.Width;

    /// <param name="source">[rows, columns].</param>
    public void CopyFrom(ReadOnlySpan<T> source)
    {
        for (var tile = 0; tile < tiling.Count; tile++)
            for (var i = 0; i < rows; i++)
                source.Slice(i * tiling.Columns + tile * tiling.Width, tiling.ColumnsOf(tile)).CopyTo(new Span<T>(Row(tile, i), tiling.Width));
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
