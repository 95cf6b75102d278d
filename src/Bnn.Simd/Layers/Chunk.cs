namespace Bnn.Simd;

/// <summary>
/// Sizes of the chunks of neighbouring weights that are updated together, so that their state is still cached between gradient and
/// update. A chunk of rows determines bits: the KL is summed in single precision within a chunk, in double across chunks.
/// </summary>
internal static class Chunk
{
    /// <summary>
    /// Weights of a ticket per chunk: the lanes of their gradients, 64 bytes each, fit the first-level cache together.
    /// Does not affect bits.
    /// </summary>
    public const int SparseWeights = 128;

    /// <summary>Weights per chunk of a Flipout layer that keeps few: the counterpart of a tile's chunk of rows. Determines bits.</summary>
    public const int SparseElements = 8 * SparseWeights;

    private const int Elements = 1024;

    public static int Rows(Tiling tiling) => Math.Max(1, Elements / tiling.Width);
}
