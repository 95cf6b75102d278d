using Bnn.Core;

namespace Bnn.Simd;

/// <summary>
/// Abstracts over one 512-bit vector (<see cref="One"/>), four of them (<see cref="Quad"/>) and one split in halves
/// (<see cref="Halves"/>), so that each elementwise formula is written once. A formula is a chain in which every operation waits for the
/// one before; four chains side by side keep the arithmetic units busy meanwhile. They take more registers than AVX2 has.
/// </summary>
internal unsafe interface ILanes<T>
    where T : struct, ILanes<T>
{
    static abstract int Count { get; }

    static abstract T Load(float* from);

    static abstract T All(float value);

    static abstract T FromBits(uint bits);

    /// <summary>All bits set in lanes whose mask bit is set; one word holds the bits of sixteen lanes.</summary>
    static abstract T FromMask(ushort* bits);

    static abstract T operator +(T x, T y);

    static abstract T operator -(T x, T y);

    static abstract T operator -(T x);

    static abstract T operator *(T x, T y);

    static abstract T operator /(T x, T y);

    static abstract T operator &(T x, T y);

    static abstract T operator |(T x, T y);

    static abstract T operator ^(T x, T y);

    /// <summary>x·y + z, rounded once.</summary>
    static abstract T Fma(T x, T y, T z);

    /// <summary>x·y − z, rounded once.</summary>
    static abstract T Fms(T x, T y, T z);

    static abstract T Sqrt(T x);

    static abstract T Abs(T x);

    /// <summary>
    /// Bits of <paramref name="then"/> where those of <paramref name="choice"/> are set, else of <paramref name="otherwise"/>.
    /// </summary>
    static abstract T Select(T choice, T then, T otherwise);

    static abstract T LessThan(T x, T y);

    /// <summary>x where it is greater than y, else y; so y where either is NaN.</summary>
    static abstract T Larger(T x, T y);

    /// <summary>Of two numbers the one that belongs to x: <paramref name="then"/> where x is below 0.</summary>
    static abstract T IfNegative(T x, T then, T otherwise);

    /// <summary>Adds to the bits, taken as integers.</summary>
    static abstract T AddToBits(T x, int added);

    /// <summary>The sum of the bits of both, taken as integers, y's after a shift to the right as unsigned ones.</summary>
    static abstract T AddShiftedRight(T x, T y, int shift);

    /// <summary>The bits, shifted right as signed integers, converted to float.</summary>
    static abstract T SignedToSingle(T x, int shift);

    /// <summary>The bits, shifted right as unsigned integers and then below 2³¹, converted to float.</summary>
    static abstract T UnsignedToSingle(T x, int shift);

    /// <summary>2ⁿ from a number whose bits are n + <paramref name="subtracted"/>.</summary>
    static abstract T PowerOfTwo(T x, int subtracted);

    void Store(float* to);

    /// <summary>Stores to a place that need not be aligned.</summary>
    void StoreAnywhere(float* to);
}

/// <summary>Sixteen lanes that hold one word of each of sixteen Philox blocks.</summary>
internal unsafe interface IWords<T>
    where T : struct, IWords<T>
{
    static abstract void Words(RandomStream stream, int step, uint firstBlock, ulong* keys, out T w0, out T w1, out T w2, out T w3);

    /// <summary>All bits set in lanes that have any of these bits.</summary>
    static abstract T IsSet(T x, uint bits);

    /// <summary>The words of sixteen arbitrary blocks, each given by a number whose quarter, rounded down, is the block's.</summary>
    static abstract void WordsOf(RandomStream stream, int step, uint* draw, ulong* keys, out T w0, out T w1, out T w2, out T w3);
}

/// <summary>Lanes that are added to a KL as vectors of sixteen, in order.</summary>
internal interface IKlTerms<T, TVector>
    where TVector : struct, ILanes<TVector>
{
    /// <inheritdoc cref="KlSum{T}.Add"/>
    static abstract void AddTo(ref TVector product, ref TVector squares, ref TVector exponents, T sigma, T mu, T factor);
}
