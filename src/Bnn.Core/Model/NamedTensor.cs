using System.Runtime.InteropServices;

namespace Bnn.Core;

/// <summary>A named tensor: float32 or bytes, row-major; one of <paramref name="Floats"/> and <paramref name="Bytes"/> is null.</summary>
/// <param name="Name">One of <see cref="TensorNames"/>, often with a prefix.</param>
/// <param name="Shape">Sizes of its axes.</param>
/// <param name="Floats">As many as the shape's product.</param>
/// <param name="Bytes">As many as the shape's product.</param>
public sealed record NamedTensor(string Name, int[] Shape, float[]? Floats, byte[]? Bytes)
{
    /// <summary>A tensor of these numbers, which are not copied.</summary>
    public static NamedTensor Of(string name, int[] shape, float[] values) => new(name, shape, values, null);

    /// <summary>A tensor of these bytes, which are not copied.</summary>
    public static NamedTensor Of(string name, int[] shape, byte[] values) => new(name, shape, null, values);

    /// <summary>The tensor's bytes as they are in memory.</summary>
    public ReadOnlySpan<byte> Content => Floats is null ? Bytes : MemoryMarshal.AsBytes(Floats.AsSpan());
}
