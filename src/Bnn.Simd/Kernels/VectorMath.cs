using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using static Bnn.Core.PortableMath;

namespace Bnn.Simd;

/// <summary>
/// <see cref="Bnn.Core.PortableMath"/> on sixteen numbers at once: the same operations in the same order in every lane, so the same bits.
/// Where the machine has no 512-bit registers the runtime makes two halves of each operation.
/// </summary>
public static class VectorMath
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Fma(Vector512<float> a, Vector512<float> b, Vector512<float> c) => Vector512.FusedMultiplyAdd(a, b, c);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> All(float value) => Vector512.Create(value);

    /// <summary>eˣ, x cut to [−87.34, 88.02]; NaN stays NaN.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Exp(Vector512<float> x)
    {
        // Compare and select, not Min and Max: those treat NaN differently from machine to machine.
        x = Vector512.ConditionalSelect(Vector512.LessThan(x, All(ExpLowest)), All(ExpLowest), x);
        x = Vector512.ConditionalSelect(Vector512.GreaterThan(x, All(ExpHighest)), All(ExpHighest), x);
        var shifted = Fma(x, All(Log2E), All(RoundingMagic));
        var n = shifted - All(RoundingMagic);
        var r = Fma(n, All(-Ln2Low), Fma(n, All(-Ln2High), x));
        var p = Fma(Fma(Fma(Fma(All(E4), r, All(E3)), r, All(E2)), r, All(E1)), r, All(E0));
        p = Fma(p * r, r, r) + All(1f);
        var power = Vector512.ShiftLeft(shifted.AsInt32() - Vector512.Create(RoundingMagicBits - 127), 23);
        return p * power.AsSingle();
    }

    /// <summary>ln x for normal positive x.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Log(Vector512<float> x)
    {
        var bits = x.AsInt32() - Vector512.Create(SqrtHalfBits);
        var exponent = Vector512.ConvertToSingle(Vector512.ShiftRightArithmetic(bits, 23));
        var f = ((bits & Vector512.Create(0x007FFFFF)) + Vector512.Create(SqrtHalfBits)).AsSingle() - All(1f);
        var p = Fma(Fma(Fma(Fma(All(L8), f, All(L7)), f, All(L6)), f, All(L5)), f, All(L4));
        p = Fma(Fma(Fma(Fma(p, f, All(L3)), f, All(L2)), f, All(L1)), f, All(L0));
        var square = f * f;
        var tail = Fma(exponent, All(Ln2Low), Fma(square * f, p, All(-0.5f) * square));
        return Fma(exponent, All(Ln2High), f + tail);
    }

    /// <summary>ln(1 + eˣ) and its derivative.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Softplus(Vector512<float> x, out Vector512<float> slope)
    {
        var t = Exp(-Vector512.Abs(x));
        var u = All(1f) + t;
        var inverse = All(1f) / u;
        var lost = t - (u - All(1f));
        var positive = Vector512.ConditionalSelect(Vector512.GreaterThan(x, Vector512<float>.Zero), x, Vector512<float>.Zero);
        slope = Vector512.ConditionalSelect(Vector512.LessThan(x, Vector512<float>.Zero), t * inverse, inverse);
        return positive + Fma(lost, inverse, Log(u));
    }

    /// <summary>sin(πt) and cos(πt) for t in [−½, ½].</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> SinCosPi(Vector512<float> t, out Vector512<float> cos)
    {
        var z = t * t;
        cos = Fma(Fma(Fma(Fma(Fma(Fma(All(C6), z, All(C5)), z, All(C4)), z, All(C3)), z, All(C2)), z, All(C1)), z, All(C0));
        return t * Fma(Fma(Fma(Fma(Fma(All(S5), z, All(S4)), z, All(S3)), z, All(S2)), z, All(S1)), z, All(S0));
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
}
