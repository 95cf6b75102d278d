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
    public static Quad FromWords(Philox512 a, Philox512 b, Philox512 c, Philox512 d) =>
        new(a.Value.AsSingle(), b.Value.AsSingle(), c.Value.AsSingle(), d.Value.AsSingle());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Quad Load(float* from) => new(
        Vector512.LoadAligned(from), Vector512.LoadAligned(from + 16), Vector512.LoadAligned(from + 32), Vector512.LoadAligned(from + 48));

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
    public static void AddTo(ref KlSum<One> kl, Quad sigma, Quad mu)
    {
        kl.Add(new One(sigma._a), new One(mu._a));
        kl.Add(new One(sigma._b), new One(mu._b));
        kl.Add(new One(sigma._c), new One(mu._c));
        kl.Add(new One(sigma._d), new One(mu._d));
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
