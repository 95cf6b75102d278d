namespace Bnn.Simd;

/// <summary>Neighbouring rows of a tile that are updated together: their state stands in the first-level cache between gradient and update.</summary>
internal static class Chunk
{
    private const int Elements = 1024;

    public static int Rows(Tiling tiling) => Math.Max(1, Elements / tiling.Width);
}
