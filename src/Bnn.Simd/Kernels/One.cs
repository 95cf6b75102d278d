using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Bnn.Core;

namespace Bnn.Simd;

/// <summary>One 512-bit vector.</summary>
[method: MethodImpl(MethodImplOptions.AggressiveInlining)]
internal readonly unsafe struct One(Vector512<float> value) : ILanes<One>, IKlTerms<One, One>, IWords<One>
{
    public readonly Vector512<float> Value = value;

    public static int Count => Lanes.Count;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static One Load(float* from) => new(Vector512.LoadAligned(from));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static One All(float value) => new(Vector512.Create(value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static One FromMask(ushort* bits)
    {
        var ofLane = Vector512.Create(1u << 0, 1u << 1, 1u << 2, 1u << 3, 1u << 4, 1u << 5, 1u << 6, 1u << 7,
            1u << 8, 1u << 9, 1u << 10, 1u << 11, 1u << 12, 1u << 13, 1u << 14, 1u << 15);
        return new((~Vector512.Equals(Vector512.Create((uint)*bits) & ofLane, Vector512<uint>.Zero)).AsSingle());
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static One operator +(One x, One y) => new(x.Value + y.Value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static One operator -(One x, One y) => new(x.Value - y.Value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static One operator -(One x) => new(-x.Value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static One operator *(One x, One y) => new(x.Value * y.Value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static One operator /(One x, One y) => new(x.Value / y.Value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static One operator &(One x, One y) => new(x.Value & y.Value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static One operator |(One x, One y) => new(x.Value | y.Value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static One Fms(One x, One y, One z) => new(VectorMath.Fms(x.Value, y.Value, z.Value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static One Larger(One x, One y) => new(VectorMath.Larger(x.Value, y.Value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static One IfNegative(One x, One then, One otherwise) =>
        new(Vector512.ConditionalSelect(Vector512.LessThan(x.Value, Vector512<float>.Zero), then.Value, otherwise.Value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static One AddShiftedRight(One x, One y, int shift) =>
        new((x.Value.AsInt32() + Vector512.ShiftRightLogical(y.Value.AsInt32(), shift)).AsSingle());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static One operator ^(One x, One y) => new(x.Value ^ y.Value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static One FromBits(uint bits) => new(Vector512.Create(bits).AsSingle());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static One AddToBits(One x, int added) => new((x.Value.AsInt32() + Vector512.Create(added)).AsSingle());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static One SignedToSingle(One x, int shift) =>
        new(Vector512.ConvertToSingle(Vector512.ShiftRightArithmetic(x.Value.AsInt32(), shift)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static One UnsignedToSingle(One x, int shift) =>
        new(Vector512.ConvertToSingle(Vector512.ShiftRightLogical(x.Value.AsInt32(), shift)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static One Fma(One x, One y, One z) => new(Vector512.FusedMultiplyAdd(x.Value, y.Value, z.Value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static One Sqrt(One x) => new(Vector512.Sqrt(x.Value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static One Abs(One x) => new(Vector512.Abs(x.Value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static One Select(One choice, One then, One otherwise) =>
        new(Vector512.ConditionalSelect(choice.Value, then.Value, otherwise.Value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static One LessThan(One x, One y) => new(Vector512.LessThan(x.Value, y.Value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static One IsSet(One x, uint bits) =>
        new((~Vector512.Equals(x.Value.AsUInt32() & Vector512.Create(bits), Vector512<uint>.Zero)).AsSingle());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static One PowerOfTwo(One x, int subtracted) =>
        new(Vector512.ShiftLeft(x.Value.AsInt32() - Vector512.Create(subtracted), 23).AsSingle());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Words(RandomStream stream, int step, uint firstBlock, ulong* keys, out One w0, out One w1, out One w2, out One w3)
    {
        var group = new PhiloxGroup<Philox512>(stream, step, firstBlock);
        for (var round = 0; round < Philox.Rounds; round++) group.Round(keys + 2 * round);
        group.Words(out var a0, out var a1, out var a2, out var a3);
        (w0, w1, w2, w3) = (new(a0.Value.AsSingle()), new(a1.Value.AsSingle()), new(a2.Value.AsSingle()), new(a3.Value.AsSingle()));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void WordsOf(RandomStream stream, int step, uint* draw, ulong* keys, out One w0, out One w1, out One w2, out One w3)
    {
        var blocks = new Philox512((Vector512.LoadAligned(draw) >>> 2).AsUInt64());
        var group = new PhiloxGroup<Philox512>(stream, step, blocks);
        for (var round = 0; round < Philox.Rounds; round++) group.Round(keys + 2 * round);
        group.Words(out var a0, out var a1, out var a2, out var a3);
        (w0, w1, w2, w3) = (new(a0.Value.AsSingle()), new(a1.Value.AsSingle()), new(a2.Value.AsSingle()), new(a3.Value.AsSingle()));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void AddTo(ref One product, ref One squares, ref One exponents, One sigma, One mu, One factor) =>
        KlSum<One>.Add(sigma, mu, factor, ref product, ref squares, ref exponents);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Store(float* to) => Value.StoreAligned(to);

    public void StoreAnywhere(float* to) => Value.Store(to);
}
