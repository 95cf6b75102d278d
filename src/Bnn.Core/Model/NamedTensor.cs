using System.Runtime.InteropServices;

namespace Bnn.Core;

/// <summary>A named tensor: float32 or bytes, row-major.</summary>
public sealed record NamedTensor(string Name, int[] Shape, float[]? Floats, byte[]? Bytes)
{
    public static NamedTensor Of(string name, int[] shape, float[] values) => new(name, shape, values, null);

    public static NamedTensor Of(string name, int[] shape, byte[] values) => new(name, shape, null, values);

    public ReadOnlySpan<byte> Content => Floats is null ? Bytes : MemoryMarshal.AsBytes(Floats.AsSpan());
}
