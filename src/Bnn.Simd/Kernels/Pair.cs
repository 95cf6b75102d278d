using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Bnn.Simd;

/// <summary>Two vectors, for formulas whose numbers would not fit the registers as a <see cref="Quad"/>.</summary>
[method: MethodImpl(MethodImplOptions.AggressiveInlining)]
internal readonly unsafe struct Pair(Vector512<float> a, Vector512<float> b) : ILanes<Pair>, IKlTerms<Pair, One>
{
    private readonly Vector512<float> _a = a, _b = b;

    public static int Count => 2 * Lanes.Count;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Pair Load(float* from) => new(Vector512.LoadAligned(from), Vector512.LoadAligned(from + 16));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Pair All(float value)
    {
        var all = Vector512.Create(value);
        return new(all, all);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Pair FromMask(ushort* bits) => new(One.FromMask(bits).Value, One.FromMask(bits + 1).Value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Pair operator +(Pair x, Pair y) => new(x._a + y._a, x._b + y._b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Pair operator -(Pair x, Pair y) => new(x._a - y._a, x._b - y._b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Pair operator -(Pair x) => new(-x._a, -x._b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Pair operator *(Pair x, Pair y) => new(x._a * y._a, x._b * y._b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Pair operator /(Pair x, Pair y) => new(x._a / y._a, x._b / y._b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Pair operator &(Pair x, Pair y) => new(x._a & y._a, x._b & y._b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Pair operator |(Pair x, Pair y) => new(x._a | y._a, x._b | y._b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Pair Fms(Pair x, Pair y, Pair z) => new(VectorMath.Fms(x._a, y._a, z._a), VectorMath.Fms(x._b, y._b, z._b));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Pair Larger(Pair x, Pair y) => new(VectorMath.Larger(x._a, y._a), VectorMath.Larger(x._b, y._b));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Pair IfNegative(Pair x, Pair then, Pair otherwise) => new(
        Vector512.ConditionalSelect(Vector512.LessThan(x._a, Vector512<float>.Zero), then._a, otherwise._a),
        Vector512.ConditionalSelect(Vector512.LessThan(x._b, Vector512<float>.Zero), then._b, otherwise._b));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Pair AddShiftedRight(Pair x, Pair y, int shift) => new(
        (x._a.AsInt32() + Vector512.ShiftRightLogical(y._a.AsInt32(), shift)).AsSingle(),
        (x._b.AsInt32() + Vector512.ShiftRightLogical(y._b.AsInt32(), shift)).AsSingle());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Pair operator ^(Pair x, Pair y) => new(x._a ^ y._a, x._b ^ y._b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Pair FromBits(uint bits) => All(BitConverter.UInt32BitsToSingle(bits));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Pair AddToBits(Pair x, int added)
    {
        var all = Vector512.Create(added);
        return new((x._a.AsInt32() + all).AsSingle(), (x._b.AsInt32() + all).AsSingle());
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Pair SignedToSingle(Pair x, int shift) => new(
        Vector512.ConvertToSingle(Vector512.ShiftRightArithmetic(x._a.AsInt32(), shift)),
        Vector512.ConvertToSingle(Vector512.ShiftRightArithmetic(x._b.AsInt32(), shift)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Pair UnsignedToSingle(Pair x, int shift) => new(
        Vector512.ConvertToSingle(Vector512.ShiftRightLogical(x._a.AsInt32(), shift)),
        Vector512.ConvertToSingle(Vector512.ShiftRightLogical(x._b.AsInt32(), shift)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Pair Fma(Pair x, Pair y, Pair z) => new(
        Vector512.FusedMultiplyAdd(x._a, y._a, z._a),
        Vector512.FusedMultiplyAdd(x._b, y._b, z._b));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Pair Sqrt(Pair x) => new(Vector512.Sqrt(x._a), Vector512.Sqrt(x._b));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Pair Abs(Pair x) => new(Vector512.Abs(x._a), Vector512.Abs(x._b));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Pair Select(Pair choice, Pair then, Pair otherwise) => new(
        Vector512.ConditionalSelect(choice._a, then._a, otherwise._a),
        Vector512.ConditionalSelect(choice._b, then._b, otherwise._b));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Pair LessThan(Pair x, Pair y) => new(Vector512.LessThan(x._a, y._a), Vector512.LessThan(x._b, y._b));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Pair PowerOfTwo(Pair x, int subtracted)
    {
        var bias = Vector512.Create(subtracted);
        return new(Vector512.ShiftLeft(x._a.AsInt32() - bias, 23).AsSingle(), Vector512.ShiftLeft(x._b.AsInt32() - bias, 23).AsSingle());
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void AddTo(ref One product, ref One squares, ref One exponents, Pair sigma, Pair mu, Pair factor)
    {
        KlSum<One>.Add(new One(sigma._a), new One(mu._a), new One(factor._a), ref product, ref squares, ref exponents);
        KlSum<One>.Add(new One(sigma._b), new One(mu._b), new One(factor._b), ref product, ref squares, ref exponents);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Store(float* to)
    {
        _a.StoreAligned(to);
        _b.StoreAligned(to + 16);
    }

    public void StoreAnywhere(float* to)
    {
        _a.Store(to);
        _b.Store(to + 16);
    }
}
