using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Bnn.Simd;

/// <summary>
/// Which of two ways to compute the same bits is the faster one on this processor. Measured on AMD's families 25 and 26
/// (docs/performance.md).
/// </summary>
internal static class Processor
{
    private const int Kilobyte = 1024;

    /// <summary>
    /// Whether one vector of sixteen numbers is loaded per clock, not two. Processors with a first-level data cache of 32 KB do so, and
    /// those that have no such vectors.
    /// </summary>
    public static bool LoadsAreScarce { get; } = !Vector512.IsHardwareAccelerated || FirstLevelBytes() is > 0 and <= 32 * Kilobyte;

    /// <summary>Size of the first-level data cache; 0 where the processor doesn't say.</summary>
    internal static int FirstLevelBytes()
    {
        if (!X86Base.IsSupported) return 0;
        foreach (var leaf in (ReadOnlySpan<int>)[4, unchecked((int)0x8000001D)])      // Intel's and AMD's description of caches
        {
            var highest = (uint)X86Base.CpuId(leaf & unchecked((int)0x80000000), 0).Eax;
            if (highest < (uint)leaf) continue;
            for (var index = 0; index < 8; index++)
            {
                var (eax, ebx, ecx, _) = X86Base.CpuId(leaf, index);
                var (kind, level) = (eax & 0x1F, eax >> 5 & 7);
                if (kind == 0) break;
                if (level != 1 || kind is not (1 or 3)) continue;                     // neither data nor unified
                var (ways, partitions, line, sets) = ((ebx >> 22 & 0x3FF) + 1, (ebx >> 12 & 0x3FF) + 1, (ebx & 0xFFF) + 1, ecx + 1);
                return ways * partitions * line * sets;
            }
        }
        return 0;
    }
}
