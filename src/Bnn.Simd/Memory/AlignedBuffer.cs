using System.Runtime.InteropServices;

namespace Bnn.Simd;

/// <summary>
/// Numbers outside the managed heap, initially zero, that start on a cache line: a 64-byte load that straddles two lines costs double.
/// </summary>
/// <remarks>
/// Large buffers come from the system as whole pages, so that all of them would start at the same place of a page, and what a kernel reads
/// at one index of a dozen of them would compete for the eight lines that a cache has for such places. So each starts some lines later
/// than the one before.
/// </remarks>
public sealed unsafe class AlignedBuffer<T> : IDisposable
    where T : unmanaged
{
    private const int CacheLine = 64, Page = 4096;

    /// <summary>Bytes by which a buffer starts later in a page than the one before: no divisor of a page, nor close to one.</summary>
    private const int Stagger = 5 * CacheLine;

    private static int s_count;
    private readonly void* _allocated;

    public AlignedBuffer(int length)
    {
        Length = length;
        var bytes = (nuint)Math.Max(length, 1) * (nuint)sizeof(T);
        var offset = bytes < Page ? 0 : (nuint)((uint)Interlocked.Increment(ref s_count) * Stagger % Page);
        _allocated = NativeMemory.AlignedAlloc(offset + (bytes + CacheLine - 1) / CacheLine * CacheLine, CacheLine);
        Pointer = (T*)((byte*)_allocated + offset);
        Span.Clear();
    }

    public int Length { get; }

    public T* Pointer { get; private set; }

    public Span<T> Span => new(Pointer, Length);

    public void Dispose()
    {
        if (Pointer is null) return;
        NativeMemory.AlignedFree(_allocated);
        Pointer = null;
    }
}
