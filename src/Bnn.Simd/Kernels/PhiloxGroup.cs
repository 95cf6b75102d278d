using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Bnn.Core;

namespace Bnn.Simd;

/// <summary>
/// Consecutive Philox blocks, as many as a vector has 32-bit lanes. Each word is in the lower half of a 64-bit lane, even blocks in one
/// set of registers and odd ones in another, because the product of two 32-bit numbers fills 64 bits; what accumulates in the upper
/// halves is never read.
/// </summary>
internal unsafe struct PhiloxGroup<T>
    where T : struct, IPhiloxLanes<T>
{
    private T _even0, _even1, _even2, _even3;
    private T _odd0, _odd1, _odd2, _odd3;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public PhiloxGroup(RandomStream stream, int step, uint firstBlock)
    {
        _even0 = T.EveryOther(firstBlock);
        _odd0 = T.EveryOther(firstBlock + 1UL);
        _even1 = _odd1 = T.All((uint)step);
        _even2 = _odd2 = T.All((uint)stream.Layer);
        _even3 = _odd3 = T.All((ulong)stream.Name);
    }

    /// <summary>Arbitrary blocks, whose numbers are in the 32-bit lanes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public PhiloxGroup(RandomStream stream, int step, T blocks)
    {
        (_even0, _odd0) = (blocks, T.Upper(blocks));
        _even1 = _odd1 = T.All((uint)step);
        _even2 = _odd2 = T.All((uint)stream.Layer);
        _even3 = _odd3 = T.All((ulong)stream.Name);
    }

    /// <summary>Both keys of every round.</summary>
    public static void Keys(RandomStream stream, ulong* keys)
    {
        var (k0, k1) = ((uint)stream.Seed.Value, (uint)(stream.Seed.Value >> 32));
        for (var round = 0; round < Philox.Rounds; round++)
        {
            (keys[2 * round], keys[2 * round + 1]) = (k0, k1);
            k0 += Philox.Weyl0;
            k1 += Philox.Weyl1;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Round(ulong* keys)
    {
        var (key0, key1) = (T.All(keys[0]), T.All(keys[1]));
        var (multiplier0, multiplier1) = (T.All(Philox.Multiplier0), T.All(Philox.Multiplier1));
        var (evenProduct0, evenProduct1) = (T.Product(_even0, multiplier0), T.Product(_even2, multiplier1));
        var (oddProduct0, oddProduct1) = (T.Product(_odd0, multiplier0), T.Product(_odd2, multiplier1));
        (_even0, _even1, _even2, _even3) =
            (T.Mix(evenProduct1, _even1, key0), evenProduct1, T.Mix(evenProduct0, _even3, key1), evenProduct0);
        (_odd0, _odd1, _odd2, _odd3) =
            (T.Mix(oddProduct1, _odd1, key0), oddProduct1, T.Mix(oddProduct0, _odd3, key1), oddProduct0);
    }

    /// <summary>Each word of the blocks, in the blocks' order.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly void Words(out T w0, out T w1, out T w2, out T w3) =>
        (w0, w1, w2, w3) = (T.Join(_even0, _odd0), T.Join(_even1, _odd1), T.Join(_even2, _odd2), T.Join(_even3, _odd3));
}

/// <summary>A vector of 64-bit lanes.</summary>
internal interface IPhiloxLanes<T>
    where T : struct, IPhiloxLanes<T>
{
    static abstract T All(ulong value);

    /// <summary>first, first + 2, first + 4 …</summary>
    static abstract T EveryOther(ulong first);

    /// <summary>The upper half of each lane of a product, XOR a word and a key.</summary>
    static abstract T Mix(T product, T word, T key);

    /// <summary>The product of the lower halves of each lane.</summary>
    static abstract T Product(T x, T y);

    /// <summary>The upper half of each lane, as a number.</summary>
    static abstract T Upper(T x);

    /// <summary>
    /// The lower halves of <paramref name="even"/> in the even 32-bit lanes, those of <paramref name="odd"/> in the odd ones.
    /// </summary>
    static abstract T Join(T even, T odd);
}

[method: MethodImpl(MethodImplOptions.AggressiveInlining)]
internal readonly struct Philox512(Vector512<ulong> value) : IPhiloxLanes<Philox512>
{
    /// <summary>Truth table of x ⊕ y ⊕ z.</summary>
    private const byte XorOfThree = 0x96;

    public readonly Vector512<ulong> Value = value;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Philox512 All(ulong value) => new(Vector512.Create(value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Philox512 EveryOther(ulong first) => new(Vector512.Create(first) + Vector512.Create(0UL, 2, 4, 6, 8, 10, 12, 14));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Philox512 Mix(Philox512 product, Philox512 word, Philox512 key) => new(Avx512F.IsSupported
        ? Avx512F.TernaryLogic(product.Value >>> 32, word.Value, key.Value, XorOfThree)
        : (product.Value >>> 32) ^ word.Value ^ key.Value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Philox512 Product(Philox512 x, Philox512 y) => new(Avx512F.IsSupported
        ? Avx512F.Multiply(x.Value.AsUInt32(), y.Value.AsUInt32())
        : (x.Value & Vector512.Create((ulong)uint.MaxValue)) * (y.Value & Vector512.Create((ulong)uint.MaxValue)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Philox512 Upper(Philox512 x) => new(x.Value >>> 32);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Philox512 Join(Philox512 even, Philox512 odd) =>
        new((even.Value & Vector512.Create((ulong)uint.MaxValue)) | (odd.Value << 32));
}

[method: MethodImpl(MethodImplOptions.AggressiveInlining)]
internal readonly struct Philox256(Vector256<ulong> value) : IPhiloxLanes<Philox256>
{
    public readonly Vector256<ulong> Value = value;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Philox256 All(ulong value) => new(Vector256.Create(value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Philox256 EveryOther(ulong first) => new(Vector256.Create(first) + Vector256.Create(0UL, 2, 4, 6));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Philox256 Mix(Philox256 product, Philox256 word, Philox256 key) =>
        new((product.Value >>> 32) ^ word.Value ^ key.Value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Philox256 Product(Philox256 x, Philox256 y) => new(Avx2.IsSupported
        ? Avx2.Multiply(x.Value.AsUInt32(), y.Value.AsUInt32())
        : (x.Value & Vector256.Create((ulong)uint.MaxValue)) * (y.Value & Vector256.Create((ulong)uint.MaxValue)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Philox256 Upper(Philox256 x) => new(x.Value >>> 32);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Philox256 Join(Philox256 even, Philox256 odd) =>
        new((even.Value & Vector256.Create((ulong)uint.MaxValue)) | (odd.Value << 32));
}
