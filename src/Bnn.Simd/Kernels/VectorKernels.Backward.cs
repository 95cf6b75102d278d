using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using static Bnn.Simd.VectorMath;

namespace Bnn.Simd;

public readonly unsafe partial struct VectorKernels
{
    [MethodImpl(Hot)]
    public static float InputGradient(float* w, float* g, int stride)
    {
        Vector512<float> sum = default;
        for (var o = 0; o < stride; o += Lanes.Count) sum = Fma(Vector512.Load(w + o), Vector512.Load(g + o), sum);
        return Tree(sum);
    }

    [MethodImpl(Hot)]
    public static float InputGradientFlipout(float* mu, float* delta, float* g, float* gr, float sign, int stride)
    {
        Vector512<float> mean = default, perturbation = default;
        for (var o = 0; o < stride; o += Lanes.Count)
        {
            mean = Fma(Vector512.Load(mu + o), Vector512.Load(g + o), mean);
            perturbation = Fma(Vector512.Load(delta + o), Vector512.Load(gr + o), perturbation);
        }
        return Tree(Fma(All(sign), perturbation, mean));
    }

    [MethodImpl(Hot)]
    public static void RowGradient(int* example, float* x, int count, float* g, float* gradient, int stride)
    {
        if (stride < Tile)
        {
            for (var o = 0; o < stride; o += Lanes.Count)
            {
                Vector512<float> sum = default;
                for (var k = 0; k < count; k++) sum = Fma(All(x[k]), Vector512.Load(g + o + (nint)example[k] * stride), sum);
                sum.Store(gradient + o);
            }
            return;
        }
        for (var o = 0; o < stride; o += Tile)
        {
            var at = Math.Min(o, stride - Tile);
            Vector512<float> s0 = default, s1 = default, s2 = default, s3 = default;
            for (var k = 0; k < count; k++)
            {
                var xk = All(x[k]);
                var p = g + at + (nint)example[k] * stride;
                s0 = Fma(xk, Vector512.Load(p), s0);
                s1 = Fma(xk, Vector512.Load(p + 16), s1);
                s2 = Fma(xk, Vector512.Load(p + 32), s2);
                s3 = Fma(xk, Vector512.Load(p + 48), s3);
            }
            s0.Store(gradient + at);
            s1.Store(gradient + at + 16);
            s2.Store(gradient + at + 32);
            s3.Store(gradient + at + 48);
        }
    }

    public static void RowGradientFlipout(int* example, float* x, float* signedX, int count, float* g, float* gr, float* byMu, float* byDelta, int stride)
    {
        RowGradient(example, x, count, g, byMu, stride);
        RowGradient(example, signedX, count, gr, byDelta, stride);
    }

    [MethodImpl(Hot)]
    public static void BiasGradient(float* g, int batch, float* gradient, int stride)
    {
        for (var o = 0; o < stride; o += Lanes.Count)
        {
            Vector512<float> sum = default;
            for (var b = 0; b < batch; b++) sum += Vector512.Load(g + o + (nint)b * stride);
            sum.Store(gradient + o);
        }
    }

    [MethodImpl(Hot)]
    public static void Multiply(float* g, float* r, float* product, int count)
    {
        for (var i = 0; i < count; i += Lanes.Count) (Vector512.Load(g + i) * Vector512.Load(r + i)).Store(product + i);
    }

    [MethodImpl(Hot)]
    public static float CrossEntropy(float* h, int classes, int label, float scale, float* gradient, int stride)
    {
        var max = h[0];
        for (var o = 0; o < classes; o++) max = h[o] > max ? h[o] : max;
        Vector512<float> sums = default;
        for (var o = 0; o < stride; o += Lanes.Count) sums += Exponentials(h, o, classes, max);
        var sum = Tree(sums);
        if (gradient is not null)
        {
            var factor = All(scale / sum);
            for (var o = 0; o < stride; o += Lanes.Count) (Exponentials(h, o, classes, max) * factor).Store(gradient + o);
            gradient[label] -= scale;
        }
        return float.IsFinite(sum) ? Bnn.Core.PortableMath.Log(sum) + (max - h[label]) : float.NaN;
    }

    /// <summary>e^(h−max) of sixteen columns; 0 in padding.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Exponentials(float* h, int o, int classes, float max)
    {
        var valid = Vector512.LessThan(Vector512<int>.Indices, Vector512.Create(classes - o)).AsSingle();
        return Vector512.ConditionalSelect(valid, Exp(Vector512.Load(h + o) - All(max)), Vector512<float>.Zero);
    }
}
