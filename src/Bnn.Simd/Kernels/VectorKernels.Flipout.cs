using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using static Bnn.Simd.VectorMath;

namespace Bnn.Simd;

/// <remarks>
/// The update of μ and ρ, and σ, slope and KL of the new ones. Each is a long chain of operations that wait for one another, with three
/// divisions and two roots; what one vector waits for, another's chain fills. So a loop takes the optimizer's step of some vectors beside
/// the refresh of the vectors before them.
/// </remarks>
public readonly unsafe partial struct VectorKernels
{
    /// <summary>Numbers whose mantissas' product needs one logarithm.</summary>
    private const int PerLogarithm = Lanes.Count * Lanes.MantissasPerProduct;

    [MethodImpl(Chooses)]
    public static void UpdateFlipout(in UpdateRule rule, in KlRule kl, in FlipoutState state, float* byMu, float* byDelta, int count)
    {
        for (var begin = 0; begin < count; begin += PerLogarithm)
        {
            var end = Math.Min(count, begin + PerLogarithm);
            if (Vector512.IsHardwareAccelerated) UpdateFlipout<Pair, One>(rule, kl, state, byMu, byDelta, begin, end);
            else UpdateFlipout<Halves, Halves>(rule, kl, state, byMu, byDelta, begin, end);
        }
    }

    [MethodImpl(Hot)]
    private static void UpdateFlipout<T, TVector>(
        in UpdateRule rule, in KlRule kl, in FlipoutState state, float* byMu, float* byDelta, int begin, int end)
        where T : struct, ILanes<T>, IKlTerms<T, TVector>
        where TVector : struct, ILanes<TVector>, IKlTerms<TVector, TVector>
    {
        var sum = new KlSum<TVector>();
        var whole = end - (end - begin) % T.Count;
        if (rule.IsAdam && state.Keep is null)
        {
            StepAndRefresh<T, TVector, Whole>(rule, kl, state, byMu, byDelta, ref sum, begin, whole);
        }
        else if (rule.IsAdam)
        {
            StepAndRefresh<T, TVector, Masked>(rule, kl, state, byMu, byDelta, ref sum, begin, whole);
        }
        else
        {
            StepFlipout<T>(rule, kl, state, byMu, byDelta, begin, whole);
            Refresh<T, TVector>(kl, state, ref sum, begin, whole);
        }
        StepFlipout<TVector>(rule, kl, state, byMu, byDelta, whole, end);
        Refresh<TVector, TVector>(kl, state, ref sum, whole, end);
        sum.AddTo(kl, (end - begin) / Lanes.Count, state.Kl);
    }

    /// <summary>Adam's steps of all vectors, each beside the refresh of the one before.</summary>
    [MethodImpl(Hot)]
    private static void StepAndRefresh<T, TVector, TMasking>(
        in UpdateRule rule, in KlRule kl, in FlipoutState state, float* byMu, float* byDelta, ref KlSum<TVector> total, int from, int to)
        where T : struct, ILanes<T>, IKlTerms<T, TVector>
        where TVector : struct, ILanes<TVector>, IKlTerms<TVector, TVector>
        where TMasking : struct, IMasking
    {
        if (from == to) return;
        float* pMu = state.Mu, pRho = state.Rho, pMuM = state.MuM, pMuV = state.MuV, pRhoM = state.RhoM, pRhoV = state.RhoV;
        float* pSigma = state.Sigma, pSlope = state.Slope, pEpsilon = state.Epsilon;
        var keep = state.Keep;
        StepFlipout<T>(rule, kl, state, byMu, byDelta, from, from + T.Count);
        // In registers: what a rule refers to might be written in the loop, as far as the compiler knows.
        var (byPrior, factor, scaleEpsilon) = (T.All(kl.ByPrior), T.All(kl.Factor), T.All(kl.ScaleEpsilon));
        var (oneMinusBeta1, oneMinusBeta2) = (T.All(rule.OneMinusBeta1), T.All(rule.OneMinusBeta2));
        var (stepSize, epsilon) = (T.All(rule.StepSize), T.All(rule.Epsilon));
        // After the call, so that they need not survive it in memory.
        var (product, squares, exponents) = (total.Product, total.Squares, total.Exponents);
        for (nint before = from, o = from + T.Count; o < to; before = o, o += T.Count)
        {
            var kept = TMasking.Kept<T>(keep, o);
            var sigma = TMasking.OrOne(T.Load(pSigma + o), kept);
            var klBySigma = T.Fms(byPrior, sigma, factor / sigma);
            var byRho = T.Fma(T.Load(byDelta + o), T.Load(pEpsilon + o), klBySigma) * T.Load(pSlope + o);
            var rhoRoot = T.Sqrt(Moments<T, TMasking>(oneMinusBeta1, oneMinusBeta2, byRho, kept, pRhoM + o, pRhoV + o, out var rhoM));

            var rhoBefore = T.Load(pRho + before);
            var t = ExpOfMinusAbs(rhoBefore);

            var rho = T.Load(pRho + o) - stepSize * rhoM / (rhoRoot + epsilon);
            TMasking.Clear(rho, kept).Store(pRho + o);
            var mu = T.Load(pMu + o);
            var gradientOfMu = T.Fma(byPrior, mu, T.Load(byMu + o));
            var muRoot = T.Sqrt(Moments<T, TMasking>(oneMinusBeta1, oneMinusBeta2, gradientOfMu, kept, pMuM + o, pMuV + o, out var muM));

            mu -= stepSize * muM / (muRoot + epsilon);
            TMasking.Clear(mu, kept).Store(pMu + o);

            StoreScale<T, TVector, TMasking>(
                scaleEpsilon, rhoBefore, t, TMasking.Kept<T>(keep, before), pMu + before, pSigma + before, pSlope + before,
                ref product, ref squares, ref exponents);
        }
        (total.Product, total.Squares, total.Exponents) = (product, squares, exponents);
        Refresh<T, TVector, TMasking>(kl, state, ref total, to - T.Count, to);
    }

    /// <summary>Adam's moments after a gradient; returns the second.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static T Moments<T, TMasking>(
        T oneMinusBeta1, T oneMinusBeta2, T gradient, T kept, float* m, float* v, out T first)
        where T : struct, ILanes<T>
        where TMasking : struct, IMasking
    {
        // A pruned weight's 1/σ is infinite, so its gradient is set to 0 by selection.
        var g = TMasking.Clear(gradient, kept);
        first = T.Load(m);
        first = TMasking.Clear(T.Fma(oneMinusBeta1, g - first, first), kept);
        first.Store(m);
        var second = T.Load(v);
        second = TMasking.Clear(T.Fma(oneMinusBeta2, T.Fms(g, g, second), second), kept);
        second.Store(v);
        return second;
    }

    /// <summary>σ and slope from ρ and t = e⁻|ρ|, and their part of the KL.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void StoreScale<T, TVector, TMasking>(
        T scaleEpsilon, T rho, T t, T kept, float* mu, float* sigma, float* slope,
        ref TVector product, ref TVector squares, ref TVector exponents)
        where T : struct, ILanes<T>, IKlTerms<T, TVector>
        where TVector : struct, ILanes<TVector>
        where TMasking : struct, IMasking
    {
        TMasking.Clear(SoftplusSlope(rho, t), kept).Store(slope);
        var scale = scaleEpsilon + Softplus(rho, t);
        TMasking.Clear(scale, kept).Store(sigma);
        T.AddTo(
            ref product, ref squares, ref exponents, TMasking.Clear(scale, kept), TMasking.Clear(T.Load(mu), kept),
            TMasking.OrOne(scale, kept));
    }

    /// <summary>The optimizer's steps alone.</summary>
    [MethodImpl(Hot)]
    private static void StepFlipout<T>(
        in UpdateRule rule, in KlRule kl, in FlipoutState state, float* byMu, float* byDelta, int from, int to)
        where T : struct, ILanes<T>
    {
        var byPrior = T.All(kl.ByPrior);
        for (var o = from; o < to; o += T.Count)
        {
            var (mu, sigma) = (T.Load(state.Mu + o), T.Load(state.Sigma + o));
            var gradientOfMu = T.Fma(byPrior, mu, T.Load(byMu + o));
            var klBySigma = T.Fms(byPrior, sigma, T.All(kl.Factor) / sigma);
            var gradientOfRho = T.Fma(T.Load(byDelta + o), T.Load(state.Epsilon + o), klBySigma) * T.Load(state.Slope + o);
            if (state.Keep is null)
            {
                Step(rule, mu, state.Mu, state.MuM, state.MuV, o, gradientOfMu);
                Step(rule, T.Load(state.Rho + o), state.Rho, state.RhoM, state.RhoV, o, gradientOfRho);
                continue;
            }
            // A pruned weight's 1/σ is infinite, so its gradient is set to 0 by selection.
            var kept = T.FromMask(state.Keep + o / Lanes.Count);
            StepKept(rule, state.Mu, state.MuM, state.MuV, o, gradientOfMu, kept);
            StepKept(rule, state.Rho, state.RhoM, state.RhoV, o, gradientOfRho, kept);
        }
    }

    [MethodImpl(Chooses)]
    public static void Refresh(in KlRule kl, in FlipoutState state, int count)
    {
        for (var begin = 0; begin < count; begin += PerLogarithm)
        {
            var end = Math.Min(count, begin + PerLogarithm);
            if (Vector512.IsHardwareAccelerated) RefreshAll<Pair, One>(kl, state, begin, end);
            else RefreshAll<Halves, Halves>(kl, state, begin, end);
        }
    }

    [MethodImpl(Chooses)]
    private static void RefreshAll<T, TVector>(in KlRule kl, in FlipoutState state, int begin, int end)
        where T : struct, ILanes<T>, IKlTerms<T, TVector>
        where TVector : struct, ILanes<TVector>, IKlTerms<TVector, TVector>
    {
        var sum = new KlSum<TVector>();
        var whole = end - (end - begin) % T.Count;
        Refresh<T, TVector>(kl, state, ref sum, begin, whole);
        Refresh<TVector, TVector>(kl, state, ref sum, whole, end);
        sum.AddTo(kl, (end - begin) / Lanes.Count, state.Kl);
    }

    [MethodImpl(Chooses)]
    private static void Refresh<T, TVector>(in KlRule kl, in FlipoutState state, ref KlSum<TVector> total, int from, int to)
        where T : struct, ILanes<T>, IKlTerms<T, TVector>
        where TVector : struct, ILanes<TVector>
    {
        if (state.Keep is null) Refresh<T, TVector, Whole>(kl, state, ref total, from, to);
        else Refresh<T, TVector, Masked>(kl, state, ref total, from, to);
    }

    [MethodImpl(Hot)]
    private static void Refresh<T, TVector, TMasking>(in KlRule kl, in FlipoutState state, ref KlSum<TVector> total, int from, int to)
        where T : struct, ILanes<T>, IKlTerms<T, TVector>
        where TVector : struct, ILanes<TVector>
        where TMasking : struct, IMasking
    {
        var (product, squares, exponents) = (total.Product, total.Squares, total.Exponents);
        for (nint o = from; o < to; o += T.Count)
        {
            var rho = T.Load(state.Rho + o);
            StoreScale<T, TVector, TMasking>(
                T.All(kl.ScaleEpsilon), rho, ExpOfMinusAbs(rho), TMasking.Kept<T>(state.Keep, o),
                state.Mu + o, state.Sigma + o, state.Slope + o, ref product, ref squares, ref exponents);
        }
        (total.Product, total.Squares, total.Exponents) = (product, squares, exponents);
    }
}
