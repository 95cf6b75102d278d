using System.Runtime.Intrinsics.X86;

namespace Bnn.Simd;

/// <summary>A hint to the caches; changes no result.</summary>
internal static unsafe class Prefetch
{
    private const int CacheLine = 64;

    public static void Bytes(byte* begin, int count)
    {
        if (!Sse.IsSupported) return;
        for (var at = 0; at < count; at += CacheLine) Sse.Prefetch0(begin + at);
    }
}
