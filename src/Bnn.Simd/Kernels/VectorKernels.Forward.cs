using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using static Bnn.Simd.VectorMath;

namespace Bnn.Simd;

/// <summary>
/// The kernels that train. Lanes run over a row's columns, sixteen to a vector; a tile is four vectors (64 columns), so that the sums of a tile stay
/// in registers while an example's inputs go by and its slice of the weights stays in the second-level cache for all examples. The last tile is moved
/// back to end with the row: columns it shares with the tile before are computed twice, to the same bits, which is cheaper than a narrower tile.
/// </summary>
public readonly unsafe partial struct VectorKernels : IKernels
{
    private const int Tile = 4 * Lanes.Count;
    private const MethodImplOptions Hot = MethodImplOptions.AggressiveOptimization;

    [MethodImpl(Hot)]
    public static void Forward(in ExampleRows rows, float* w, float* bias, float* h, int stride)
    {
        if (stride < Tile)
        {
            for (var o = 0; o < stride; o += Lanes.Count) ForwardColumn(rows, w + o, bias + o, h + o, stride);
            return;
        }
        for (var o = 0; o < stride; o += Tile)
        {
            var at = Math.Min(o, stride - Tile);
            ForwardTile(rows, w + at, bias + at, h + at, stride);
        }
    }

    [MethodImpl(Hot)]
    public static void ForwardFlipout(in ExampleRows rows, float* mu, float* delta, float* bias, float* r, float* h, int stride)
    {
        if (stride < Tile)
        {
            for (var o = 0; o < stride; o += Lanes.Count) ForwardFlipoutColumn(rows, mu + o, delta + o, bias + o, r + o, h + o, stride);
            return;
        }
        for (var o = 0; o < stride; o += Tile)
        {
            var at = Math.Min(o, stride - Tile);
            ForwardFlipoutTile(rows, mu + at, delta + at, bias + at, r + at, h + at, stride);
        }
    }

    [MethodImpl(Hot)]
    private static void ForwardTile(in ExampleRows rows, float* w, float* bias, float* h, int stride)
    {
        var column = rows.Column;
        var xs = rows.X;
        for (var b = 0; b < rows.Batch; b++)
        {
            Vector512<float> s0 = default, s1 = default, s2 = default, s3 = default;
            var end = rows.End[b];
            for (var k = rows.Begin[b]; k < end; k++)
            {
                var x = All(xs[k]);
                var p = w + (nint)column[k] * stride;
                s0 = Fma(x, Vector512.Load(p), s0);
                s1 = Fma(x, Vector512.Load(p + 16), s1);
                s2 = Fma(x, Vector512.Load(p + 32), s2);
                s3 = Fma(x, Vector512.Load(p + 48), s3);
            }
            var to = h + (nint)b * stride;
            (s0 + Vector512.Load(bias)).Store(to);
            (s1 + Vector512.Load(bias + 16)).Store(to + 16);
            (s2 + Vector512.Load(bias + 32)).Store(to + 32);
            (s3 + Vector512.Load(bias + 48)).Store(to + 48);
        }
    }

    [MethodImpl(Hot)]
    private static void ForwardColumn(in ExampleRows rows, float* w, float* bias, float* h, int stride)
    {
        for (var b = 0; b < rows.Batch; b++)
        {
            Vector512<float> sum = default;
            for (var k = rows.Begin[b]; k < rows.End[b]; k++)
                sum = Fma(All(rows.X[k]), Vector512.Load(w + (nint)rows.Column[k] * stride), sum);
            (sum + Vector512.Load(bias)).Store(h + (nint)b * stride);
        }
    }

    [MethodImpl(Hot)]
    private static void ForwardFlipoutTile(in ExampleRows rows, float* mu, float* delta, float* bias, float* r, float* h, int stride)
    {
        var column = rows.Column;
        var xs = rows.X;
        var signed = rows.SignedX;
        for (var b = 0; b < rows.Batch; b++)
        {
            Vector512<float> m0 = default, m1 = default, m2 = default, m3 = default;
            Vector512<float> d0 = default, d1 = default, d2 = default, d3 = default;
            var end = rows.End[b];
            for (var k = rows.Begin[b]; k < end; k++)
            {
                var row = (nint)column[k] * stride;
                var x = All(xs[k]);
                var p = mu + row;
                m0 = Fma(x, Vector512.Load(p), m0);
                m1 = Fma(x, Vector512.Load(p + 16), m1);
                m2 = Fma(x, Vector512.Load(p + 32), m2);
                m3 = Fma(x, Vector512.Load(p + 48), m3);
                x = All(signed[k]);
                p = delta + row;
                d0 = Fma(x, Vector512.Load(p), d0);
                d1 = Fma(x, Vector512.Load(p + 16), d1);
                d2 = Fma(x, Vector512.Load(p + 32), d2);
                d3 = Fma(x, Vector512.Load(p + 48), d3);
            }
            var to = h + (nint)b * stride;
            var sign = r + (nint)b * stride;
            (Fma(Vector512.Load(sign), d0, m0) + Vector512.Load(bias)).Store(to);
            (Fma(Vector512.Load(sign + 16), d1, m1) + Vector512.Load(bias + 16)).Store(to + 16);
            (Fma(Vector512.Load(sign + 32), d2, m2) + Vector512.Load(bias + 32)).Store(to + 32);
            (Fma(Vector512.Load(sign + 48), d3, m3) + Vector512.Load(bias + 48)).Store(to + 48);
        }
    }

    [MethodImpl(Hot)]
    private static void ForwardFlipoutColumn(in ExampleRows rows, float* mu, float* delta, float* bias, float* r, float* h, int stride)
    {
        for (var b = 0; b < rows.Batch; b++)
        {
            Vector512<float> mean = default, perturbation = default;
            for (var k = rows.Begin[b]; k < rows.End[b]; k++)
            {
                var row = (nint)rows.Column[k] * stride;
                mean = Fma(All(rows.X[k]), Vector512.Load(mu + row), mean);
                perturbation = Fma(All(rows.SignedX[k]), Vector512.Load(delta + row), perturbation);
            }
            (Fma(Vector512.Load(r + (nint)b * stride), perturbation, mean) + Vector512.Load(bias)).Store(h + (nint)b * stride);
        }
    }

    [MethodImpl(Hot)]
    public static int Rectify(float* h, int units, int* column, float* x)
    {
        var count = 0;
        var whole = units - units % Lanes.Count;
        for (var i = 0; i < whole; i += Lanes.Count)
        {
            // Bits of the active units, then one turn for each: no branch on a value, which half of them would mispredict.
            var active = ~Vector512.LessThanOrEqual(Vector512.Load(h + i), Vector512<float>.Zero).ExtractMostSignificantBits() & 0xFFFF;
            while (active != 0)
            {
                var unit = i + System.Numerics.BitOperations.TrailingZeroCount(active);
                column[count] = unit;
                x[count++] = h[unit];
                active &= active - 1;
            }
        }
        return count + RectifyTail(h, whole, units, column + count, x + count);
    }

    private static int RectifyTail(float* h, int from, int units, int* column, float* x)
    {
        var count = 0;
        for (var i = from; i < units; i++)
        {
            if (h[i] <= 0) continue;
            (column[count], x[count]) = (i, h[i]);
            count++;
        }
        return count;
    }
}
