using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using static Bnn.Simd.VectorMath;

namespace Bnn.Simd;

/// <summary>
/// The kernels that train. Lanes run over a row's columns, sixteen to a vector. A tile of 64 columns is four vectors, so that its sums
/// stay in registers; block by block, the rows of weights that a forward pass meets stay in the first-level cache while all examples go
/// by. Matrices of other widths go vector by vector.
/// </summary>
public readonly unsafe partial struct VectorKernels : IKernels
{
    private const int Tile = 4 * Lanes.Count;

    /// <summary>Compiled once, fully optimized, and not inlined into callers, where registers would not suffice.</summary>
    private const MethodImplOptions Hot = MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining;

    [MethodImpl(Hot)]
    public static void Forward(in ExampleRows rows, in TileRows w, float* bias, in TileRows h)
    {
        if (w.Width != Tile)
        {
            for (var o = 0; o < w.Width; o += Lanes.Count) ForwardVector(rows, w.Begin + o, bias + o, h.Begin + o, w.Width);
            return;
        }
        var tile = 0;
        for (; !Processor.LoadsAreScarce && tile + 1 < w.Tiles; tile += 2)
            ForwardTwoTiles(rows, w.Begin + tile * w.Step, w.Step, bias + tile * Tile, h.Begin + tile * h.Step, h.Step);
        for (; tile < w.Tiles; tile++) ForwardTile(rows, w.Begin + tile * w.Step, bias + tile * Tile, h.Begin + tile * h.Step);
    }

    [MethodImpl(Hot)]
    private static void ForwardTile(in ExampleRows rows, float* w, float* bias, float* h)
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
                var sum = block == 0 ? default : FourVectors.Load(to);
                for (; k < end; k++) sum.Add(All(xs[k]), w + (nint)column[k] * Tile);
                if (block == rows.Blocks - 1 && bias is not null) sum.Add(bias);
                sum.Store(to);
            }
        }
    }

    /// <summary>
    /// Takes two tiles at once, which share the loads of an example's inputs. Their sums would take all sixteen registers of AVX2, so
    /// this is for wider vectors.
    /// </summary>
    [MethodImpl(Hot)]
    private static void ForwardTwoTiles(in ExampleRows rows, float* w, nint wStep, float* bias, float* h, nint hStep)
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

    /// <summary>A row of a tile in four registers.</summary>
    private struct FourVectors
    {
        private Vector512<float> _0, _1, _2, _3;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static FourVectors Load(float* from) => new()
        {
            _0 = Vector512.LoadAligned(from),
            _1 = Vector512.LoadAligned(from + 16),
            _2 = Vector512.LoadAligned(from + 32),
            _3 = Vector512.LoadAligned(from + 48),
        };

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public readonly Quad AsQuad() => new(_0, _1, _2, _3);

        /// <summary>Adds x·row by fused multiply-add.</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Add(Vector512<float> x, float* row)
        {
            _0 = Fma(x, Vector512.LoadAligned(row), _0);
            _1 = Fma(x, Vector512.LoadAligned(row + 16), _1);
            _2 = Fma(x, Vector512.LoadAligned(row + 32), _2);
            _3 = Fma(x, Vector512.LoadAligned(row + 48), _3);
        }

        /// <summary>Adds the products of one vector with four.</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void AddProducts(Vector512<float> x, float* a, float* b, float* c, float* d)
        {
            _0 = Fma(x, Vector512.LoadAligned(a), _0);
            _1 = Fma(x, Vector512.LoadAligned(b), _1);
            _2 = Fma(x, Vector512.LoadAligned(c), _2);
            _3 = Fma(x, Vector512.LoadAligned(d), _3);
        }

        /// <summary>Adds four vectors, each times one of its own.</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void AddTimes(
            in FourVectors other, Vector512<float> a, Vector512<float> b, Vector512<float> c, Vector512<float> d)
        {
            _0 = Fma(a, other._0, _0);
            _1 = Fma(b, other._1, _1);
            _2 = Fma(c, other._2, _2);
            _3 = Fma(d, other._3, _3);
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Add(float* row)
        {
            _0 += Vector512.LoadAligned(row);
            _1 += Vector512.LoadAligned(row + 16);
            _2 += Vector512.LoadAligned(row + 32);
            _3 += Vector512.LoadAligned(row + 48);
        }

        /// <summary>Adds w times this to a row in memory.</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public readonly void AddTimes(Vector512<float> w, float* sum)
        {
            Fma(w, _0, Vector512.LoadAligned(sum)).StoreAligned(sum);
            Fma(w, _1, Vector512.LoadAligned(sum + 16)).StoreAligned(sum + 16);
            Fma(w, _2, Vector512.LoadAligned(sum + 32)).StoreAligned(sum + 32);
            Fma(w, _3, Vector512.LoadAligned(sum + 48)).StoreAligned(sum + 48);
        }

        /// <summary>The product with a row, summed in sixteen lanes.</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public readonly Vector512<float> LanesOfProduct(float* row)
        {
            var sum = Fma(_0, Vector512.LoadAligned(row), Vector512<float>.Zero);
            sum = Fma(_1, Vector512.LoadAligned(row + 16), sum);
            sum = Fma(_2, Vector512.LoadAligned(row + 32), sum);
            return Fma(_3, Vector512.LoadAligned(row + 48), sum);
        }

        /// <summary>Adds this, times a row, to a sum.</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public readonly void AddTimes(ref FourVectors sum, float* row)
        {
            sum._0 = Fma(Vector512.LoadAligned(row), _0, sum._0);
            sum._1 = Fma(Vector512.LoadAligned(row + 16), _1, sum._1);
            sum._2 = Fma(Vector512.LoadAligned(row + 32), _2, sum._2);
            sum._3 = Fma(Vector512.LoadAligned(row + 48), _3, sum._3);
        }

        /// <summary>Stores the values of active units, else 0.</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public readonly void StoreWhereActive(float* x, float* to)
        {
            WhereActive(x, _0).StoreAligned(to);
            WhereActive(x + 16, _1).StoreAligned(to + 16);
            WhereActive(x + 32, _2).StoreAligned(to + 32);
            WhereActive(x + 48, _3).StoreAligned(to + 48);
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public readonly void Store(float* to)
        {
            _0.StoreAligned(to);
            _1.StoreAligned(to + 16);
            _2.StoreAligned(to + 32);
            _3.StoreAligned(to + 48);
        }
    }

    [MethodImpl(Hot)]
    private static void ForwardVector(in ExampleRows rows, float* w, float* bias, float* h, int stride)
    {
        for (var b = 0; b < rows.Batch; b++)
        {
            Vector512<float> sum = default;
            for (var (k, end) = (rows.Begin(b), rows.End(b)); k < end; k++)
                sum = Fma(All(rows.X[k]), Vector512.LoadAligned(w + (nint)rows.Column[k] * stride), sum);
            (sum + Vector512.LoadAligned(bias)).StoreAligned(h + (nint)b * stride);
        }
    }

    [MethodImpl(Hot)]
    public static void ForwardFlipout(
        in ExampleRows rows, float* mu, float* delta, float* bias, float* r, float* h, float* room, int stride)
    {
        if (stride == Tile && !Vector512.IsHardwareAccelerated)
        {
            ForwardFlipoutApart(rows, mu, delta, bias, r, h, room);
            return;
        }
        if (stride != Tile)
        {
            for (var o = 0; o < stride; o += Lanes.Count) ForwardFlipoutVector(rows, mu + o, delta + o, bias + o, r + o, h + o, stride);
            return;
        }
        var column = rows.Column;
        var xs = rows.X;
        var signed = rows.SignedX;
        for (var block = 0; block < rows.Blocks; block++)
        {
            var cut = rows.Cut + block;
            for (var b = 0; b < rows.Batch; b++, cut += rows.Blocks + 1)
            {
                var (k, end) = (cut[0], cut[1]);
                var to = h + (nint)b * Tile;
                var also = room + (nint)b * Tile;
                var (mean, perturbation) = block == 0 ? default : (FourVectors.Load(to), FourVectors.Load(also));
                for (; k < end; k++)
                {
                    var row = (nint)column[k] * Tile;
                    mean.Add(All(xs[k]), mu + row);
                    perturbation.Add(All(signed[k]), delta + row);
                }
                if (block < rows.Blocks - 1)
                {
                    perturbation.Store(also);
                }
                else
                {
                    perturbation.AddTimes(ref mean, r + (nint)b * Tile);
                    mean.Add(bias);
                }
                mean.Store(to);
            }
        }
    }

    /// <summary>Computes one sum after the other, where registers don't suffice for both.</summary>
    private static void ForwardFlipoutApart(in ExampleRows rows, float* mu, float* delta, float* bias, float* r, float* h, float* room)
    {
        var signed = rows with { X = rows.SignedX };
        ForwardTile(rows, mu, null, h);
        ForwardTile(signed, delta, null, room);
        for (var b = 0; b < rows.Batch; b++)
        {
            for (var o = 0; o < Tile; o += Lanes.Count)
            {
                var at = b * Tile + o;
                var sum = Fma(Vector512.LoadAligned(r + at), Vector512.LoadAligned(room + at), Vector512.LoadAligned(h + at));
                (sum + Vector512.LoadAligned(bias + o)).StoreAligned(h + at);
            }
        }
    }

    [MethodImpl(Hot)]
    private static void ForwardFlipoutVector(in ExampleRows rows, float* mu, float* delta, float* bias, float* r, float* h, int stride)
    {
        for (var b = 0; b < rows.Batch; b++)
        {
            Vector512<float> mean = default, perturbation = default;
            for (var (k, end) = (rows.Begin(b), rows.End(b)); k < end; k++)
            {
                var row = (nint)rows.Column[k] * stride;
                mean = Fma(All(rows.X[k]), Vector512.LoadAligned(mu + row), mean);
                perturbation = Fma(All(rows.SignedX[k]), Vector512.LoadAligned(delta + row), perturbation);
            }
            var sum = Fma(Vector512.LoadAligned(r + (nint)b * stride), perturbation, mean);
            (sum + Vector512.LoadAligned(bias)).StoreAligned(h + (nint)b * stride);
        }
    }
}
