using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Bnn.Simd;

/// <summary>Four vectors; each operation is applied to one after another.</summary>
[method: MethodImpl(MethodImplOptions.AggressiveInlining)]
internal readonly unsafe struct Quad(Vector512<float> a, Vector512<float> b, Vector512<float> c, Vector512<float> d)
    : ILanes<Quad>, IKlTerms<Quad, One>
{
    private readonly Vector512<float> _a = a, _b = b, _c = c, _d = d;

    public Vector512<float> A => _a;

    public Vector512<float> B => _b;

    public Vector512<float> C => _c;

    public Vector512<float> D => _d;

    public static int Count => 4 * Lanes.Count;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Quad Load(float* from) => new(
        Vector512.LoadAligned(from), Vector512.LoadAligned(from + 16), Vector512.LoadAligned(from + 32), Vector512.LoadAligned(from + 48));

    /// <summary>Two vectors from two places, and the two from a third whose distance is that of the first two.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Quad Load(float* a, float* b, float* c) => new(
        Vector512.LoadAligned(a), Vector512.LoadAligned(b), Vector512.LoadAligned(c), Vector512.LoadAligned(c + (b - a)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Quad All(float value)
    {
        var all = Vector512.Create(value);
        return new(all, all, all, all);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Quad FromMask(ushort* bits) =>
        new(One.FromMask(bits).Value, One.FromMask(bits + 1).Value, One.FromMask(bits + 2).Value, One.FromMask(bits + 3).Value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Quad operator +(Quad x, Quad y) => new(x._a + y._a, x._b + y._b, x._c + y._c, x._d + y._d);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Quad operator -(Quad x, Quad y) => new(x._a - y._a, x._b - y._b, x._c - y._c, x._d - y._d);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Quad operator -(Quad x) => new(-x._a, -x._b, -x._c, -x._d);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Quad operator *(Quad x, Quad y) => new(x._a * y._a, x._b * y._b, x._c * y._c, x._d * y._d);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Quad operator /(Quad x, Quad y) => new(x._a / y._a, x._b / y._b, x._c / y._c, x._d / y._d);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Quad operator &(Quad x, Quad y) => new(x._a & y._a, x._b & y._b, x._c & y._c, x._d & y._d);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Quad operator |(Quad x, Quad y) => new(x._a | y._a, x._b | y._b, x._c | y._c, x._d | y._d);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Quad Fms(Quad x, Quad y, Quad z) => new(
        VectorMath.Fms(x._a, y._a, z._a), VectorMath.Fms(x._b, y._b, z._b),
        VectorMath.Fms(x._c, y._c, z._c), VectorMath.Fms(x._d, y._d, z._d));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Quad Larger(Quad x, Quad y) => new(
        VectorMath.Larger(x._a, y._a), VectorMath.Larger(x._b, y._b),
        VectorMath.Larger(x._c, y._c), VectorMath.Larger(x._d, y._d));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Quad IfNegative(Quad x, Quad then, Quad otherwise) => new(
        Vector512.ConditionalSelect(Vector512.LessThan(x._a, Vector512<float>.Zero), then._a, otherwise._a),
        Vector512.ConditionalSelect(Vector512.LessThan(x._b, Vector512<float>.Zero), then._b, otherwise._b),
        Vector512.ConditionalSelect(Vector512.LessThan(x._c, Vector512<float>.Zero), then._c, otherwise._c),
        Vector512.ConditionalSelect(Vector512.LessThan(x._d, Vector512<float>.Zero), then._d, otherwise._d));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Quad AddShiftedRight(Quad x, Quad y, int shift) => new(
        (x._a.AsInt32() + Vector512.ShiftRightLogical(y._a.AsInt32(), shift)).AsSingle(),
        (x._b.AsInt32() + Vector512.ShiftRightLogical(y._b.AsInt32(), shift)).AsSingle(),
        (x._c.AsInt32() + Vector512.ShiftRightLogical(y._c.AsInt32(), shift)).AsSingle(),
        (x._d.AsInt32() + Vector512.ShiftRightLogical(y._d.AsInt32(), shift)).AsSingle());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Quad operator ^(Quad x, Quad y) => new(x._a ^ y._a, x._b ^ y._b, x._c ^ y._c, x._d ^ y._d);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Quad FromBits(uint bits) => All(BitConverter.UInt32BitsToSingle(bits));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Quad AddToBits(Quad x, int added)
    {
        var all = Vector512.Create(added);
        return new(
            (x._a.AsInt32() + all).AsSingle(), (x._b.AsInt32() + all).AsSingle(),
            (x._c.AsInt32() + all).AsSingle(), (x._d.AsInt32() + all).AsSingle());
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Quad SignedToSingle(Quad x, int shift) => new(
        Vector512.ConvertToSingle(Vector512.ShiftRightArithmetic(x._a.AsInt32(), shift)),
        Vector512.ConvertToSingle(Vector512.ShiftRightArithmetic(x._b.AsInt32(), shift)),
        Vector512.ConvertToSingle(Vector512.ShiftRightArithmetic(x._c.AsInt32(), shift)),
        Vector512.ConvertToSingle(Vector512.ShiftRightArithmetic(x._d.AsInt32(), shift)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Quad UnsignedToSingle(Quad x, int shift) => new(
        Vector512.ConvertToSingle(Vector512.ShiftRightLogical(x._a.AsInt32(), shift)),
        Vector512.ConvertToSingle(Vector512.ShiftRightLogical(x._b.AsInt32(), shift)),
        Vector512.ConvertToSingle(Vector512.ShiftRightLogical(x._c.AsInt32(), shift)),
        Vector512.ConvertToSingle(Vector512.ShiftRightLogical(x._d.AsInt32(), shift)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Quad Fma(Quad x, Quad y, Quad z) => new(
        Vector512.FusedMultiplyAdd(x._a, y._a, z._a), Vector512.FusedMultiplyAdd(x._b, y._b, z._b),
        Vector512.FusedMultiplyAdd(x._c, y._c, z._c), Vector512.FusedMultiplyAdd(x._d, y._d, z._d));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Quad Sqrt(Quad x) => new(Vector512.Sqrt(x._a), Vector512.Sqrt(x._b), Vector512.Sqrt(x._c), Vector512.Sqrt(x._d));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Quad Abs(Quad x) => new(Vector512.Abs(x._a), Vector512.Abs(x._b), Vector512.Abs(x._c), Vector512.Abs(x._d));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Quad Select(Quad choice, Quad then, Quad otherwise) => new(
        Vector512.ConditionalSelect(choice._a, then._a, otherwise._a), Vector512.ConditionalSelect(choice._b, then._b, otherwise._b),
        Vector512.ConditionalSelect(choice._c, then._c, otherwise._c), Vector512.ConditionalSelect(choice._d, then._d, otherwise._d));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Quad LessThan(Quad x, Quad y) => new(
        Vector512.LessThan(x._a, y._a), Vector512.LessThan(x._b, y._b), Vector512.LessThan(x._c, y._c), Vector512.LessThan(x._d, y._d));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Quad PowerOfTwo(Quad x, int subtracted)
    {
        var bias = Vector512.Create(subtracted);
        return new(
            Vector512.ShiftLeft(x._a.AsInt32() - bias, 23).AsSingle(), Vector512.ShiftLeft(x._b.AsInt32() - bias, 23).AsSingle(),
            Vector512.ShiftLeft(x._c.AsInt32() - bias, 23).AsSingle(), Vector512.ShiftLeft(x._d.AsInt32() - bias, 23).AsSingle());
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void AddTo(ref One product, ref One squares, ref One exponents, Quad sigma, Quad mu, Quad factor)
    {
        KlSum<One>.Add(new One(sigma._a), new One(mu._a), new One(factor._a), ref product, ref squares, ref exponents);
        KlSum<One>.Add(new One(sigma._b), new One(mu._b), new One(factor._b), ref product, ref squares, ref exponents);
        KlSum<One>.Add(new One(sigma._c), new One(mu._c), new One(factor._c), ref product, ref squares, ref exponents);
        KlSum<One>.Add(new One(sigma._d), new One(mu._d), new One(factor._d), ref product, ref squares, ref exponents);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Store(float* to)
    {
        _a.StoreAligned(to);
        _b.StoreAligned(to + 16);
        _c.StoreAligned(to + 32);
        _d.StoreAligned(to + 48);
    }

    public void StoreAnywhere(float* to)
    {
        _a.Store(to);
        _b.Store(to + 16);
        _c.Store(to + 32);
        _d.Store(to + 48);
    }
}
