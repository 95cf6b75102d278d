using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using static Bnn.Simd.VectorMath;

namespace Bnn.Simd;

public readonly unsafe partial struct VectorKernels
{
    [MethodImpl(Hot)]
    public static void InputGradients(in InputRows inputs, in TileRows w, in TileRows g, in TileRows below)
    {
        var room = stackalloc float[(TreesAtOnce + 1) * Lanes.Count];
        var lanes = Aligned(room);
        for (var i = 0; i < inputs.Count; i++)
        {
            var end = inputs.Begin[i + 1];
            for (var k = inputs.Begin[i]; k < end; k += TreesAtOnce)
            {
                var example = inputs.Example + k;
                var count = Math.Min(TreesAtOnce, end - k);
                if (Vector512.IsHardwareAccelerated)
                {
                    ProductsOfEight(w, i, example, count, g, lanes);
                }
                else
                {
                    ProductsOfFour(w, i, example, count, g, lanes);
                    if (count > 4) ProductsOfFour(w, i, example + 4, count - 4, g, lanes + 4 * Lanes.Count);
                }
                Scatter(lanes, example, count, below, i);
            }
        }
    }

    [MethodImpl(Hot)]
    public static void InputGradientsFlipout(
        in InputRows inputs, in TileRows mu, in TileRows delta, in TileRows g, in TileRows gr, in TileRows below)
    {
        var room = stackalloc float[(TreesAtOnce + 5) * Lanes.Count];
        var lanes = Aligned(room);
        var perturbed = lanes + TreesAtOnce * Lanes.Count;
        for (var i = 0; i < inputs.Count; i++)
        {
            var end = inputs.Begin[i + 1];
            for (var k = inputs.Begin[i]; k < end; k += TreesAtOnce)
            {
                var example = inputs.Example + k;
                var count = Math.Min(TreesAtOnce, end - k);
                for (var four = 0; four < count; four += 4)
                {
                    float* x = inputs.X + k + four, signedX = inputs.SignedX + k + four;
                    SignedProductsOfFour(
                        mu, delta, i, example + four, x, signedX, count - four, g, gr, lanes + four * Lanes.Count, perturbed);
                }
                Scatter(lanes, example, count, below, i);
            }
        }
    }

    /// <summary>
    /// The lanes of Σₒ w[row,o]·g[example,o] of eight examples, which share the loads of the weights. Beyond the count it is the last
    /// example again.
    /// </summary>
    [MethodImpl(Hot)]
    private static void ProductsOfEight(in TileRows w, int row, int* example, int count, in TileRows g, float* lanes)
    {
        var last = count - 1;
        nint a = example[0], b = example[Math.Min(1, last)], c = example[Math.Min(2, last)], d = example[Math.Min(3, last)];
        nint e = example[Math.Min(4, last)], f = example[Math.Min(5, last)], p = example[Math.Min(6, last)], q = example[Math.Min(7, last)];
        FourVectors left = default, right = default;
        float* weights = w.Begin, gradients = g.Begin;
        for (var tile = 0; tile < w.Tiles; tile++, weights += w.Step, gradients += g.Step)
        {
            nint width = w.WidthOf(tile);
            float* from = weights + row * width, ga = gradients + a * width, gb = gradients + b * width, gc = gradients + c * width;
            float* gd = gradients + d * width, ge = gradients + e * width, gf = gradients + f * width, gp = gradients + p * width;
            var gq = gradients + q * width;
            for (nint o = 0; o < width; o += Lanes.Count)
            {
                var weight = Vector512.LoadAligned(from + o);
                left.AddProducts(weight, ga + o, gb + o, gc + o, gd + o);
                right.AddProducts(weight, ge + o, gf + o, gp + o, gq + o);
            }
        }
        left.Store(lanes);
        right.Store(lanes + 4 * Lanes.Count);
    }

    /// <summary>The same of four examples.</summary>
    [MethodImpl(Hot)]
    private static void ProductsOfFour(in TileRows w, int row, int* example, int count, in TileRows g, float* lanes)
    {
        var last = count - 1;
        nint a = example[0], b = example[Math.Min(1, last)], c = example[Math.Min(2, last)], d = example[Math.Min(3, last)];
        FourVectors sums = default;
        float* weights = w.Begin, gradients = g.Begin;
        for (var tile = 0; tile < w.Tiles; tile++, weights += w.Step, gradients += g.Step)
        {
            nint width = w.WidthOf(tile);
            float* from = weights + row * width, ga = gradients + a * width, gb = gradients + b * width;
            float* gc = gradients + c * width, gd = gradients + d * width;
            for (nint o = 0; o < width; o += Lanes.Count)
                sums.AddProducts(Vector512.LoadAligned(from + o), ga + o, gb + o, gc + o, gd + o);
        }
        sums.Store(lanes);
    }

    /// <summary>The lanes of Σₒ μ[row,o]·g[example,o] + s·Σₒ δ[row,o]·gr[example,o] of four entries.</summary>
    [MethodImpl(Hot)]
    private static void SignedProductsOfFour(
        in TileRows mu, in TileRows delta, int row, int* example, float* x, float* signedX, int count, in TileRows g, in TileRows gr,
        float* lanes, float* room)
    {
        if (!Vector512.IsHardwareAccelerated)
        {
            // Both at once would take all sixteen registers of AVX2.
            ProductsOfFour(mu, row, example, count, g, lanes);
            ProductsOfFour(delta, row, example, count, gr, room);
            for (var j = 0; j < 4; j++)
            {
                var k = Math.Min(j, count - 1);
                var sum = Vector512.LoadAligned(lanes + j * Lanes.Count);
                Fma(Sign(x + k, signedX + k), Vector512.LoadAligned(room + j * Lanes.Count), sum).StoreAligned(lanes + j * Lanes.Count);
            }
            return;
        }
        int last = count - 1, second = Math.Min(1, last), third = Math.Min(2, last), fourth = Math.Min(3, last);
        nint a = example[0], b = example[second], c = example[third], d = example[fourth];
        FourVectors mean = default, perturbation = default;
        nint toDelta = (nint)delta.Begin - (nint)mu.Begin, toGr = (nint)gr.Begin - (nint)g.Begin;
        float* weights = mu.Begin, gradients = g.Begin;
        for (var tile = 0; tile < mu.Tiles; tile++, weights += mu.Step, gradients += g.Step)
        {
            nint width = mu.WidthOf(tile);
            float* from = weights + row * width, ga = gradients + a * width, gb = gradients + b * width;
            float* gc = gradients + c * width, gd = gradients + d * width;
            for (nint o = 0; o < width; o += Lanes.Count)
            {
                mean.AddProducts(Vector512.LoadAligned(from + o), ga + o, gb + o, gc + o, gd + o);
                perturbation.AddProducts(
                    Vector512.LoadAligned(Moved(from + o, toDelta)), Moved(ga + o, toGr), Moved(gb + o, toGr), Moved(gc + o, toGr),
                    Moved(gd + o, toGr));
            }
        }
        mean.AddTimes(
            perturbation, Sign(x, signedX), Sign(x + second, signedX + second), Sign(x + third, signedX + third),
            Sign(x + fourth, signedX + fourth));
        mean.Store(lanes);
    }

    /// <summary>The same place of a matrix that lies this many bytes away.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static float* Moved(float* place, nint bytes) => (float*)((nint)place + bytes);

    /// <summary>The first place on a cache line; there must be room for one vector more than is needed.</summary>
    private static float* Aligned(float* room) => (float*)(((nint)room + 63) & ~(nint)63);

    /// <summary>The sign s: x·s and x differ in the sign bit alone; their difference with the bits of 1 is s.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Sign(float* x, float* signedX) =>
        Vector512.Create(*(uint*)x ^ *(uint*)signedX | BitConverter.SingleToUInt32Bits(1f)).AsSingle();

    /// <summary>Writes the trees of up to eight entries' lanes to their examples' rows.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Scatter(float* lanes, int* example, int count, in TileRows below, int column)
    {
        Trees(lanes).StoreAligned(lanes);
        var to = below.At(0, column);
        var width = (nint)below.WidthOf(column / below.Width);
        if (count == TreesAtOnce)
        {
            to[example[0] * width] = lanes[0];
            to[example[1] * width] = lanes[1];
            to[example[2] * width] = lanes[2];
            to[example[3] * width] = lanes[3];
            to[example[4] * width] = lanes[4];
            to[example[5] * width] = lanes[5];
            to[example[6] * width] = lanes[6];
            to[example[7] * width] = lanes[7];
            return;
        }
        for (var j = 0; j < count; j++) to[example[j] * width] = lanes[j];
    }

    public static void RowGradients(in InputRows inputs, in TileRows g, float* gradient)
    {
        for (var tile = 0; tile < g.Tiles; tile++)
        {
            RowGradientsOfTile(
                inputs, inputs.X, g.Begin + tile * g.Step, gradient + (nint)tile * inputs.Count * g.Width, g.WidthOf(tile));
        }
    }

    private static void RowGradientsOfTile(in InputRows inputs, float* x, float* g, float* gradient, int width)
    {
        for (var o = 0; o < width; o += Tile)
        {
            switch (VectorsOf(width, o))
            {
                case 1: RowGradients<OneVector>(inputs, x, g + o, gradient + o, width); break;
                case 2: RowGradients<TwoVectors>(inputs, x, g + o, gradient + o, width); break;
                case 3: RowGradients<ThreeVectors>(inputs, x, g + o, gradient + o, width); break;
                default: RowGradients<FourVectors>(inputs, x, g + o, gradient + o, width); break;
            }
        }
    }

    [MethodImpl(Hot)]
    private static void RowGradients<TSums>(in InputRows inputs, float* x, float* g, float* gradient, int width)
        where TSums : struct, ISums<TSums>
    {
        if (width == TSums.Width) RowGradients<TSums>(inputs, x, g, gradient, (nint)TSums.Width);
        else RowGradients<TSums>(inputs, x, g, gradient, (nint)width);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void RowGradients<TSums>(in InputRows inputs, float* x, float* g, float* gradient, nint stride)
        where TSums : struct, ISums<TSums>
    {
        int* begin = inputs.Begin, last = inputs.Begin + inputs.Count, example = inputs.Example;
        for (; begin < last; begin++, gradient += stride)
        {
            TSums sum = default;
            for (nint k = begin[0], end = begin[1]; k < end; k++) sum.Add(All(x[k]), g + example[k] * stride);
            sum.Store(gradient);
        }
    }

    public static void RowGradientsFlipout(in InputRows inputs, float* g, float* gr, float* byMu, float* byDelta, int stride)
    {
        // Both at once would take all sixteen registers of AVX2.
        if (!Vector512.IsHardwareAccelerated)
        {
            RowGradientsOfTile(inputs, inputs.X, g, byMu, stride);
            RowGradientsOfTile(inputs, inputs.SignedX, gr, byDelta, stride);
            return;
        }
        for (var o = 0; o < stride; o += Tile)
        {
            switch (VectorsOf(stride, o))
            {
                case 1: RowGradientsFlipout<OneVector>(inputs, g + o, gr + o, byMu + o, byDelta + o, stride); break;
                case 2: RowGradientsFlipout<TwoVectors>(inputs, g + o, gr + o, byMu + o, byDelta + o, stride); break;
                case 3: RowGradientsFlipout<ThreeVectors>(inputs, g + o, gr + o, byMu + o, byDelta + o, stride); break;
                default: RowGradientsFlipout<FourVectors>(inputs, g + o, gr + o, byMu + o, byDelta + o, stride); break;
            }
        }
    }

    [MethodImpl(Hot)]
    private static void RowGradientsFlipout<TSums>(in InputRows inputs, float* g, float* gr, float* byMu, float* byDelta, int width)
        where TSums : struct, ISums<TSums>
    {
        if (width == TSums.Width) RowGradientsFlipout<TSums>(inputs, g, gr, byMu, byDelta, (nint)TSums.Width);
        else RowGradientsFlipout<TSums>(inputs, g, gr, byMu, byDelta, (nint)width);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void RowGradientsFlipout<TSums>(in InputRows inputs, float* g, float* gr, float* byMu, float* byDelta, nint stride)
        where TSums : struct, ISums<TSums>
    {
        int* begin = inputs.Begin, last = inputs.Begin + inputs.Count, example = inputs.Example;
        float* x = inputs.X, signedX = inputs.SignedX;
        for (; begin < last; begin++, byMu += stride, byDelta += stride)
        {
            TSums mean = default, perturbation = default;
            for (nint k = begin[0], end = begin[1]; k < end; k++)
            {
                var at = example[k] * stride;
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
