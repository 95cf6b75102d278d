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
                    SignedProductsOfFour(mu, delta, i, example + four, x, signedX, count - four, g, gr, lanes + four * Lanes.Count, perturbed);
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
        var (last, width) = (count - 1, g.Width);
        nint a = (nint)example[0] * width, b = (nint)example[Math.Min(1, last)] * width;
        nint c = (nint)example[Math.Min(2, last)] * width, d = (nint)example[Math.Min(3, last)] * width;
        nint e = (nint)example[Math.Min(4, last)] * width, f = (nint)example[Math.Min(5, last)] * width;
        nint p = (nint)example[Math.Min(6, last)] * width, q = (nint)example[Math.Min(7, last)] * width;
        FourVectors left = default, right = default;
        float* weights = w.Begin + (nint)row * width, gradients = g.Begin;
        for (var columns = w.Columns; columns > 0; columns -= width, weights += w.Step, gradients += g.Step)
        {
            var end = Math.Min(columns, width);
            for (nint o = 0; o < end; o += Lanes.Count)
            {
                var weight = Vector512.LoadAligned(weights + o);
                var at = gradients + o;
                left.AddProducts(weight, at + a, at + b, at + c, at + d);
                right.AddProducts(weight, at + e, at + f, at + p, at + q);
            }
        }
        left.Store(lanes);
        right.Store(lanes + 4 * Lanes.Count);
    }

    /// <summary>The same of four examples.</summary>
    [MethodImpl(Hot)]
    private static void ProductsOfFour(in TileRows w, int row, int* example, int count, in TileRows g, float* lanes)
    {
        var (last, width) = (count - 1, g.Width);
        nint a = (nint)example[0] * width, b = (nint)example[Math.Min(1, last)] * width;
        nint c = (nint)example[Math.Min(2, last)] * width, d = (nint)example[Math.Min(3, last)] * width;
        FourVectors sums = default;
        float* weights = w.Begin + (nint)row * width, gradients = g.Begin;
        for (var columns = w.Columns; columns > 0; columns -= width, weights += w.Step, gradients += g.Step)
        {
            var end = Math.Min(columns, width);
            for (nint o = 0; o < end; o += Lanes.Count)
            {
                var at = gradients + o;
                sums.AddProducts(Vector512.LoadAligned(weights + o), at + a, at + b, at + c, at + d);
            }
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
        int last = count - 1, width = g.Width, second = Math.Min(1, last), third = Math.Min(2, last), fourth = Math.Min(3, last);
        nint a = (nint)example[0] * width, b = (nint)example[second] * width;
        nint c = (nint)example[third] * width, d = (nint)example[fourth] * width;
        FourVectors mean = default, perturbation = default;
        float* means = mu.Begin + (nint)row * width, perturbations = delta.Begin + (nint)row * width, gs = g.Begin, grs = gr.Begin;
        for (var columns = mu.Columns; columns > 0; columns -= width)
        {
            var end = Math.Min(columns, width);
            for (nint o = 0; o < end; o += Lanes.Count)
            {
                mean.AddProducts(Vector512.LoadAligned(means + o), gs + o + a, gs + o + b, gs + o + c, gs + o + d);
                perturbation.AddProducts(Vector512.LoadAligned(perturbations + o), grs + o + a, grs + o + b, grs + o + c, grs + o + d);
            }
            means += mu.Step;
            perturbations += delta.Step;
            gs += g.Step;
            grs += gr.Step;
        }
        mean.AddTimes(
            perturbation, Sign(x, signedX), Sign(x + second, signedX + second), Sign(x + third, signedX + third),
            Sign(x + fourth, signedX + fourth));
        mean.Store(lanes);
    }

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
        var width = (nint)below.Width;
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
