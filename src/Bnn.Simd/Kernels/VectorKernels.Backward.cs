using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using static Bnn.Simd.VectorMath;

namespace Bnn.Simd;

public readonly unsafe partial struct VectorKernels
{
    [MethodImpl(Hot)]
    public static void InputGradients(in TileRows w, int* input, int count, in TileRows g, float* gradient)
    {
        var lanes = stackalloc float[TreesAtOnce * Lanes.Count];
        var k = 0;
        for (; k + TreesAtOnce <= count; k += TreesAtOnce)
        {
            ProductsOfFour(w, input + k, g, lanes);
            ProductsOfFour(w, input + k + 4, g, lanes + 4 * Lanes.Count);
            Trees(lanes).Store(gradient + k);
        }
        for (; k < count; k++) gradient[k] = Tree(Products(w, input[k], g));
    }

    [MethodImpl(Hot)]
    public static void InputGradientsFlipout(
        in TileRows mu, in TileRows delta, int* input, float* x, float* signedX, int count, in TileRows g, in TileRows gr, float* gradient)
    {
        var lanes = stackalloc float[TreesAtOnce * Lanes.Count];
        var perturbed = stackalloc float[TreesAtOnce * Lanes.Count];
        var k = 0;
        for (; k + TreesAtOnce <= count; k += TreesAtOnce)
        {
            for (var four = 0; four < TreesAtOnce; four += 4)
            {
                ProductsOfFour(mu, input + k + four, g, lanes + four * Lanes.Count);
                ProductsOfFour(delta, input + k + four, gr, perturbed + four * Lanes.Count);
            }
            for (var j = 0; j < TreesAtOnce; j++)
            {
                var at = lanes + j * Lanes.Count;
                Fma(Sign(x[k + j], signedX[k + j]), Vector512.Load(perturbed + j * Lanes.Count), Vector512.Load(at)).Store(at);
            }
            Trees(lanes).Store(gradient + k);
        }
        for (; k < count; k++) gradient[k] = Tree(Fma(Sign(x[k], signedX[k]), Products(delta, input[k], gr), Products(mu, input[k], g)));
    }

    /// <summary>The lanes of Σₒ w[row,o]·g[o] of four rows, which share the loads of g.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void ProductsOfFour(in TileRows w, int* row, in TileRows g, float* lanes)
    {
        Vector512<float> s0 = default, s1 = default, s2 = default, s3 = default;
        for (var tile = 0; tile < w.Tiles; tile++)
        {
            var (w0, w1, w2, w3) = (Offset(w, tile, row[0]), Offset(w, tile, row[1]), Offset(w, tile, row[2]), Offset(w, tile, row[3]));
            var columns = w.ColumnsOf(tile);
            for (var o = 0; o < columns; o += Lanes.Count)
            {
                var gradients = Vector512.LoadAligned(g.Begin + tile * g.Step + o);
                var at = w.Begin + o;
                s0 = Fma(Vector512.LoadAligned(at + w0), gradients, s0);
                s1 = Fma(Vector512.LoadAligned(at + w1), gradients, s1);
                s2 = Fma(Vector512.LoadAligned(at + w2), gradients, s2);
                s3 = Fma(Vector512.LoadAligned(at + w3), gradients, s3);
            }
        }
        s0.Store(lanes);
        s1.Store(lanes + 16);
        s2.Store(lanes + 32);
        s3.Store(lanes + 48);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static nint Offset(in TileRows rows, int tile, int row) => tile * rows.Step + (nint)row * rows.Width;

    /// <summary>The lanes of Σₒ w[row,o]·g[o].</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Products(in TileRows w, int row, in TileRows g)
    {
        Vector512<float> sum = default;
        for (var tile = 0; tile < w.Tiles; tile++)
            for (var o = 0; o < w.ColumnsOf(tile); o += Lanes.Count)
                sum = Fma(
                    Vector512.LoadAligned(w.Begin + Offset(w, tile, row) + o), Vector512.LoadAligned(g.Begin + tile * g.Step + o), sum);
        return sum;
    }

    /// <summary>The sign s: x·s and x differ in the sign bit alone, so that s is +1 where they are equal.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Sign(float x, float signedX) => All(signedX == x ? 1f : -1f);

    [MethodImpl(Hot)]
    public static void RowGradients(int* begin, int rows, int* example, float* x, in TileRows g, float* gradient)
    {
        var tile = 0;
        for (; g.Width == Tile && Vector512.IsHardwareAccelerated && tile + 1 < g.Tiles; tile += 2)
            RowGradientsOfTwoTiles(begin, rows, example, x, g.Begin + tile * g.Step, g.Step, gradient + (nint)tile * rows * Tile);
        for (; tile < g.Tiles; tile++)
            RowGradientsOfTile(begin, rows, example, x, g.Begin + tile * g.Step, gradient + (nint)tile * rows * g.Width, g.Width);
    }

    [MethodImpl(Hot)]
    private static void RowGradientsOfTile(int* begin, int rows, int* example, float* x, float* g, float* gradient, int width)
    {
        for (var i = 0; i < rows; i++, gradient += width)
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
    private static void RowGradientsOfTwoTiles(int* begin, int rows, int* example, float* x, float* g, nint step, float* gradient)
    {
        var right = gradient + (nint)rows * Tile;
        for (var i = 0; i < rows; i++)
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
    public static void RowGradientsFlipout(
        int* begin, int rows, int* example, float* x, float* signedX, float* g, float* gr, float* byMu, float* byDelta, int stride)
    {
        // Both at once would take all sixteen registers of AVX2.
        if (stride != Tile || !Vector512.IsHardwareAccelerated)
        {
            RowGradientsOfTile(begin, rows, example, x, g, byMu, stride);
            RowGradientsOfTile(begin, rows, example, signedX, gr, byDelta, stride);
            return;
        }
        for (var i = 0; i < rows; i++, byMu += Tile, byDelta += Tile)
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
