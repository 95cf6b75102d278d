using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using static Bnn.Simd.VectorMath;

namespace Bnn.Simd;

/// <summary>
/// The kernels that train. Lanes run over a row's columns, sixteen to a vector. A tile of 64 columns is four vectors, so that its sums
/// stay in registers; block by block, the rows of weights that a forward pass meets stay in the first-level cache while all examples go
/// by. Wider matrices go in strips of four vectors, the last of which may have fewer (<see cref="ISums{T}"/>).
/// </summary>
public readonly unsafe partial struct VectorKernels : IKernels
{
    private const int Tile = 4 * Lanes.Count;

    /// <summary>Compiled once, fully optimized, and not inlined into callers, where registers would not suffice.</summary>
    private const MethodImplOptions Hot = MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining;

    /// <summary>Likewise compiled once, for what only chooses the method that does the work.</summary>
    private const MethodImplOptions Chooses = MethodImplOptions.AggressiveOptimization;

    [MethodImpl(Chooses)]
    public static void Forward(in ExampleRows rows, in TileRows w, float* bias, in TileRows h)
    {
        var tile = 0;
        for (; !Processor.LoadsAreScarce && tile + 1 < w.Tiles && w.WidthOf(tile + 1) == Tile; tile += 2)
            ForwardTwoTiles(rows, w.Begin + tile * w.Step, w.Step, bias + tile * Tile, h.Begin + tile * h.Step, h.Step);
        for (; tile < w.Tiles; tile++)
            ForwardTile(rows, w.Begin + tile * w.Step, bias + tile * w.Width, h.Begin + tile * h.Step, w.WidthOf(tile));
    }

    /// <param name="bias">Null for none.</param>
    [MethodImpl(Chooses)]
    internal static void ForwardTile(in ExampleRows rows, float* w, float* bias, float* h, int width)
    {
        for (var o = 0; o < width; o += Tile)
        {
            var biasAt = bias is null ? null : bias + o;
            switch (VectorsOf(width, o))
            {
                case 1: Forward<OneVector>(rows, w + o, biasAt, h + o, width); break;
                case 2: Forward<TwoVectors>(rows, w + o, biasAt, h + o, width); break;
                case 3: Forward<ThreeVectors>(rows, w + o, biasAt, h + o, width); break;
                default: Forward<FourVectors>(rows, w + o, biasAt, h + o, width); break;
            }
        }
    }

    /// <summary>Vectors of a strip of a tile that begins at a column: four, or fewer at the end.</summary>
    private static int VectorsOf(int width, int column) => Math.Min(Tile, width - column) / Lanes.Count;

    [MethodImpl(Hot)]
    private static void Forward<TSums>(in ExampleRows rows, float* w, float* bias, float* h, int width)
        where TSums : struct, ISums<TSums>
    {
        // A stride that is known when this is compiled costs a shift instead of a product.
        if (width == TSums.Width) Forward<TSums>(rows, w, bias, h, (nint)TSums.Width);
        else Forward<TSums>(rows, w, bias, h, (nint)width);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Forward<TSums>(in ExampleRows rows, float* w, float* bias, float* h, nint stride)
        where TSums : struct, ISums<TSums>
    {
        var column = rows.Column;
        var xs = rows.X;
        for (var block = 0; block < rows.Blocks; block++)
        {
            var cut = rows.Cut + block;
            var to = h;
            for (var b = 0; b < rows.Batch; b++, cut += rows.Blocks + 1, to += stride)
            {
                nint k = cut[0], end = cut[1];
                var sum = block == 0 ? default : TSums.Load(to);
                for (; k < end; k++) sum.Add(All(xs[k]), w + column[k] * stride);
                if (block == rows.Blocks - 1 && bias is not null) sum.Add(bias);
                sum.Store(to);
            }
        }
    }

    /// <summary>Takes two tiles at once, which share the loads of an example's inputs.</summary>
    [MethodImpl(Hot)]
    internal static void ForwardTwoTiles(in ExampleRows rows, float* w, nint wStep, float* bias, float* h, nint hStep)
    {
        var column = rows.Column;
        var xs = rows.X;
        for (var block = 0; block < rows.Blocks; block++)
        {
            var cut = rows.Cut + block;
            for (var b = 0; b < rows.Batch; b++, cut += rows.Blocks + 1)
            {
                var (k, end) = (cut[0], cut[1]);
                var to = h + (nint)b * Tile;
                var (left, right) = block == 0 ? default : (FourVectors.Load(to), FourVectors.Load(to + hStep));
                for (; k < end; k++)
                {
                    var x = All(xs[k]);
                    var row = w + (nint)column[k] * Tile;
                    left.Add(x, row);
                    right.Add(x, row + wStep);
                }
                if (block == rows.Blocks - 1)
                {
                    left.Add(bias);
                    right.Add(bias + Tile);
                }
                left.Store(to);
                right.Store(to + hStep);
            }
        }
    }

    [MethodImpl(Chooses)]
    public static void ForwardFlipout(
        in ExampleRows rows, float* mu, float* delta, float* bias, float* r, float* h, float* room, int stride)
    {
        if (!Vector512.IsHardwareAccelerated)
        {
            ForwardFlipoutApart(rows, mu, delta, bias, r, h, room, stride);
            return;
        }
        for (var o = 0; o < stride; o += Tile)
        {
            switch (VectorsOf(stride, o))
            {
                case 1: ForwardFlipout<OneVector>(rows, mu + o, delta + o, bias + o, r + o, h + o, room + o, stride); break;
                case 2: ForwardFlipout<TwoVectors>(rows, mu + o, delta + o, bias + o, r + o, h + o, room + o, stride); break;
                case 3: ForwardFlipout<ThreeVectors>(rows, mu + o, delta + o, bias + o, r + o, h + o, room + o, stride); break;
                default: ForwardFlipout<FourVectors>(rows, mu + o, delta + o, bias + o, r + o, h + o, room + o, stride); break;
            }
        }
    }

    [MethodImpl(Hot)]
    private static void ForwardFlipout<TSums>(
        in ExampleRows rows, float* mu, float* delta, float* bias, float* r, float* h, float* room, int width)
        where TSums : struct, ISums<TSums>
    {
        if (width == TSums.Width) ForwardFlipout<TSums>(rows, mu, delta, bias, r, h, room, (nint)TSums.Width);
        else ForwardFlipout<TSums>(rows, mu, delta, bias, r, h, room, (nint)width);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void ForwardFlipout<TSums>(
        in ExampleRows rows, float* mu, float* delta, float* bias, float* r, float* h, float* room, nint stride)
        where TSums : struct, ISums<TSums>
    {
        var column = rows.Column;
        float* xs = rows.X, signed = rows.SignedX;
        for (var block = 0; block < rows.Blocks; block++)
        {
            var cut = rows.Cut + block;
            nint at = 0;
            for (var b = 0; b < rows.Batch; b++, cut += rows.Blocks + 1, at += stride)
            {
                nint k = cut[0], end = cut[1];
                var (mean, perturbation) = block == 0 ? default : (TSums.Load(h + at), TSums.Load(room + at));
                for (; k < end; k++)
                {
                    var row = column[k] * stride;
                    mean.Add(All(xs[k]), mu + row);
                    perturbation.Add(All(signed[k]), delta + row);
                }
                if (block < rows.Blocks - 1)
                {
                    perturbation.Store(room + at);
                }
                else
                {
                    perturbation.AddTimes(ref mean, r + at);
                    mean.Add(bias);
                }
                mean.Store(h + at);
            }
        }
    }

    /// <summary>Computes one sum after the other, where registers don't suffice for both.</summary>
    [MethodImpl(Hot)]
    private static void ForwardFlipoutApart(
        in ExampleRows rows, float* mu, float* delta, float* bias, float* r, float* h, float* room, int stride)
    {
        var signed = rows with { X = rows.SignedX };
        ForwardTile(rows, mu, null, h, stride);
        ForwardTile(signed, delta, null, room, stride);
        for (var b = 0; b < rows.Batch; b++)
        {
            for (var o = 0; o < stride; o += Lanes.Count)
            {
                var at = b * stride + o;
                var sum = Fma(Vector512.LoadAligned(r + at), Vector512.LoadAligned(room + at), Vector512.LoadAligned(h + at));
                (sum + Vector512.LoadAligned(bias + o)).StoreAligned(h + at);
            }
        }
    }
}
