using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using static Bnn.Core.PortableMath;
using X86 = System.Runtime.Intrinsics.X86;

namespace Bnn.Simd;

/// <summary>
/// <see cref="Bnn.Core.PortableMath"/> on sixteen numbers at once: the same operations in the same order in every lane, so the same bits.
/// Where the machine has no 512-bit registers, the runtime splits each operation into two halves.
/// </summary>
public static class VectorMath
{
    private const uint SignBit = 0x80000000;

    /// <summary>Number of sums that <see cref="Trees"/> computes at once.</summary>
    public const int TreesAtOnce = 8;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Fma(Vector512<float> a, Vector512<float> b, Vector512<float> c) => Vector512.FusedMultiplyAdd(a, b, c);

    /// <summary>a·b − c, rounded once.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static Vector512<float> Fms(Vector512<float> a, Vector512<float> b, Vector512<float> c) =>
        Avx512F.IsSupported ? Avx512F.FusedMultiplySubtract(a, b, c) : Vector512.FusedMultiplyAdd(a, b, -c);

    /// <inheritdoc cref="Fms(Vector512{float}, Vector512{float}, Vector512{float})"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static Vector256<float> Fms(Vector256<float> a, Vector256<float> b, Vector256<float> c) =>
        X86.Fma.IsSupported ? X86.Fma.MultiplySubtract(a, b, c) : Vector256.FusedMultiplyAdd(a, b, -c);

    /// <summary>a where it is greater than b, else b: what x86's maximum does with NaN and with zeros.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static Vector512<float> Larger(Vector512<float> a, Vector512<float> b) =>
        Avx512F.IsSupported ? Avx512F.Max(a, b) : Vector512.ConditionalSelect(Vector512.GreaterThan(a, b), a, b);

    /// <inheritdoc cref="Larger(Vector512{float}, Vector512{float})"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static Vector256<float> Larger(Vector256<float> a, Vector256<float> b) =>
        Avx.IsSupported ? Avx.Max(a, b) : Vector256.ConditionalSelect(Vector256.GreaterThan(a, b), a, b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> All(float value) => Vector512.Create(value);

    /// <summary>eˣ, with x clamped to [−87.34, 88.02]; NaN stays NaN.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Exp(Vector512<float> x)
    {
        // Compare and select, not Min and Max: those treat NaN differently from machine to machine.
        x = Vector512.ConditionalSelect(Vector512.LessThan(x, All(ExpLowest)), All(ExpLowest), x);
        return ExpOfLimited(new One(Vector512.ConditionalSelect(Vector512.GreaterThan(x, All(ExpHighest)), All(ExpHighest), x))).Value;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static T ExpOfLimited<T>(T x)
        where T : struct, ILanes<T>
    {
        var shifted = T.Fma(x, T.All(Log2E), T.All(RoundingMagic));
        var n = shifted - T.All(RoundingMagic);
        var r = T.Fma(n, T.All(-Ln2Low), T.Fma(n, T.All(-Ln2High), x));
        var p = T.Fma(T.Fma(T.Fma(T.Fma(T.All(E4), r, T.All(E3)), r, T.All(E2)), r, T.All(E1)), r, T.All(E0));
        return (T.Fma(p * r, r, r) + T.All(1f)) * T.PowerOfTwo(shifted, RoundingMagicBits - 127);
    }

    /// <summary>ln x for normal positive x.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Log(Vector512<float> x) => Log(new One(x)).Value;

    /// <inheritdoc cref="Log(Vector512{float})"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static T Log<T>(T x)
        where T : struct, ILanes<T>
    {
        var bits = T.AddToBits(x, -SqrtHalfBits);
        var exponent = T.SignedToSingle(bits, 23);
        var f = T.AddToBits(bits & T.FromBits(0x007FFFFF), SqrtHalfBits) - T.All(1f);
        var p = T.Fma(T.Fma(T.Fma(T.Fma(T.All(L8), f, T.All(L7)), f, T.All(L6)), f, T.All(L5)), f, T.All(L4));
        p = T.Fma(T.Fma(T.Fma(T.Fma(p, f, T.All(L3)), f, T.All(L2)), f, T.All(L1)), f, T.All(L0));
        var square = f * f;
        var tail = T.Fma(exponent, T.All(Ln2Low), T.Fma(square * f, p, T.All(-0.5f) * square));
        return T.Fma(exponent, T.All(Ln2High), f + tail);
    }

    /// <summary>e⁻|x|, of which softplus and its derivative are made.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static T ExpOfMinusAbs<T>(T x)
        where T : struct, ILanes<T> =>
        // −|x| is never above the exponential's upper limit: only the lower one is applied.
        ExpOfLimited(T.Larger(T.All(ExpLowest), x | T.FromBits(SignBit)));

    /// <summary>The derivative of <see cref="Softplus{T}(T, T)"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static T SoftplusSlope<T>(T x, T t)
        where T : struct, ILanes<T> => T.IfNegative(x, t, T.All(1f)) * (T.All(1f) / (T.All(1f) + t));

    /// <summary>ln(1 + eˣ) from t = e⁻|x|.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static T Softplus<T>(T x, T t)
        where T : struct, ILanes<T>
    {
        var q = T.Fma(T.Fma(T.Fma(T.Fma(T.All(P8), t, T.All(P7)), t, T.All(P6)), t, T.All(P5)), t, T.All(P4));
        q = T.Fma(T.Fma(T.Fma(T.Fma(q, t, T.All(P3)), t, T.All(P2)), t, T.All(P1)), t, T.All(P0));
        return T.Larger(x, T.All(0f)) + T.Fma(t * t, q, t);
    }

    /// <summary>sin(πt) and cos(πt) for t in [−½, ½].</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static T SinCosPi<T>(T t, out T cos)
        where T : struct, ILanes<T>
    {
        var z = t * t;
        var c = T.Fma(T.Fma(T.Fma(T.Fma(T.All(C6), z, T.All(C5)), z, T.All(C4)), z, T.All(C3)), z, T.All(C2));
        cos = T.Fma(T.Fma(c, z, T.All(C1)), z, T.All(C0));
        return t * T.Fma(T.Fma(T.Fma(T.Fma(T.Fma(T.All(S5), z, T.All(S4)), z, T.All(S3)), z, T.All(S2)), z, T.All(S1)), z, T.All(S0));
    }

    /// <summary>The sum of the lanes by <see cref="Lanes.Tree"/>: 8 apart, 4, 2, 1.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Tree(Vector512<float> lanes)
    {
        var eight = lanes.GetLower() + lanes.GetUpper();
        var four = eight.GetLower() + eight.GetUpper();
        var two = four + Vector128.Shuffle(four, Vector128.Create(2, 3, 0, 1));
        return two.ToScalar() + two.GetElement(1);
    }

    /// <summary>
    /// <see cref="Lanes.Tree"/> of eight rows of sixteen at once: each level adds halves of two rows in one register,
    /// so that no lane idles.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static unsafe Vector256<float> Trees(float* rows)
    {
        if (!Avx.IsSupported)
        {
            return Vector256.Create(
                Tree(Vector512.Load(rows)), Tree(Vector512.Load(rows + 16)),
                Tree(Vector512.Load(rows + 32)), Tree(Vector512.Load(rows + 48)),
                Tree(Vector512.Load(rows + 64)), Tree(Vector512.Load(rows + 80)),
                Tree(Vector512.Load(rows + 96)), Tree(Vector512.Load(rows + 112)));
        }
        var lower = TwoApart(FourApart(rows, rows + 64), FourApart(rows + 16, rows + 80));
        var upper = TwoApart(FourApart(rows + 32, rows + 96), FourApart(rows + 48, rows + 112));
        return Avx.Shuffle(lower, upper, 0b10_00_10_00) + Avx.Shuffle(lower, upper, 0b11_01_11_01);
    }

    /// <summary>Lanes 8 and then 4 apart: four sums of row a, then four of row b.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static unsafe Vector256<float> FourApart(float* a, float* b)
    {
        var (x, y) = (Vector256.Load(a) + Vector256.Load(a + 8), Vector256.Load(b) + Vector256.Load(b + 8));
        return Avx.Permute2x128(x, y, 0x20) + Avx.Permute2x128(x, y, 0x31);
    }

    /// <summary>Lanes 2 apart, in each half: two sums of a's row, two of b's.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> TwoApart(Vector256<float> a, Vector256<float> b) =>
        Avx.Shuffle(a, b, 0b01_00_01_00) + Avx.Shuffle(a, b, 0b11_10_11_10);
}
