using System.Runtime.InteropServices;

namespace Bnn.Simd;

/// <summary>An example in which an input isn't zero.</summary>
/// <param name="Flagged">The example; the highest bit is set where the input's sign is −1.</param>
/// <param name="X">The input, without its sign.</param>
[StructLayout(LayoutKind.Sequential)]
public readonly record struct InputEntry(int Flagged, float X)
{
    public int Example => Flagged & int.MaxValue;

    /// <summary>x times the input's sign.</summary>
    public float SignedX => BitConverter.Int32BitsToSingle(BitConverter.SingleToInt32Bits(X) ^ (Flagged & int.MinValue));

    /// <summary>Both parts as one word, which is stored at once.</summary>
    /// <param name="x">Bits of x.</param>
    /// <param name="sign">The highest bit is set for −1; the others are 0.</param>
    public static ulong Word(int example, uint x, uint sign) => (ulong)x << 32 | sign | (uint)example;
}
