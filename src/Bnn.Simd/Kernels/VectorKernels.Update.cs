using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Bnn.Core;
using static Bnn.Simd.VectorMath;

namespace Bnn.Simd;

public readonly unsafe partial struct VectorKernels
{
    public static void Update(in UpdateRule rule, float* w, float* m, float* v, float* gradient, ushort* keep, int count)
    {
        if (Vector512.IsHardwareAccelerated)
        {
            var quads = count - count % Quad.Count;
            Update<Quad>(rule, w, m, v, gradient, keep, 0, quads);
            Update<One>(rule, w, m, v, gradient, keep, quads, count);
        }
        else
        {
            Update<Halves>(rule, w, m, v, gradient, keep, 0, count);
        }
    }

    [MethodImpl(Hot)]
    private static void Update<T>(in UpdateRule rule, float* w, float* m, float* v, float* gradient, ushort* keep, int from, int to)
        where T : struct, ILanes<T>
    {
        for (var o = from; o < to; o += T.Count) StepKept(rule, w, m, v, o, T.Load(gradient + o), T.FromMask(keep + o / Lanes.Count));
    }

    public static void UpdateFreezing(in UpdateRule rule, float* w, float* m, float* v, float* gradient, ushort* keep, int count)
    {
        if (Vector512.IsHardwareAccelerated)
        {
            var quads = count - count % Quad.Count;
            UpdateFreezing<Quad>(rule, w, m, v, gradient, keep, 0, quads);
            UpdateFreezing<One>(rule, w, m, v, gradient, keep, quads, count);
        }
        else
        {
            UpdateFreezing<Halves>(rule, w, m, v, gradient, keep, 0, count);
        }
    }

    /// <summary>Steps as if they were pruned as usual, and puts back the frozen ones.</summary>
    [MethodImpl(Hot)]
    private static void UpdateFreezing<T>(in UpdateRule rule, float* w, float* m, float* v, float* gradient, ushort* keep, int from, int to)
        where T : struct, ILanes<T>
    {
        for (var o = from; o < to; o += T.Count)
        {
            var (before, kept) = (T.Load(w + o), T.FromMask(keep + o / Lanes.Count));
            StepKept(rule, w, m, v, o, T.Load(gradient + o), kept);
            T.Select(kept, T.Load(w + o), before).Store(w + o);
        }
    }

    /// <summary>Updates in two passes, a short chain and then a long one, four vectors at a time where registers suffice.</summary>
    public static void UpdateFlipout(in UpdateRule rule, in KlRule kl, in FlipoutState state, float* byMu, float* byDelta, int count)
    {
        if (Vector512.IsHardwareAccelerated)
        {
            var quads = count - count % Quad.Count;
            UpdateFlipout<Quad>(rule, kl, state, byMu, byDelta, 0, quads);
            UpdateFlipout<One>(rule, kl, state, byMu, byDelta, quads, count);
        }
        else
        {
            UpdateFlipout<Halves>(rule, kl, state, byMu, byDelta, 0, count);
        }
        Refresh(kl, state, count);
    }

    [MethodImpl(Hot)]
    private static void UpdateFlipout<T>(
        in UpdateRule rule, in KlRule kl, in FlipoutState state, float* byMu, float* byDelta, int from, int to)
        where T : struct, ILanes<T>
    {
        var byPrior = T.All(kl.ByPrior);
        for (var o = from; o < to; o += T.Count)
        {
            var (mu, sigma) = (T.Load(state.Mu + o), T.Load(state.Sigma + o));
            var gradientOfMu = T.Fma(byPrior, mu, T.Load(byMu + o));
            var klBySigma = T.Fma(byPrior, sigma, -(T.All(kl.Factor) / sigma));
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

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void StepKept<T>(in UpdateRule rule, float* p, float* m, float* v, int o, T g, T kept)
        where T : struct, ILanes<T>
    {
        var value = T.Load(p + o);
        if (!rule.IsAdam)
        {
            (Sgd(rule, value, g & kept) & kept).Store(p + o);
            return;
        }
        var (first, second) = (T.Load(m + o), T.Load(v + o));
        (Adam(rule, value, ref first, ref second, g & kept) & kept).Store(p + o);
        (first & kept).Store(m + o);
        (second & kept).Store(v + o);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Step<T>(in UpdateRule rule, T value, float* p, float* m, float* v, int o, T g)
        where T : struct, ILanes<T>
    {
        if (!rule.IsAdam)
        {
            Sgd(rule, value, g).Store(p + o);
            return;
        }
        var (first, second) = (T.Load(m + o), T.Load(v + o));
        Adam(rule, value, ref first, ref second, g).Store(p + o);
        first.Store(m + o);
        second.Store(v + o);
    }

    [MethodImpl(Hot)]
    public static void Refresh(in KlRule kl, in FlipoutState state, int count)
    {
        const int PerLogarithm = Lanes.Count * Lanes.MantissasPerProduct;
        for (var begin = 0; begin < count; begin += PerLogarithm)
        {
            var end = Math.Min(count, begin + PerLogarithm);
            if (Vector512.IsHardwareAccelerated)
            {
                var quads = end - (end - begin) % Quad.Count;
                var sum = KlSum<One>.Empty;
                Refresh<Quad, One>(kl, state, ref sum, begin, quads);
                Refresh<One, One>(kl, state, ref sum, quads, end);
                sum.AddTo(kl, state.Kl);
            }
            else
            {
                var sum = KlSum<Halves>.Empty;
                Refresh<Halves, Halves>(kl, state, ref sum, begin, end);
                sum.AddTo(kl, state.Kl);
            }
        }
    }

    [MethodImpl(Hot)]
    private static void Refresh<T, TVector>(in KlRule kl, in FlipoutState state, ref KlSum<TVector> total, int from, int to)
        where T : struct, ILanes<T>, IKlTerms<T, TVector>
        where TVector : struct, ILanes<TVector>
    {
        var sum = total;
        for (var o = from; o < to; o += T.Count)
        {
            var sigma = T.All(kl.ScaleEpsilon) + Softplus(T.Load(state.Rho + o), out var slope);
            var mu = T.Load(state.Mu + o);
            if (state.Keep is not null)
            {
                // A pruned weight adds 0 to the squares, and KlSum takes σ = 0 for 1 in the logarithm.
                var kept = T.FromMask(state.Keep + o / Lanes.Count);
                (sigma, slope, mu) = (sigma & kept, slope & kept, mu & kept);
            }
            sigma.Store(state.Sigma + o);
            slope.Store(state.Slope + o);
            T.AddTo(ref sum, sigma, mu);
        }
        total = sum;
    }

    [MethodImpl(Hot)]
    public static void Flush(float* values, int count)
    {
        var smallest = All((float)OptimizerDefinition.Smallest);
        for (var i = 0; i < count; i += Lanes.Count)
        {
            var value = Vector512.Load(values + i);
            Vector512.ConditionalSelect(Vector512.LessThan(Vector512.Abs(value), smallest), Vector512<float>.Zero, value).Store(values + i);
        }
    }

    [MethodImpl(Hot)]
    public static void FlushKept(float* values, ushort* keep, int count)
    {
        var smallest = One.All((float)OptimizerDefinition.Smallest);
        for (var i = 0; i < count; i += Lanes.Count)
        {
            var value = One.Load(values + i);
            var flushed = One.LessThan(One.Abs(value), smallest) & One.FromMask(keep + i / Lanes.Count);
            One.Select(flushed, One.All(0f), value).Store(values + i);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static T Adam<T>(in UpdateRule rule, T p, ref T m, ref T v, T g)
        where T : struct, ILanes<T>
    {
        m = T.Fma(T.All(rule.OneMinusBeta1), g - m, m);
        v = T.Fma(T.All(rule.OneMinusBeta2), T.Fma(g, g, -v), v);
        return p - T.All(rule.StepSize) * m / (T.Sqrt(v) + T.All(rule.Epsilon));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static T Sgd<T>(in UpdateRule rule, T p, T g)
        where T : struct, ILanes<T> => T.Fma(T.All(-rule.StepSize), g, p);
}
