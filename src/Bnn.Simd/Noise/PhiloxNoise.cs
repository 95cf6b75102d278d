using System.Runtime.CompilerServices;
using Bnn.Core;

namespace Bnn.Simd;

/// <summary>Flipout's noise from the seed's named streams.</summary>
public sealed unsafe class PhiloxNoise<TKernels>(NoiseSource.OfSeed source) : INoise, IFlipoutNoise
    where TKernels : IKernels
{
    /// <summary>Fills all of <paramref name="destination"/>, including padding, which meets gradients of 0.</summary>
    public void Epsilon(int layer, int step, int row, int columns, Span<float> destination)
    {
        var firstBlock = (uint)row * NormalDraws.BlocksPerRow(columns);
        fixed (float* pointer = destination)
            TKernels.NormalRow(source.Stream(StreamName.Epsilon, layer), step, firstBlock, pointer, destination.Length);
    }

    public void InputSigns(int layer, int step, int row, Span<uint> words) =>
        SignDraws.FillRow(source.Stream(StreamName.InputSigns, layer), step, row, words);

    public void OutputSigns(int layer, int step, int row, Span<uint> words) =>
        SignDraws.FillRow(source.Stream(StreamName.OutputSigns, layer), step, row, words);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    void IFlipoutNoise.InputSigns(int layer, int step, int batch, int wordsPerRow, uint* words) =>
        TKernels.Words(source.Stream(StreamName.InputSigns, layer), step, 0, batch * wordsPerRow / SignDraws.WordsPerBlock, words);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    void IFlipoutNoise.OutputSigns(int layer, int step, int batch, int wordsPerRow, uint* words) =>
        TKernels.Words(source.Stream(StreamName.OutputSigns, layer), step, 0, batch * wordsPerRow / SignDraws.WordsPerBlock, words);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    void IFlipoutNoise.DrawRows(
        int layer, int step, ReadOnlySpan<int> rows, TiledMatrix<float> sigma, TiledMatrix<float> epsilon, TiledMatrix<float> delta)
    {
        var (stream, tiling) = (source.Stream(StreamName.Epsilon, layer), sigma.Tiling);
        fixed (int* row = rows)
        {
            for (var tile = 0; tile < tiling.Count; tile++)
            {
                TKernels.DrawRows(stream, step, NormalDraws.BlocksPerRow(tiling.Columns), (uint)(tile * NormalDraws.BlocksPerGroup),
                    row, rows.Length, sigma.Tile(tile), epsilon.Tile(tile), delta.Tile(tile), tiling.WidthOf(tile));
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    void IFlipoutNoise.DrawKept(
        int layer, int step, int columns, SparseLink* link, uint* draw, int count, float* sigma, float* epsilon, float* delta) =>
        TKernels.DrawKept(source.Stream(StreamName.Epsilon, layer), step, draw, count, sigma, epsilon, delta);
}
