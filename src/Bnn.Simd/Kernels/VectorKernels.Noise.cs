using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Bnn.Core;
using static Bnn.Simd.VectorMath;

namespace Bnn.Simd;

public readonly unsafe partial struct VectorKernels
{
    [MethodImpl(Chooses)]
    public static void NormalRow(RandomStream stream, int step, uint firstBlock, float* destination, int stride)
    {
        var keys = stackalloc ulong[2 * Philox.Rounds];
        PhiloxGroup<Philox512>.Keys(stream, keys);
        if (Vector512.IsHardwareAccelerated) NormalRow<One>(stream, step, firstBlock, keys, destination, stride);
        else NormalRow<Halves>(stream, step, firstBlock, keys, destination, stride);
    }

    /// <summary>Draws sixteen Philox blocks at once, which make 64 columns: word k of the block in lane j is column 16k + j.</summary>
    [MethodImpl(Hot)]
    private static void NormalRow<T>(RandomStream stream, int step, uint firstBlock, ulong* keys, float* destination, int stride)
        where T : struct, ILanes<T>, IWords<T>
    {
        for (var o = 0; o < stride; o += NormalDraws.ColumnsPerGroup)
        {
            var block = firstBlock + (uint)(o / NormalDraws.ColumnsPerGroup * NormalDraws.BlocksPerGroup);
            T.Words(stream, step, block, keys, out var w0, out var w1, out var w2, out var w3);
            var first = BoxMuller(w0, w1, out var second);
            first.StoreAnywhere(destination + o);
            if (o + 16 < stride) second.StoreAnywhere(destination + o + 16);
            if (o + 32 >= stride) continue;
            first = BoxMuller(w2, w3, out second);
            first.StoreAnywhere(destination + o + 32);
            if (o + 48 < stride) second.StoreAnywhere(destination + o + 48);
        }
    }

    [MethodImpl(Chooses)]
    public static void DrawRows(
        RandomStream stream, int step, uint blocksPerRow, uint firstBlock,
        int* rows, int count, float* sigma, float* epsilon, float* delta, int stride)
    {
        var keys = stackalloc ulong[2 * Philox.Rounds];
        PhiloxGroup<Philox512>.Keys(stream, keys);
        // A row of one or two vectors needs half the words that are drawn side by side.
        var pairs = stride is Tile or 3 * Lanes.Count && Vector512.IsHardwareAccelerated ? count - count % 2 : 0;
        var room = stackalloc float[RowsAtOnce * Tile + Lanes.Count];
        var words = Aligned(room);
        for (var k = 0; k < pairs; k += RowsAtOnce)
        {
            var some = Math.Min(RowsAtOnce, pairs - k);
            WordsOfRows(stream, step, blocksPerRow, firstBlock, keys, rows + k, some, words);
            NormalsOfRows(rows + k, some, words, sigma, epsilon, delta, stride);
        }
        for (var k = pairs; k < count; k++)
        {
            var at = (nint)rows[k] * stride;
            var block = (uint)rows[k] * blocksPerRow + firstBlock;
            if (Vector512.IsHardwareAccelerated) NormalRow<One>(stream, step, block, keys, epsilon + at, stride);
            else NormalRow<Halves>(stream, step, block, keys, epsilon + at, stride);
            Multiply(sigma + at, epsilon + at, delta + at, stride);
        }
    }

    /// <summary>Rows whose words stay in the first-level cache until they are normals.</summary>
    private const int RowsAtOnce = 16;

    /// <summary>
    /// The words of rows of a tile, [count, 64]. Takes two rows side by side, for the same reason as <see cref="Quad"/>
    /// takes four vectors, and five rounds without a loop, which would move all words from register to register.
    /// </summary>
    [MethodImpl(Hot)]
    private static void WordsOfRows(
        RandomStream stream, int step, uint blocksPerRow, uint firstBlock, ulong* keys, int* rows, int count, float* words)
    {
        for (var k = 0; k < count; k += 2)
        {
            var (row, other) = ((uint)rows[k], (uint)rows[k + 1]);
            var group = new PhiloxGroup<Philox512>(stream, step, row * blocksPerRow + firstBlock);
            var otherGroup = new PhiloxGroup<Philox512>(stream, step, other * blocksPerRow + firstBlock);
            for (var key = keys; key < keys + 2 * Philox.Rounds; key += 10)
            {
                group.Round(key);
                otherGroup.Round(key);
                group.Round(key + 2);
                otherGroup.Round(key + 2);
                group.Round(key + 4);
                otherGroup.Round(key + 4);
                group.Round(key + 6);
                otherGroup.Round(key + 6);
                group.Round(key + 8);
                otherGroup.Round(key + 8);
            }
            group.Words(out var w0, out var w1, out var w2, out var w3);
            Store(w0, w1, w2, w3, words + (nint)k * Tile);
            otherGroup.Words(out w0, out w1, out w2, out w3);
            Store(w0, w1, w2, w3, words + (nint)(k + 1) * Tile);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(Philox512 w0, Philox512 w1, Philox512 w2, Philox512 w3, float* to)
    {
        w0.Value.AsSingle().StoreAligned(to);
        w1.Value.AsSingle().StoreAligned(to + 16);
        w2.Value.AsSingle().StoreAligned(to + 32);
        w3.Value.AsSingle().StoreAligned(to + 48);
    }

    /// <summary>ε from its words, and δ = σ∘ε.</summary>
    [MethodImpl(Hot)]
    private static void NormalsOfRows(int* rows, int count, float* words, float* sigma, float* epsilon, float* delta, int stride)
    {
        for (var k = 0; k < count; k += 2, words += 2 * Tile)
        {
            nint at = (nint)rows[k] * stride, other = (nint)rows[k + 1] * stride;
            var radii = Quad.Load(words, words + 32, words + Tile);
            var first = BoxMuller(radii, Quad.Load(words + 16, words + 48, words + Tile + 16), out var second);
            Perturb(first.A, second.A, first.B, second.B, sigma + at, epsilon + at, delta + at, stride);
            Perturb(first.C, second.C, first.D, second.D, sigma + other, epsilon + other, delta + other, stride);
        }
    }

    /// <summary>Writes three or four vectors of a row.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Perturb(
        Vector512<float> a, Vector512<float> b, Vector512<float> c, Vector512<float> d,
        float* sigma, float* epsilon, float* delta, int width)
    {
        Perturb(a, sigma, epsilon, delta);
        Perturb(b, sigma + 16, epsilon + 16, delta + 16);
        Perturb(c, sigma + 32, epsilon + 32, delta + 32);
        if (width == Tile) Perturb(d, sigma + 48, epsilon + 48, delta + 48);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Perturb(Vector512<float> normals, float* sigma, float* epsilon, float* delta)
    {
        normals.StoreAligned(epsilon);
        (Vector512.LoadAligned(sigma) * normals).StoreAligned(delta);
    }

    [MethodImpl(Chooses)]
    public static void DrawKept(RandomStream stream, int step, uint* draw, int count, float* sigma, float* epsilon, float* delta)
    {
        var keys = stackalloc ulong[2 * Philox.Rounds];
        PhiloxGroup<Philox512>.Keys(stream, keys);
        if (Vector512.IsHardwareAccelerated) DrawKept<One>(stream, step, draw, keys, count, sigma, epsilon, delta);
        else DrawKept<Halves>(stream, step, draw, keys, count, sigma, epsilon, delta);
    }

    /// <summary>Draws sixteen arbitrary blocks at once, each for one of its normals.</summary>
    [MethodImpl(Hot)]
    private static void DrawKept<T>(RandomStream stream, int step, uint* draw, ulong* keys, int count, float* sigma, float* epsilon,
        float* delta)
        where T : struct, ILanes<T>, IWords<T>
    {
        for (var k = 0; k < count; k += T.Count)
        {
            var number = T.Load((float*)draw + k);
            T.WordsOf(stream, step, draw + k, keys, out var w0, out var w1, out var w2, out var w3);
            var later = T.IsSet(number, 2);
            var first = BoxMuller(T.Select(later, w2, w0), T.Select(later, w3, w1), out var second);
            var normal = T.Select(T.IsSet(number, 1), second, first);
            normal.Store(epsilon + k);
            (T.Load(sigma + k) * normal).Store(delta + k);
        }
    }

    [MethodImpl(Chooses)]
    public static void Words(RandomStream stream, int step, uint firstBlock, int blocks, uint* words)
    {
        const int AtOnce = 16;
        var keys = stackalloc ulong[2 * Philox.Rounds];
        PhiloxGroup<Philox512>.Keys(stream, keys);
        var room = stackalloc float[4 * AtOnce];
        var bits = (uint*)room;
        for (var j = 0; j < blocks; j += AtOnce)
        {
            if (Vector512.IsHardwareAccelerated) StoreWords<One>(stream, step, firstBlock + (uint)j, keys, room);
            else StoreWords<Halves>(stream, step, firstBlock + (uint)j, keys, room);
            var count = Math.Min(AtOnce, blocks - j);
            for (var block = 0; block < count; block++, words += 4)
            {
                (words[0], words[1], words[2], words[3]) =
                    (bits[block], bits[AtOnce + block], bits[2 * AtOnce + block], bits[3 * AtOnce + block]);
            }
        }
    }

    [MethodImpl(Hot)]
    private static void StoreWords<T>(RandomStream stream, int step, uint firstBlock, ulong* keys, float* room)
        where T : struct, ILanes<T>, IWords<T>
    {
        T.Words(stream, step, firstBlock, keys, out var w0, out var w1, out var w2, out var w3);
        w0.StoreAnywhere(room);
        w1.StoreAnywhere(room + 16);
        w2.StoreAnywhere(room + 32);
        w3.StoreAnywhere(room + 48);
    }

    /// <summary><see cref="NormalDraws.BoxMuller"/> in every lane, from words as bits.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static T BoxMuller<T>(T a, T b, out T second)
        where T : struct, ILanes<T>
    {
        var unit = T.All(NormalDraws.ToUnit);
        var u = T.Fma(T.UnsignedToSingle(a, 8), unit, T.All(0.5f * NormalDraws.ToUnit));
        var radius = T.Sqrt(T.All(-2f) * Log(u)) ^ (b & T.FromBits(0x80000000));
        var t = T.Fma(T.UnsignedToSingle(b & T.FromBits(0x7FFFFFFF), 7), unit, T.All(-0.5f));
        var sin = SinCosPi(t, out var cos);
        second = radius * sin;
        return radius * cos;
    }

    [MethodImpl(Hot)]
    public static void ExpandSigns(uint* words, float* signs, int stride)
    {
        var bits = (ushort*)words;
        for (var o = 0; o < stride; o += Lanes.Count)
            Vector512.ConditionalSelect(One.FromMask(bits + o / Lanes.Count).Value, All(-1f), All(1f)).Store(signs + o);
    }
}
