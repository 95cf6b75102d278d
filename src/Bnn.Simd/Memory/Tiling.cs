using Bnn.Core;

namespace Bnn.Simd;

/// <summary>
/// How columns are cut into tiles of 64 (four vectors), the last of which is as narrow as its columns allow, or one tile of all columns
/// where they are fewer.
/// </summary>
/// <param name="Columns">Real columns; the others are padding.</param>
/// <param name="Width">Columns of a tile before the last, a whole number of vectors.</param>
/// <param name="Count">Tiles.</param>
internal readonly record struct Tiling(int Columns, int Width, int Count)
{
    public const int Widest = NormalDraws.ColumnsPerGroup;

    public static Tiling Of(int columns) =>
        columns > Widest - Lanes.Count ? new(columns, Widest, (columns + Widest - 1) / Widest) : Whole(columns);

    /// <summary>One tile, however wide.</summary>
    public static Tiling Whole(int columns) => new(columns, Lanes.Padded(columns), 1);

    /// <summary>Columns with padding.</summary>
    public int Stride => Lanes.Padded(Columns);

    /// <summary>Columns of a tile with padding, a whole number of vectors.</summary>
    public int WidthOf(int tile) => Math.Min(Width, Stride - tile * Width);

    /// <summary>Real columns of a tile.</summary>
    public int ColumnsOf(int tile) => Math.Min(Width, Columns - tile * Width);
}

/// <summary>The tilings of a network.</summary>
internal static class Tilings
{
    /// <summary>The tiling of each layer's outputs; the classes are one tile, since the loss reads them together.</summary>
    public static IReadOnlyList<Tiling> Of(IEnumerable<LayerShape> shapes)
    {
        LayerShape[] layers = [.. shapes];
        return [.. layers.Select((shape, l) => l == layers.Length - 1 ? Tiling.Whole(shape.Outputs) : Tiling.Of(shape.Outputs))];
    }
}
