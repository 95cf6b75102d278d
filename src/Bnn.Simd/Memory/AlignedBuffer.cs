using System.Runtime.InteropServices;

namespace Bnn.Simd;

/// <summary>
/// Numbers outside the managed heap, initially zero, that start on a cache line: a 64-byte load that straddles two lines costs double.
/// </summary>
public sealed unsafe class AlignedBuffer<T> : IDisposable
    where T : unmanaged
{
    private const int CacheLine = 64;

    public AlignedBuffer(int length)
    {
        Length = length;
        var bytes = (nuint)Math.Max(length, 1) * (nuint)sizeof(T);
        Pointer = (T*)NativeMemory.AlignedAlloc((bytes + CacheLine - 1) / CacheLine * CacheLine, CacheLine);
        Span.Clear();
    }

    public int Length { get; }

    public T* Pointer { get; private set; }

    public Span<T> Span => new(Pointer, Length);

    public void Dispose()
    {
        NativeMemory.AlignedFree(Pointer);
        Pointer = null;
    }
}
