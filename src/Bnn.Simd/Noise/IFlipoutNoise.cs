using Bnn.Core;

namespace Bnn.Simd;

/// <summary>
/// Flipout's noise as layers need it: all signs of a batch, and ε with δ = σ∘ε in the tiles of chosen rows or of kept weights.
/// </summary>
internal unsafe interface IFlipoutNoise
{
    /// <summary>The input signs of all examples.</summary>
    /// <param name="words">[batch, <paramref name="wordsPerRow"/>].</param>
    void InputSigns(int layer, int step, int batch, int wordsPerRow, uint* words);

    /// <summary>The output signs of all examples.</summary>
    /// <param name="words">[batch, <paramref name="wordsPerRow"/>].</param>
    void OutputSigns(int layer, int step, int batch, int wordsPerRow, uint* words);

    /// <summary>ε and δ = σ∘ε of the chosen rows.</summary>
    /// <param name="rows">Inputs, ascending.</param>
    /// <param name="sigma">[inputs, outputs], as are <paramref name="epsilon"/> and <paramref name="delta"/>, whose other rows stay
    /// unchanged.</param>
    void DrawRows(
        int layer, int step, ReadOnlySpan<int> rows, TiledMatrix<float> sigma, TiledMatrix<float> epsilon, TiledMatrix<float> delta);

    /// <summary>ε and δ = σ∘ε of some weights.</summary>
    /// <param name="columns">The layer's outputs.</param>
    /// <param name="link">Their ends, input i being row i + 1; row 0 stands for no weight.</param>
    /// <param name="draw">Their numbers (<see cref="NormalDraws.NumberOf"/>).</param>
    /// <param name="count">A multiple of 16.</param>
    void DrawKept(int layer, int step, int columns, SparseLink* link, uint* draw, int count, float* sigma, float* epsilon, float* delta);
}

internal static class FlipoutNoise
{
    /// <param name="widest">The widest layer's stride.</param>
    public static IFlipoutNoise Of<TKernels>(NoiseSource source, int widest)
        where TKernels : IKernels => source switch
        {
            NoiseSource.OfSeed ofSeed => new PhiloxNoise<TKernels>(ofSeed),
            NoiseSource.Given(var noise) => new RowNoise<TKernels>(noise, widest),
            _ => throw new System.Diagnostics.UnreachableException(),
        };
}

/// <summary>Noise that isn't the engine's own, taken row by row.</summary>
internal sealed unsafe class RowNoise<TKernels>(INoise noise, int widest) : IFlipoutNoise
    where TKernels : IKernels
{
    private readonly float[] _row = new float[widest];

    public void InputSigns(int layer, int step, int batch, int wordsPerRow, uint* words)
    {
        for (var b = 0; b < batch; b++) noise.InputSigns(layer, step, b, new Span<uint>(words + (nint)b * wordsPerRow, wordsPerRow));
    }

    public void OutputSigns(int layer, int step, int batch, int wordsPerRow, uint* words)
    {
        for (var b = 0; b < batch; b++) noise.OutputSigns(layer, step, b, new Span<uint>(words + (nint)b * wordsPerRow, wordsPerRow));
    }

    public void DrawRows(
        int layer, int step, ReadOnlySpan<int> rows, TiledMatrix<float> sigma, TiledMatrix<float> epsilon, TiledMatrix<float> delta)
    {
        var tiling = sigma.Tiling;
        foreach (var i in rows)
        {
            noise.Epsilon(layer, step, i, tiling.Columns, _row.AsSpan(0, tiling.Stride));
            for (var tile = 0; tile < tiling.Count; tile++)
            {
                var width = tiling.WidthOf(tile);
                _row.AsSpan(tile * tiling.Width, width).CopyTo(new Span<float>(epsilon.Row(tile, i), width));
                TKernels.Multiply(sigma.Row(tile, i), epsilon.Row(tile, i), delta.Row(tile, i), width);
            }
        }
    }

    public void DrawKept(
        int layer, int step, int columns, SparseLink* link, uint* draw, int count, float* sigma, float* epsilon, float* delta)
    {
        var row = 0;
        for (var k = 0; k < count; k++)
        {
            if (link[k].Input == 0) continue;
            if (link[k].Input != row) noise.Epsilon(layer, step, link[k].Input - 1, columns, _row.AsSpan(0, Lanes.Padded(columns)));
            row = link[k].Input;
            epsilon[k] = _row[link[k].Output];
        }
        TKernels.Multiply(sigma, epsilon, delta, count);
    }
}
