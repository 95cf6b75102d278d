using Bnn.Core;

namespace Bnn.Simd;

/// <summary>Flipout's noise as layers take it: all signs of a batch, and ε with δ = σ∘ε in the tiles of chosen rows.</summary>
internal unsafe interface ITileNoise
{
    /// <summary>The input signs of all examples.</summary>
    /// <param name="words">[batch, <paramref name="wordsPerRow"/>].</param>
    void InputSigns(int layer, int step, int batch, int wordsPerRow, uint* words);

    /// <summary>The output signs of all examples.</summary>
    /// <param name="words">[batch, <paramref name="wordsPerRow"/>].</param>
    void OutputSigns(int layer, int step, int batch, int wordsPerRow, uint* words);

    /// <summary>ε and δ = σ∘ε of the chosen rows.</summary>
    /// <param name="rows">Inputs, ascending.</param>
    /// <param name="sigma">[inputs, outputs], as are <paramref name="epsilon"/> and <paramref name="delta"/>, whose other rows stay as they are.</param>
    void DrawRows(int layer, int step, ReadOnlySpan<int> rows, TiledMatrix<float> sigma, TiledMatrix<float> epsilon, TiledMatrix<float> delta);
}

internal static class TileNoise
{
    /// <param name="widest">The widest layer's stride.</param>
    public static ITileNoise Of<TKernels>(NoiseSource source, int widest)
        where TKernels : IKernels => source switch
        {
            NoiseSource.OfSeed(var seed) => new PhiloxNoise<TKernels>(seed),
            NoiseSource.Given(var noise) => new RowNoise<TKernels>(noise, widest),
            _ => throw new System.Diagnostics.UnreachableException(),
        };
}

/// <summary>Noise that isn't the engine's own comes row by row.</summary>
internal sealed unsafe class RowNoise<TKernels>(INoise noise, int widest) : ITileNoise
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

    public void DrawRows(int layer, int step, ReadOnlySpan<int> rows, TiledMatrix<float> sigma, TiledMatrix<float> epsilon, TiledMatrix<float> delta)
    {
        var tiling = sigma.Tiling;
        foreach (var i in rows)
        {
            noise.Epsilon(layer, step, i, tiling.Columns, _row.AsSpan(0, tiling.Stride));
            for (var tile = 0; tile < tiling.Count; tile++)
            {
                _row.AsSpan(tile * tiling.Width, tiling.Width).CopyTo(new Span<float>(epsilon.Row(tile, i), tiling.Width));
                TKernels.Multiply(sigma.Row(tile, i), epsilon.Row(tile, i), delta.Row(tile, i), tiling.Width);
            }
        }
    }
}
