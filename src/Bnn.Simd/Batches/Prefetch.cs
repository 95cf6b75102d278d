using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace Bnn.Simd;

/// <summary>A hint to the caches; changes no result.</summary>
internal static unsafe class Prefetch
{
    private const int CacheLine = 64;

    /// <summary>Prefetches all rows of a batch, so that memory delivers their lines in parallel instead of one after another.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Rows(byte* matrix, ReadOnlySpan<int> rows, int width)
    {
        if (!Sse.IsSupported) return;
        foreach (var row in rows)
            for (var at = 0; at < width; at += CacheLine) Sse.Prefetch0(matrix + (nint)row * width + at);
    }
}
