using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Bnn.Core;

namespace Bnn.Simd;

/// <summary>
/// One vector as two halves, for machines without AVX-512: the same lanes, and instructions that they have.
/// </summary>
[method: MethodImpl(MethodImplOptions.AggressiveInlining)]
internal readonly unsafe struct Halves(Vector256<float> lower, Vector256<float> upper)
    : ILanes<Halves>, IKlTerms<Halves, Halves>, IWords<Halves>
{
    private readonly Vector256<float> _lower = lower, _upper = upper;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Halves(Vector512<float> whole)
        : this(whole.GetLower(), whole.GetUpper())
    {
    }

    public static int Count => Lanes.Count;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Halves Load(float* from) => new(Vector256.LoadAligned(from), Vector256.LoadAligned(from + 8));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Halves All(float value) => new(Vector256.Create(value), Vector256.Create(value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Halves FromBits(uint bits) => All(BitConverter.UInt32BitsToSingle(bits));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Halves FromMask(ushort* bits)
    {
        var ofLane = Vector256.Create(1u << 0, 1u << 1, 1u << 2, 1u << 3, 1u << 4, 1u << 5, 1u << 6, 1u << 7);
        return new(
            (~Vector256.Equals(Vector256.Create((uint)*bits) & ofLane, Vector256<uint>.Zero)).AsSingle(),
            (~Vector256.Equals(Vector256.Create((uint)*bits >> 8) & ofLane, Vector256<uint>.Zero)).AsSingle());
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Halves operator +(Halves x, Halves y) => new(x._lower + y._lower, x._upper + y._upper);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Halves operator -(Halves x, Halves y) => new(x._lower - y._lower, x._upper - y._upper);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Halves operator -(Halves x) => new(-x._lower, -x._upper);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Halves operator *(Halves x, Halves y) => new(x._lower * y._lower, x._upper * y._upper);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Halves operator /(Halves x, Halves y) => new(x._lower / y._lower, x._upper / y._upper);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Halves operator &(Halves x, Halves y) => new(x._lower & y._lower, x._upper & y._upper);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Halves operator |(Halves x, Halves y) => new(x._lower | y._lower, x._upper | y._upper);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Halves Fms(Halves x, Halves y, Halves z) => new(
        VectorMath.Fms(x._lower, y._lower, z._lower),
        VectorMath.Fms(x._upper, y._upper, z._upper));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Halves Larger(Halves x, Halves y) => new(VectorMath.Larger(x._lower, y._lower), VectorMath.Larger(x._upper, y._upper));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Halves IfNegative(Halves x, Halves then, Halves otherwise) => new(
        Vector256.ConditionalSelect(Vector256.LessThan(x._lower, Vector256<float>.Zero), then._lower, otherwise._lower),
        Vector256.ConditionalSelect(Vector256.LessThan(x._upper, Vector256<float>.Zero), then._upper, otherwise._upper));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Halves AddShiftedRight(Halves x, Halves y, int shift) => new(
        (x._lower.AsInt32() + Vector256.ShiftRightLogical(y._lower.AsInt32(), shift)).AsSingle(),
        (x._upper.AsInt32() + Vector256.ShiftRightLogical(y._upper.AsInt32(), shift)).AsSingle());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Halves operator ^(Halves x, Halves y) => new(x._lower ^ y._lower, x._upper ^ y._upper);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Halves Fma(Halves x, Halves y, Halves z) => new(
        Vector256.FusedMultiplyAdd(x._lower, y._lower, z._lower),
        Vector256.FusedMultiplyAdd(x._upper, y._upper, z._upper));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Halves Sqrt(Halves x) => new(Vector256.Sqrt(x._lower), Vector256.Sqrt(x._upper));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Halves Abs(Halves x) => new(Vector256.Abs(x._lower), Vector256.Abs(x._upper));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Halves Select(Halves choice, Halves then, Halves otherwise) => new(
        Vector256.ConditionalSelect(choice._lower, then._lower, otherwise._lower),
        Vector256.ConditionalSelect(choice._upper, then._upper, otherwise._upper));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Halves LessThan(Halves x, Halves y) => new(
        Vector256.LessThan(x._lower, y._lower),
        Vector256.LessThan(x._upper, y._upper));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Halves AddToBits(Halves x, int added) => new(
        (x._lower.AsInt32() + Vector256.Create(added)).AsSingle(),
        (x._upper.AsInt32() + Vector256.Create(added)).AsSingle());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Halves SignedToSingle(Halves x, int shift) => new(
        Vector256.ConvertToSingle(Vector256.ShiftRightArithmetic(x._lower.AsInt32(), shift)),
        Vector256.ConvertToSingle(Vector256.ShiftRightArithmetic(x._upper.AsInt32(), shift)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Halves UnsignedToSingle(Halves x, int shift) => new(
        Vector256.ConvertToSingle(Vector256.ShiftRightLogical(x._lower.AsInt32(), shift)),
        Vector256.ConvertToSingle(Vector256.ShiftRightLogical(x._upper.AsInt32(), shift)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Halves PowerOfTwo(Halves x, int subtracted) => new(
        Vector256.ShiftLeft(x._lower.AsInt32() - Vector256.Create(subtracted), 23).AsSingle(),
        Vector256.ShiftLeft(x._upper.AsInt32() - Vector256.Create(subtracted), 23).AsSingle());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Words(
        RandomStream stream, int step, uint firstBlock, ulong* keys,
        out Halves w0, out Halves w1, out Halves w2, out Halves w3)
    {
        // One half after the other: both at once would need all registers.
        Half(stream, step, firstBlock, keys, out var a0, out var a1, out var a2, out var a3);
        Half(stream, step, firstBlock + 8, keys, out var b0, out var b1, out var b2, out var b3);
        (w0, w1, w2, w3) = (new(a0, b0), new(a1, b1), new(a2, b2), new(a3, b3));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Half(
        RandomStream stream, int step, uint firstBlock, ulong* keys,
        out Vector256<float> w0, out Vector256<float> w1, out Vector256<float> w2, out Vector256<float> w3)
    {
        var group = new PhiloxGroup<Philox256>(stream, step, firstBlock);
        for (var round = 0; round < Philox.Rounds; round++) group.Round(keys + 2 * round);
        group.Words(out var a0, out var a1, out var a2, out var a3);
        (w0, w1, w2, w3) = (a0.Value.AsSingle(), a1.Value.AsSingle(), a2.Value.AsSingle(), a3.Value.AsSingle());
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Halves IsSet(Halves x, uint bits) => new(
        (~Vector256.Equals(x._lower.AsUInt32() & Vector256.Create(bits), Vector256<uint>.Zero)).AsSingle(),
        (~Vector256.Equals(x._upper.AsUInt32() & Vector256.Create(bits), Vector256<uint>.Zero)).AsSingle());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void WordsOf(
        RandomStream stream, int step, uint* draw, ulong* keys,
        out Halves w0, out Halves w1, out Halves w2, out Halves w3)
    {
        HalfOf(stream, step, draw, keys, out var a0, out var a1, out var a2, out var a3);
        HalfOf(stream, step, draw + 8, keys, out var b0, out var b1, out var b2, out var b3);
        (w0, w1, w2, w3) = (new(a0, b0), new(a1, b1), new(a2, b2), new(a3, b3));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void HalfOf(
        RandomStream stream, int step, uint* draw, ulong* keys,
        out Vector256<float> w0, out Vector256<float> w1, out Vector256<float> w2, out Vector256<float> w3)
    {
        var group = new PhiloxGroup<Philox256>(stream, step, new Philox256((Vector256.LoadAligned(draw) >>> 2).AsUInt64()));
        for (var round = 0; round < Philox.Rounds; round++) group.Round(keys + 2 * round);
        group.Words(out var a0, out var a1, out var a2, out var a3);
        (w0, w1, w2, w3) = (a0.Value.AsSingle(), a1.Value.AsSingle(), a2.Value.AsSingle(), a3.Value.AsSingle());
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void AddTo(ref Halves product, ref Halves squares, ref Halves exponents, Halves sigma, Halves mu, Halves factor) =>
        KlSum<Halves>.Add(sigma, mu, factor, ref product, ref squares, ref exponents);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Store(float* to)
    {
        _lower.StoreAligned(to);
        _upper.StoreAligned(to + 8);
    }

    public void StoreAnywhere(float* to)
    {
        _lower.Store(to);
        _upper.Store(to + 8);
    }
}
