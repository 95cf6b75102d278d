using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Bnn.Core;

namespace Bnn.Simd;

/// <summary>
/// One vector or four as one number, so that a formula stands once for both. A formula is a chain in which every operation waits for the one before;
/// four chains side by side (<see cref="Quad"/>) keep the arithmetic units busy meanwhile. They take more registers than AVX2 has.
/// </summary>
internal unsafe interface ILanes<T>
    where T : struct, ILanes<T>
{
    static abstract int Count { get; }

    static abstract T Load(float* from);

    static abstract T All(float value);

    static abstract T FromBits(uint bits);

    /// <summary>All bits set in lanes whose bit is set, the same sixteen in every vector.</summary>
    static abstract T FromMask(ushort bits);

    static abstract T operator +(T x, T y);

    static abstract T operator -(T x, T y);

    static abstract T operator -(T x);

    static abstract T operator *(T x, T y);

    static abstract T operator /(T x, T y);

    static abstract T operator &(T x, T y);

    static abstract T operator ^(T x, T y);

    /// <summary>x·y + z, rounded once.</summary>
    static abstract T Fma(T x, T y, T z);

    static abstract T Sqrt(T x);

    static abstract T Abs(T x);

    /// <summary>Bits from the one where the choice's are set, else from the other.</summary>
    static abstract T Select(T choice, T then, T otherwise);

    static abstract T LessThan(T x, T y);

    /// <summary>Adds to the bits as to whole numbers.</summary>
    static abstract T AddToBits(T x, int added);

    /// <summary>The bits, shifted right as signed whole numbers, as a number.</summary>
    static abstract T SignedToSingle(T x, int shift);

    /// <summary>The bits, shifted right as unsigned whole numbers and then below 2³¹, as a number.</summary>
    static abstract T UnsignedToSingle(T x, int shift);

    /// <summary>2ⁿ from a number whose bits are n + <paramref name="subtracted"/>.</summary>
    static abstract T PowerOfTwo(T x, int subtracted);

    void Store(float* to);

    /// <summary>Where it need not be aligned.</summary>
    void StoreAnywhere(float* to);
}

/// <summary>Sixteen lanes: of sixteen consecutive Philox blocks they hold a word.</summary>
internal unsafe interface IWords<T>
    where T : struct, IWords<T>
{
    static abstract void Words(RandomStream stream, int step, uint firstBlock, ulong* keys, out T w0, out T w1, out T w2, out T w3);
}

/// <summary>Numbers that are added to a KL as vectors of sixteen lanes, in order.</summary>
internal interface IKlTerms<T, TVector>
    where TVector : struct, ILanes<TVector>
{
    static abstract void AddTo(ref KlSum<TVector> kl, T sigma, T mu);
}

/// <summary>One vector.</summary>
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
    public static One FromMask(ushort bits)
    {
        var ofLane = Vector512.Create(1u << 0, 1u << 1, 1u << 2, 1u << 3, 1u << 4, 1u << 5, 1u << 6, 1u << 7,
            1u << 8, 1u << 9, 1u << 10, 1u << 11, 1u << 12, 1u << 13, 1u << 14, 1u << 15);
        return new((~Vector512.Equals(Vector512.Create((uint)bits) & ofLane, Vector512<uint>.Zero)).AsSingle());
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
    public static One operator ^(One x, One y) => new(x.Value ^ y.Value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static One FromBits(uint bits) => new(Vector512.Create(bits).AsSingle());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static One AddToBits(One x, int added) => new((x.Value.AsInt32() + Vector512.Create(added)).AsSingle());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static One SignedToSingle(One x, int shift) => new(Vector512.ConvertToSingle(Vector512.ShiftRightArithmetic(x.Value.AsInt32(), shift)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static One UnsignedToSingle(One x, int shift) => new(Vector512.ConvertToSingle(Vector512.ShiftRightLogical(x.Value.AsInt32(), shift)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static One Fma(One x, One y, One z) => new(Vector512.FusedMultiplyAdd(x.Value, y.Value, z.Value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static One Sqrt(One x) => new(Vector512.Sqrt(x.Value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static One Abs(One x) => new(Vector512.Abs(x.Value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static One Select(One choice, One then, One otherwise) => new(Vector512.ConditionalSelect(choice.Value, then.Value, otherwise.Value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static One LessThan(One x, One y) => new(Vector512.LessThan(x.Value, y.Value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static One PowerOfTwo(One x, int subtracted) => new(Vector512.ShiftLeft(x.Value.AsInt32() - Vector512.Create(subtracted), 23).AsSingle());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Words(RandomStream stream, int step, uint firstBlock, ulong* keys, out One w0, out One w1, out One w2, out One w3)
    {
        var group = new PhiloxGroup<Philox512>(stream, step, firstBlock);
        for (var round = 0; round < Philox.Rounds; round++) group.Round(keys + 2 * round);
        group.Words(out var a0, out var a1, out var a2, out var a3);
        (w0, w1, w2, w3) = (new(a0.Value.AsSingle()), new(a1.Value.AsSingle()), new(a2.Value.AsSingle()), new(a3.Value.AsSingle()));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void AddTo(ref KlSum<One> kl, One sigma, One mu) => kl.Add(sigma, mu);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Store(float* to) => Value.StoreAligned(to);

    public void StoreAnywhere(float* to) => Value.Store(to);
}

/// <summary>
/// One vector as two halves, for machines without AVX-512: the same lanes, and instructions that they have.
/// </summary>
[method: MethodImpl(MethodImplOptions.AggressiveInlining)]
internal readonly unsafe struct Halves(Vector256<float> lower, Vector256<float> upper) : ILanes<Halves>, IKlTerms<Halves, Halves>, IWords<Halves>
{
    private readonly Vector256<float> _lower = lower, _upper = upper;

    public static int Count => Lanes.Count;

    public Vector256<float> Lower => _lower;

    public Vector256<float> Upper => _upper;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Halves Load(float* from) => new(Vector256.LoadAligned(from), Vector256.LoadAligned(from + 8));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Halves All(float value) => new(Vector256.Create(value), Vector256.Create(value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Halves FromBits(uint bits) => All(BitConverter.UInt32BitsToSingle(bits));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Halves FromMask(ushort bits)
    {
        var ofLane = Vector256.Create(1u << 0, 1u << 1, 1u << 2, 1u << 3, 1u << 4, 1u << 5, 1u << 6, 1u << 7);
        return new(
            (~Vector256.Equals(Vector256.Create((uint)bits) & ofLane, Vector256<uint>.Zero)).AsSingle(),
            (~Vector256.Equals(Vector256.Create((uint)bits >> 8) & ofLane, Vector256<uint>.Zero)).AsSingle());
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
    public static Halves operator ^(Halves x, Halves y) => new(x._lower ^ y._lower, x._upper ^ y._upper);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Halves Fma(Halves x, Halves y, Halves z) => new(Vector256.FusedMultiplyAdd(x._lower, y._lower, z._lower), Vector256.FusedMultiplyAdd(x._upper, y._upper, z._upper));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Halves Sqrt(Halves x) => new(Vector256.Sqrt(x._lower), Vector256.Sqrt(x._upper));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Halves Abs(Halves x) => new(Vector256.Abs(x._lower), Vector256.Abs(x._upper));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Halves Select(Halves choice, Halves then, Halves otherwise) => new(
        Vector256.ConditionalSelect(choice._lower, then._lower, otherwise._lower), Vector256.ConditionalSelect(choice._upper, then._upper, otherwise._upper));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Halves LessThan(Halves x, Halves y) => new(Vector256.LessThan(x._lower, y._lower), Vector256.LessThan(x._upper, y._upper));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Halves AddToBits(Halves x, int added) => new((x._lower.AsInt32() + Vector256.Create(added)).AsSingle(), (x._upper.AsInt32() + Vector256.Create(added)).AsSingle());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Halves SignedToSingle(Halves x, int shift) => new(
        Vector256.ConvertToSingle(Vector256.ShiftRightArithmetic(x._lower.AsInt32(), shift)), Vector256.ConvertToSingle(Vector256.ShiftRightArithmetic(x._upper.AsInt32(), shift)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Halves UnsignedToSingle(Halves x, int shift) => new(
        Vector256.ConvertToSingle(Vector256.ShiftRightLogical(x._lower.AsInt32(), shift)), Vector256.ConvertToSingle(Vector256.ShiftRightLogical(x._upper.AsInt32(), shift)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Halves PowerOfTwo(Halves x, int subtracted) => new(
        Vector256.ShiftLeft(x._lower.AsInt32() - Vector256.Create(subtracted), 23).AsSingle(), Vector256.ShiftLeft(x._upper.AsInt32() - Vector256.Create(subtracted), 23).AsSingle());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Words(RandomStream stream, int step, uint firstBlock, ulong* keys, out Halves w0, out Halves w1, out Halves w2, out Halves w3)
    {
        // One half after the other: both at once take all registers.
        Half(stream, step, firstBlock, keys, out var a0, out var a1, out var a2, out var a3);
        Half(stream, step, firstBlock + 8, keys, out var b0, out var b1, out var b2, out var b3);
        (w0, w1, w2, w3) = (new(a0, b0), new(a1, b1), new(a2, b2), new(a3, b3));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Half(
        RandomStream stream, int step, uint firstBlock, ulong* keys, out Vector256<float> w0, out Vector256<float> w1, out Vector256<float> w2, out Vector256<float> w3)
    {
        var group = new PhiloxGroup<Philox256>(stream, step, firstBlock);
        for (var round = 0; round < Philox.Rounds; round++) group.Round(keys + 2 * round);
        group.Words(out var a0, out var a1, out var a2, out var a3);
        (w0, w1, w2, w3) = (a0.Value.AsSingle(), a1.Value.AsSingle(), a2.Value.AsSingle(), a3.Value.AsSingle());
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void AddTo(ref KlSum<Halves> kl, Halves sigma, Halves mu) => kl.Add(sigma, mu);

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

/// <summary>Four vectors; each operation is done on one after another.</summary>
[method: MethodImpl(MethodImplOptions.AggressiveInlining)]
internal readonly unsafe struct Quad(Vector512<float> a, Vector512<float> b, Vector512<float> c, Vector512<float> d) : ILanes<Quad>, IKlTerms<Quad, One>
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
    public static Quad FromMask(ushort bits)
    {
        var one = One.FromMask(bits).Value;
        return new(one, one, one, one);
    }

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
            (x._a.AsInt32() + all).AsSingle(), (x._b.AsInt32() + all).AsSingle(), (x._c.AsInt32() + all).AsSingle(), (x._d.AsInt32() + all).AsSingle());
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Quad SignedToSingle(Quad x, int shift) => new(
        Vector512.ConvertToSingle(Vector512.ShiftRightArithmetic(x._a.AsInt32(), shift)), Vector512.ConvertToSingle(Vector512.ShiftRightArithmetic(x._b.AsInt32(), shift)),
        Vector512.ConvertToSingle(Vector512.ShiftRightArithmetic(x._c.AsInt32(), shift)), Vector512.ConvertToSingle(Vector512.ShiftRightArithmetic(x._d.AsInt32(), shift)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Quad UnsignedToSingle(Quad x, int shift) => new(
        Vector512.ConvertToSingle(Vector512.ShiftRightLogical(x._a.AsInt32(), shift)), Vector512.ConvertToSingle(Vector512.ShiftRightLogical(x._b.AsInt32(), shift)),
        Vector512.ConvertToSingle(Vector512.ShiftRightLogical(x._c.AsInt32(), shift)), Vector512.ConvertToSingle(Vector512.ShiftRightLogical(x._d.AsInt32(), shift)));

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
