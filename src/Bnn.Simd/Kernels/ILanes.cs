using Bnn.Core;

namespace Bnn.Simd;

/// <summary>
/// One vector, four, or one as two halves, as one number, so that a formula stands once for all. A formula is a chain in which every operation waits for the one before;
/// four chains side by side (<see cref="Quad"/>) keep the arithmetic units busy meanwhile. They take more registers than AVX2 has.
/// </summary>
internal unsafe interface ILanes<T>
    where T : struct, ILanes<T>
{
    static abstract int Count { get; }

    static abstract T Load(float* from);

    static abstract T All(float value);

    static abstract T FromBits(uint bits);

    /// <summary>All bits set in lanes whose bit is set, a word for sixteen.</summary>
    static abstract T FromMask(ushort* bits);

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

    /// <summary>All bits set in lanes that have one of these bits.</summary>
    static abstract T IsSet(T x, uint bits);

    /// <summary>Of sixteen blocks from anywhere, each given by four times its number and less than four more.</summary>
    static abstract void WordsOf(RandomStream stream, int step, uint* draw, ulong* keys, out T w0, out T w1, out T w2, out T w3);
}

/// <summary>Numbers that are added to a KL as vectors of sixteen lanes, in order.</summary>
internal interface IKlTerms<T, TVector>
    where TVector : struct, ILanes<TVector>
{
    static abstract void AddTo(ref KlSum<TVector> kl, T sigma, T mu);
}
