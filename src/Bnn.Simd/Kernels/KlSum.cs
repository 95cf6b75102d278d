using System.Runtime.CompilerServices;
using Bnn.Core;
using static Bnn.Simd.VectorMath;

namespace Bnn.Simd;

/// <summary>
/// (σ²+μ²)/(2s₀²) − ln σ of up to 64 numbers per lane: ln Πσ is ln of the mantissas' product plus ln 2 times the exponents' sum, so one
/// logarithm serves all.
/// </summary>
/// <remarks>A loop takes the parts apart and passes them one by one, since the compiler would keep the whole in memory.</remarks>
internal struct KlSum<T>()
    where T : struct, ILanes<T>
{
    private const int ExponentBias = 127, MantissaBits = 23;

    public T Product = T.All(1f), Squares = T.All(0f), Exponents = T.All(0f);

    /// <summary>Adds a vector of scales and means, 0 where there is no weight.</summary>
    /// <param name="factor">σ, or 1 where there is no weight.</param>
    /// <param name="exponents">Whole numbers, each exponent with its bias.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Add(T sigma, T mu, T factor, ref T product, ref T squares, ref T exponents)
    {
        squares = T.Fma(sigma, sigma, T.Fma(mu, mu, squares));
        product *= (factor & T.FromBits(0x007FFFFF)) | T.FromBits(0x3F800000);
        exponents = T.AddShiftedRight(exponents, factor, MantissaBits);
    }

    /// <summary>Adds the sum of this many vectors to a layer's sixteen lanes.</summary>
    public readonly unsafe void AddTo(in KlRule rule, int vectors, double* lanes)
    {
        var exponents = T.SignedToSingle(T.AddToBits(Exponents, -ExponentBias * vectors), 0);
        var logSigma = T.Fma(exponents, T.All(PortableMath.Ln2), Log(Product));
        var sums = stackalloc float[Lanes.Count];
        T.Fms(T.All(rule.HalfPrecision), Squares, logSigma).StoreAnywhere(sums);
        for (var lane = 0; lane < Lanes.Count; lane++) lanes[lane] += sums[lane];
    }
}
