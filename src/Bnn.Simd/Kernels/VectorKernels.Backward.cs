using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
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
            var entry = inputs.Begin + (nint)i * inputs.Stride;
            for (var left = inputs.Length[i]; left > 0; left -= TreesAtOnce, entry += TreesAtOnce)
            {
                var count = Math.Min(TreesAtOnce, left);
                if (Vector512.IsHardwareAccelerated)
                {
                    ProductsOfEight(w, i, entry, count, g, lanes);
                }
                else
                {
                    ProductsOfFour(w, i, entry, count, g, lanes);
                    if (count > 4) ProductsOfFour(w, i, entry + 4, count - 4, g, lanes + 4 * Lanes.Count);
                }
                Scatter(lanes, entry, count, below, i);
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
            var entry = inputs.Begin + (nint)i * inputs.Stride;
            for (var left = inputs.Length[i]; left > 0; left -= TreesAtOnce, entry += TreesAtOnce)
            {
                var count = Math.Min(TreesAtOnce, left);
                for (var four = 0; four < count; four += 4)
                    SignedProductsOfFour(mu, delta, i, entry + four, count - four, g, gr, lanes + four * Lanes.Count, perturbed);
                Scatter(lanes, entry, count, below, i);
            }
        }
    }

    /// <summary>
    /// The lanes of Σₒ w[row,o]·g[example,o] of eight examples, which share the loads of the weights. Beyond the count it is the last
    /// example again.
    /// </summary>
    [MethodImpl(Hot)]
    private static void ProductsOfEight(in TileRows w, int row, InputEntry* entry, int count, in TileRows g, float* lanes)
    {
        var last = count - 1;
        nint a = entry[0].Example, b = entry[Math.Min(1, last)].Example;
        nint c = entry[Math.Min(2, last)].Example, d = entry[Math.Min(3, last)].Example;
        nint e = entry[Math.Min(4, last)].Example, f = entry[Math.Min(5, last)].Example;
        nint p = entry[Math.Min(6, last)].Example, q = entry[Math.Min(7, last)].Example;
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
    private static void ProductsOfFour(in TileRows w, int row, InputEntry* entry, int count, in TileRows g, float* lanes)
    {
        var last = count - 1;
        nint a = entry[0].Example, b = entry[Math.Min(1, last)].Example;
        nint c = entry[Math.Min(2, last)].Example, d = entry[Math.Min(3, last)].Example;
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
        in TileRows mu, in TileRows delta, int row, InputEntry* entry, int count, in TileRows g, in TileRows gr, float* lanes, float* room)
    {
        if (!Vector512.IsHardwareAccelerated)
        {
            // Both at once would take all sixteen registers of AVX2.
            ProductsOfFour(mu, row, entry, count, g, lanes);
            ProductsOfFour(delta, row, entry, count, gr, room);
            for (var j = 0; j < 4; j++)
            {
                var sign = Sign(entry[Math.Min(j, count - 1)]);
                var to = lanes + j * Lanes.Count;
                Fma(sign, Vector512.LoadAligned(room + j * Lanes.Count), Vector512.LoadAligned(to)).StoreAligned(to);
            }
            return;
        }
        int last = count - 1, second = Math.Min(1, last), third = Math.Min(2, last), fourth = Math.Min(3, last);
        nint a = entry[0].Example, b = entry[second].Example, c = entry[third].Example, d = entry[fourth].Example;
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
        mean.AddTimes(perturbation, Sign(entry[0]), Sign(entry[second]), Sign(entry[third]), Sign(entry[fourth]));
        mean.Store(lanes);
    }

    /// <summary>The same place of a matrix that lies this many bytes away.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static float* Moved(float* place, nint bytes) => (float*)((nint)place + bytes);

    /// <summary>The first place on a cache line; there must be room for one vector more than is needed.</summary>
    private static float* Aligned(float* room) => (float*)(((nint)room + 63) & ~(nint)63);

    /// <summary>An entry's sign: its bit with the bits of 1.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Sign(InputEntry entry) =>
        Vector512.Create(entry.Flagged & int.MinValue | BitConverter.SingleToInt32Bits(1f)).AsSingle();

    /// <summary>Writes the trees of up to eight entries' lanes to their examples' rows.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Scatter(float* lanes, InputEntry* entry, int count, in TileRows below, int column)
    {
        Trees(lanes).StoreAligned(lanes);
        var to = below.At(0, column);
        var width = (nint)below.WidthOf(column / below.Width);
        if (count == TreesAtOnce)
        {
            to[entry[0].Example * width] = lanes[0];
            to[entry[1].Example * width] = lanes[1];
            to[entry[2].Example * width] = lanes[2];
            to[entry[3].Example * width] = lanes[3];
            to[entry[4].Example * width] = lanes[4];
            to[entry[5].Example * width] = lanes[5];
            to[entry[6].Example * width] = lanes[6];
            to[entry[7].Example * width] = lanes[7];
            return;
        }
        for (var j = 0; j < count; j++) to[entry[j].Example * width] = lanes[j];
    }

    [MethodImpl(Chooses)]
    public static void RowGradients(in InputRows inputs, in TileRows g, float* gradient)
    {
        for (var tile = 0; tile < g.Tiles; tile++)
        {
            RowGradientsOfTile<OwnX>(
                inputs, g.Begin + tile * g.Step, gradient + (nint)tile * inputs.Count * g.Width, g.WidthOf(tile));
        }
    }

    [MethodImpl(Chooses)]
    private static void RowGradientsOfTile<TX>(in InputRows inputs, float* g, float* gradient, int width)
        where TX : struct, IEntryX
    {
        for (var o = 0; o < width; o += Tile)
        {
            switch (VectorsOf(width, o))
            {
                case 1: RowGradients<OneVector, TX>(inputs, g + o, gradient + o, width); break;
                case 2: RowGradients<TwoVectors, TX>(inputs, g + o, gradient + o, width); break;
                case 3: RowGradients<ThreeVectors, TX>(inputs, g + o, gradient + o, width); break;
                default: RowGradients<FourVectors, TX>(inputs, g + o, gradient + o, width); break;
            }
        }
    }

    [MethodImpl(Hot)]
    private static void RowGradients<TSums, TX>(in InputRows inputs, float* g, float* gradient, int width)
        where TSums : struct, ISums<TSums>
        where TX : struct, IEntryX
    {
        if (width == TSums.Width) RowGradients<TSums, TX>(inputs, g, gradient, (nint)TSums.Width);
        else RowGradients<TSums, TX>(inputs, g, gradient, (nint)width);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void RowGradients<TSums, TX>(in InputRows inputs, float* g, float* gradient, nint stride)
        where TSums : struct, ISums<TSums>
        where TX : struct, IEntryX
    {
        var row = inputs.Begin;
        for (var i = 0; i < inputs.Count; i++, gradient += stride, row += inputs.Stride)
        {
            TSums sum = default;
            var end = row + inputs.Length[i];
            for (var entry = row; entry < end; entry++) sum.Add(TX.Of(entry), g + entry->Example * stride);
            sum.Store(gradient);
        }
    }

    [MethodImpl(Chooses)]
    public static void RowGradientsFlipout(in InputRows inputs, float* g, float* gr, float* byMu, float* byDelta, int stride)
    {
        // Both at once would take all sixteen registers of AVX2.
        if (!Vector512.IsHardwareAccelerated)
        {
            RowGradientsOfTile<OwnX>(inputs, g, byMu, stride);
            RowGradientsOfTile<SignedX>(inputs, gr, byDelta, stride);
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
        var row = inputs.Begin;
        for (var i = 0; i < inputs.Count; i++, byMu += stride, byDelta += stride, row += inputs.Stride)
        {
            TSums mean = default, perturbation = default;
            var end = row + inputs.Length[i];
            for (var entry = row; entry < end; entry++)
            {
                var at = entry->Example * stride;
                mean.Add(OwnX.Of(entry), g + at);
                perturbation.Add(SignedX.Of(entry), gr + at);
            }
            mean.Store(byMu);
            perturbation.Store(byDelta);
        }
    }

    /// <summary>Which number of an entry a sum takes.</summary>
    private interface IEntryX
    {
        static abstract Vector512<float> Of(InputEntry* entry);
    }

    private readonly struct OwnX : IEntryX
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector512<float> Of(InputEntry* entry) => All(entry->X);
    }

    /// <summary>x with the sign of the entry, put on in all lanes, where units for it are idle.</summary>
    private readonly struct SignedX : IEntryX
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector512<float> Of(InputEntry* entry)
        {
            var (x, flagged, sign) = (All(entry->X).AsInt32(), Vector512.Create(entry->Flagged), Vector512.Create(int.MinValue));
            return (Avx512F.IsSupported ? Avx512F.TernaryLogic(x, flagged, sign, XorOfAnd) : x ^ (flagged & sign)).AsSingle();
        }

        /// <summary>Truth table of x ⊕ (y ∧ z).</summary>
        private const byte XorOfAnd = 0x78;
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
