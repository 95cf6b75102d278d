using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Bnn.Core;
using static Bnn.Simd.VectorMath;

namespace Bnn.Simd;

public readonly unsafe partial struct VectorKernels
{
    [MethodImpl(Chooses)]
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
        if (keep is null)
        {
            for (var o = from; o < to; o += T.Count) Step(rule, T.Load(w + o), w, m, v, o, T.Load(gradient + o));
            return;
        }
        for (var o = from; o < to; o += T.Count) StepKept(rule, w, m, v, o, T.Load(gradient + o), T.FromMask(keep + o / Lanes.Count));
    }

    [MethodImpl(Chooses)]
    public static void UpdateRows(
        in UpdateRule rule, in InputRows inputs, float* g, float* w, float* m, float* v, ushort* keep, float* room, int width)
    {
        if (!rule.IsAdam || !Vector512.IsHardwareAccelerated || width > Tile)
        {
            RowGradientsOfTile<OwnX>(inputs, g, room, width);
            Update(rule, w, m, v, room, keep, inputs.Count * width);
            return;
        }
        switch (VectorsOf(width, 0))
        {
            case 1: AdamOfRows<OneVector>(rule, inputs, g, w, m, v, keep); break;
            case 2: AdamOfRows<TwoVectors>(rule, inputs, g, w, m, v, keep); break;
            case 3: AdamOfRows<ThreeVectors>(rule, inputs, g, w, m, v, keep); break;
            default: AdamOfRows<FourVectors>(rule, inputs, g, w, m, v, keep); break;
        }
    }

    [MethodImpl(Chooses)]
    private static void AdamOfRows<TSums>(in UpdateRule rule, in InputRows inputs, float* g, float* w, float* m, float* v, ushort* keep)
        where TSums : struct, ISums<TSums>
    {
        if (keep is null) AdamOfRows<TSums, Whole>(rule, inputs, g, w, m, v, keep);
        else AdamOfRows<TSums, Masked>(rule, inputs, g, w, m, v, keep);
    }

    /// <summary>The gradients of a row go from sums to moments in registers.</summary>
    [MethodImpl(Hot)]
    private static void AdamOfRows<TSums, TMasking>(
        in UpdateRule rule, in InputRows inputs, float* g, float* w, float* m, float* v, ushort* keep)
        where TSums : struct, ISums<TSums>
        where TMasking : struct, IMasking
    {
        InputEntry* row = inputs.Begin;
        int* length = inputs.Length, last = inputs.Length + inputs.Count;
        nint stride = inputs.Stride;
        for (; length < last; length++, row += stride)
        {
            TSums sum = default;
            var end = row + *length;
            for (var entry = row; entry < end; entry++) sum.Add(OwnX.Of(entry), g + (nint)entry->Example * TSums.Width);
            sum.Adam<TMasking>(rule, w, m, v, keep);
            w += TSums.Width;
            m += TSums.Width;
            v += TSums.Width;
            keep += TSums.Width / Lanes.Count;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static void AdamOf<T, TMasking>(in UpdateRule rule, T gradient, float* w, float* m, float* v, ushort* keep)
        where T : struct, ILanes<T>
        where TMasking : struct, IMasking
    {
        var kept = TMasking.Kept<T>(keep, 0);
        var root = T.Sqrt(Moments<T, TMasking>(
            T.All(rule.OneMinusBeta1), T.All(rule.OneMinusBeta2), gradient, kept, m, v, out var first));
        TMasking.Clear(T.Load(w) - T.All(rule.StepSize) * first / (root + T.All(rule.Epsilon)), kept).Store(w);
    }

    [MethodImpl(Chooses)]
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

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void StepKept<T>(in UpdateRule rule, float* p, float* m, float* v, nint o, T g, T kept)
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
    private static void Step<T>(in UpdateRule rule, T value, float* p, float* m, float* v, nint o, T g)
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
        v = T.Fma(T.All(rule.OneMinusBeta2), T.Fms(g, g, v), v);
        return p - T.All(rule.StepSize) * m / (T.Sqrt(v) + T.All(rule.Epsilon));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static T Sgd<T>(in UpdateRule rule, T p, T g)
        where T : struct, ILanes<T> => T.Fma(T.All(-rule.StepSize), g, p);
}
