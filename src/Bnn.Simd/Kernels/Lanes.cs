namespace Bnn.Simd;

/// <summary>Sums across columns: sixteen logical lanes and one fixed tree, whatever the machine's width.</summary>
public static class Lanes
{
    public const int Count = 16;

    /// <summary>Mantissas between 1 and 2 that may be multiplied before the product could overflow.</summary>
    public const int MantissasPerProduct = 64;

    public static int Padded(int columns) => (columns + Count - 1) / Count * Count;

    /// <summary>Lanes 8 apart are added, then 4, 2, 1 apart.</summary>
    public static float Tree(ReadOnlySpan<float> lanes)
    {
        Span<float> sums = stackalloc float[Count];
        lanes.CopyTo(sums);
        for (var half = Count / 2; half > 0; half /= 2)
            for (var i = 0; i < half; i++) sums[i] += sums[i + half];
        return sums[0];
    }
}
