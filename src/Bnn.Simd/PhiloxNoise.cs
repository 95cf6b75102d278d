using Bnn.Core;

namespace Bnn.Simd;

/// <summary>Flipout's noise from the seed's named streams.</summary>
public sealed unsafe class PhiloxNoise<TKernels>(Seed seed) : INoise
    where TKernels : IKernels
{
    /// <summary>Fills all of <paramref name="destination"/>, padding too: what stands there meets gradients of 0.</summary>
    public void Epsilon(int layer, int step, int row, int columns, Span<float> destination)
    {
        fixed (float* pointer = destination)
            TKernels.NormalRow(seed.Stream(StreamName.Epsilon, layer), step, (uint)row * NormalDraws.BlocksPerRow(columns), pointer, destination.Length);
    }

    public void InputSigns(int layer, int step, int row, Span<uint> words) => SignDraws.FillRow(seed.Stream(StreamName.InputSigns, layer), step, row, words);

    public void OutputSigns(int layer, int step, int row, Span<uint> words) => SignDraws.FillRow(seed.Stream(StreamName.OutputSigns, layer), step, row, words);

    /// <summary>The input signs of all examples, [batch, wordsPerRow].</summary>
    internal void InputSigns(int layer, int step, int batch, int wordsPerRow, uint* words) =>
        TKernels.Words(seed.Stream(StreamName.InputSigns, layer), step, 0, batch * wordsPerRow / SignDraws.WordsPerBlock, words);

    /// <summary>The output signs of all examples, [batch, wordsPerRow].</summary>
    internal void OutputSigns(int layer, int step, int batch, int wordsPerRow, uint* words) =>
        TKernels.Words(seed.Stream(StreamName.OutputSigns, layer), step, 0, batch * wordsPerRow / SignDraws.WordsPerBlock, words);

    /// <summary>ε and δ = σ∘ε in one tile of the chosen rows.</summary>
    internal void DrawRows(
        int layer, int step, int columns, int tile, int* rows, int count, float* sigma, float* epsilon, float* delta, int width) =>
        TKernels.DrawRows(seed.Stream(StreamName.Epsilon, layer), step, NormalDraws.BlocksPerRow(columns), (uint)(tile * NormalDraws.BlocksPerGroup),
            rows, count, sigma, epsilon, delta, width);
}
