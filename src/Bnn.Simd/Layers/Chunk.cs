namespace Bnn.Simd;

/// <summary>
/// Neighbouring rows of a tile that are updated together: their state is near between gradient and update. Part of the bits: the KL is summed in single
/// precision within a chunk, in double beyond.
/// </summary>
internal static class Chunk
{
    /// <summary>A ticket's weights whose gradients' lanes, 64 bytes each, stand in the first-level cache together. Not part of the bits.</summary>
    public const int SparseWeights = 128;

    /// <summary>Weights of a Flipout layer that keeps few, updated together: what a chunk of rows is to a tile. Part of the bits.</summary>
    public const int SparseElements = 8 * SparseWeights;

    private const int Elements = 1024;

    public static int Rows(Tiling tiling) => Math.Max(1, Elements / tiling.Width);
}
