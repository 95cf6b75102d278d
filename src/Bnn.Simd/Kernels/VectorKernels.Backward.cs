using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using static Bnn.Simd.VectorMath;

namespace Bnn.Simd;

public readonly unsafe partial struct VectorKernels
{
    [MethodImpl(Hot)]
    public static void InputGradients(in InputRows inputs, in TileRows w, in TileRows g, in TileRows below)
    {
        var lanes = stackalloc float[TreesAtOnce * Lanes.Count];
        for (var i = 0; i < inputs.Count; i++)
        {
            var end = inputs.Begin[i + 1];
            for (var k = inputs.Begin[i]; k < end; k += TreesAtOnce)
            {
                ProductsOfFour(w, i, g, new Four(inputs.Example, k, end), lanes);
                if (k + 4 < end) ProductsOfFour(w, i, g, new Four(inputs.Example, k + 4, end), lanes + 4 * Lanes.Count);
                Scatter(lanes, inputs.Example + k, Math.Min(TreesAtOnce, end - k), below, i);
            }
        }
    }

    [MethodImpl(Hot)]
    public static void InputGradientsFlipout(
        in InputRows inputs, in TileRows mu, in TileRows delta, in TileRows g, in TileRows gr, in TileRows below)
    {
        var lanes = stackalloc float[TreesAtOnce * Lanes.Count];
        var perturbed = stackalloc float[4 * Lanes.Count];
        for (var i = 0; i < inputs.Count; i++)
        {
            var end = inputs.Begin[i + 1];
            for (var k = inputs.Begin[i]; k < end; k += TreesAtOnce)
            {
                var to = lanes;
                for (var four = k; four < Math.Min(k + TreesAtOnce, end); four += 4, to += 4 * Lanes.Count)
                {
                    var examples = new Four(inputs.Example, four, end);
                    ProductsOfFour(mu, i, g, examples, to);
                    ProductsOfFour(delta, i, gr, examples, perturbed);
                    for (var j = 0; j < Math.Min(4, end - four); j++)
                        AddSigned(inputs.X[four + j], inputs.SignedX[four + j], perturbed + j * Lanes.Count, to + j * Lanes.Count);
                }
                Scatter(lanes, inputs.Example + k, Math.Min(TreesAtOnce, end - k), below, i);
            }
        }
    }

    /// <summary>Four entries' examples from the k-th on; beyond the end the last one again.</summary>
    private readonly struct Four(int* example, int k, int end)
    {
        public readonly int A = example[k];
        public readonly int B = example[Math.Min(k + 1, end - 1)];
        public readonly int C = example[Math.Min(k + 2, end - 1)];
        public readonly int D = example[Math.Min(k + 3, end - 1)];
    }

    /// <summary>The lanes of Σₒ w[row,o]·g[example,o] of four examples, which share the loads of the weights.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void ProductsOfFour(in TileRows w, int row, in TileRows g, in Four examples, float* lanes)
    {
        Vector512<float> s0 = default, s1 = default, s2 = default, s3 = default;
        nint a = (nint)examples.A * g.Width, b = (nint)examples.B * g.Width, c = (nint)examples.C * g.Width, d = (nint)examples.D * g.Width;
        for (var tile = 0; tile < w.Tiles; tile++)
        {
            var weights = w.Begin + tile * w.Step + (nint)row * w.Width;
            var gradients = g.Begin + tile * g.Step;
            var end = weights + w.ColumnsOf(tile);
            for (; weights < end; weights += Lanes.Count, gradients += Lanes.Count)
            {
                var weight = Vector512.LoadAligned(weights);
                s0 = Fma(weight, Vector512.LoadAligned(gradients + a), s0);
                s1 = Fma(weight, Vector512.LoadAligned(gradients + b), s1);
                s2 = Fma(weight, Vector512.LoadAligned(gradients + c), s2);
                s3 = Fma(weight, Vector512.LoadAligned(gradients + d), s3);
            }
        }
        s0.Store(lanes);
        s1.Store(lanes + 16);
        s2.Store(lanes + 32);
        s3.Store(lanes + 48);
    }

    /// <summary>Adds s·perturbed, where x·s and x differ in the sign bit alone: their difference with the bits of 1 is s.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void AddSigned(float x, float signedX, float* perturbed, float* lanes)
    {
        var sign = BitConverter.SingleToUInt32Bits(x) ^ BitConverter.SingleToUInt32Bits(signedX) | BitConverter.SingleToUInt32Bits(1f);
        Fma(Vector512.Create(sign).AsSingle(), Vector512.Load(perturbed), Vector512.Load(lanes)).Store(lanes);
    }

    /// <summary>Writes the trees of up to eight entries' lanes to their examples' rows.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Scatter(float* lanes, int* example, int count, in TileRows below, int column)
    {
        var trees = Trees(lanes);
        var to = below.At(0, column);
        for (var j = 0; j < count; j++) to[(nint)example[j] * below.Width] = trees[j];
    }

    [MethodImpl(Hot)]
    public static void RowGradients(in InputRows inputs, in TileRows g, float* gradient)
    {
        var tile = 0;
        for (; g.Width == Tile && Vector512.IsHardwareAccelerated && tile + 1 < g.Tiles; tile += 2)
            RowGradientsOfTwoTiles(inputs, g.Begin + tile * g.Step, g.Step, gradient + (nint)tile * inputs.Count * Tile);
        for (; tile < g.Tiles; tile++)
            RowGradientsOfTile(inputs, inputs.X, g.Begin + tile * g.Step, gradient + (nint)tile * inputs.Count * g.Width, g.Width);
    }

    [MethodImpl(Hot)]
    private static void RowGradientsOfTile(in InputRows inputs, float* x, float* g, float* gradient, int width)
    {
        int* begin = inputs.Begin, example = inputs.Example;
        for (var i = 0; i < inputs.Count; i++, gradient += width)
        {
            var end = begin[i + 1];
            if (width == Tile)
            {
                FourVectors sum = default;
                for (var k = begin[i]; k < end; k++) sum.Add(All(x[k]), g + (nint)example[k] * Tile);
                sum.Store(gradient);
                continue;
            }
            for (var o = 0; o < width; o += Lanes.Count)
            {
                Vector512<float> sum = default;
                for (var k = begin[i]; k < end; k++) sum = Fma(All(x[k]), Vector512.LoadAligned(g + o + (nint)example[k] * width), sum);
                sum.StoreAligned(gradient + o);
            }
        }
    }

    /// <summary>Takes two tiles at once, which share the loads of an input's examples.</summary>
    [MethodImpl(Hot)]
    private static void RowGradientsOfTwoTiles(in InputRows inputs, float* g, nint step, float* gradient)
    {
        int* begin = inputs.Begin, example = inputs.Example;
        var x = inputs.X;
        var right = gradient + (nint)inputs.Count * Tile;
        for (var i = 0; i < inputs.Count; i++)
        {
            var end = begin[i + 1];
            FourVectors sum = default, other = default;
            for (var k = begin[i]; k < end; k++)
            {
                var xk = All(x[k]);
                var row = g + (nint)example[k] * Tile;
                sum.Add(xk, row);
                other.Add(xk, row + step);
            }
            sum.Store(gradient + (nint)i * Tile);
            other.Store(right + (nint)i * Tile);
        }
    }

    [MethodImpl(Hot)]
    public static void RowGradientsFlipout(in InputRows inputs, float* g, float* gr, float* byMu, float* byDelta, int stride)
    {
        // Both at once would take all sixteen registers of AVX2.
        if (stride != Tile || !Vector512.IsHardwareAccelerated)
        {
            RowGradientsOfTile(inputs, inputs.X, g, byMu, stride);
            RowGradientsOfTile(inputs, inputs.SignedX, gr, byDelta, stride);
            return;
        }
        int* begin = inputs.Begin, example = inputs.Example;
        float* x = inputs.X, signedX = inputs.SignedX;
        for (var i = 0; i < inputs.Count; i++, byMu += Tile, byDelta += Tile)
        {
            FourVectors mean = default, perturbation = default;
            var end = begin[i + 1];
            for (var k = begin[i]; k < end; k++)
            {
                var at = (nint)example[k] * Tile;
                mean.Add(All(x[k]), g + at);
                perturbation.Add(All(signedX[k]), gr + at);
            }
            mean.Store(byMu);
            perturbation.Store(byDelta);
        }
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
    public static void Multiply(float* a, float* b, float* product, int count)
    {
        for (var k = 0; k < count; k += Lanes.Count) (Vector512.Load(a + k) * Vector512.Load(b + k)).Store(product + k);
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
