using System.Runtime.CompilerServices;
using Bnn.Core;
using static Bnn.Simd.VectorMath;

namespace Bnn.Simd;

/// <summary>
/// (σ²+μ²)/(2s₀²) − ln σ of up to 64 numbers per lane: ln Πσ is ln of the mantissas' product plus ln 2 times the exponents' sum, so one
/// logarithm serves all.
/// </summary>
internal struct KlSum<T>
    where T : struct, ILanes<T>
{
    private const float ExponentBias = 127f;
    private T _product, _squares, _exponents;

    public static KlSum<T> Empty => new() { _product = T.All(1f), _squares = T.All(0f), _exponents = T.All(0f) };

    /// <summary>Adds a vector; σ = 0 means no weight and counts as σ = 1 in the logarithm.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Add(T sigma, T mu)
    {
        _squares = T.Fma(sigma, sigma, T.Fma(mu, mu, _squares));
        var factor = T.Select(T.LessThan(T.All(0f), sigma), sigma, T.All(1f));
        _product *= (factor & T.FromBits(0x007FFFFF)) ^ T.FromBits(0x3F800000);
        _exponents += T.SignedToSingle(factor, 23) - T.All(ExponentBias);
    }

    /// <summary>Adds the sum to a layer's sixteen lanes.</summary>
    public readonly unsafe void AddTo(in KlRule rule, double* lanes)
    {
        var logSigma = T.Fma(_exponents, T.All(PortableMath.Ln2), Log(_product));
        var sums = stackalloc float[Lanes.Count];
        T.Fma(T.All(rule.HalfPrecision), _squares, -logSigma).StoreAnywhere(sums);
        for (var lane = 0; lane < Lanes.Count; lane++) lanes[lane] += sums[lane];
    }
}
