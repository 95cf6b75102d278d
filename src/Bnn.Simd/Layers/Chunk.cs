namespace Bnn.Simd;

/// <summary>
/// Neighbouring rows of a tile that are updated together: their state is near between gradient and update. Part of the bits: the KL is summed in single
/// precision within a chunk, in double beyond.
/// </summary>
internal static class Chunk
{
    /// <summary>A ticket's weights whose gradients' lanes, 64 bytes each, stand in the first-level cache together. Not part of the bits.</summary>
    public const int SparseWeights = 128;

    private const int Elements = 1024;

    public static int Rows(Tiling tiling) => Math.Max(1, Elements / tiling.Width);
}
