using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using static Bnn.Simd.VectorMath;

namespace Bnn.Simd;

/// <remarks>
/// Sparse kernels. A whole group is four vectors; narrower groups go vector by vector. A weight's rows of x, h or g come from the
/// first-level cache, whose loads and stores are what these kernels wait for; in the backward pass, a unit's sums stay in registers.
/// </remarks>
public readonly unsafe partial struct VectorKernels
{
    private const int Group = LaneMatrix.Group;

    [MethodImpl(Hot)]
    public static void SparseForward(SparseLink* link, float* w, int count, float* x, float* h, int width)
    {
        if (width < Group)
        {
            for (var k = 0; k < count; k++) AddProduct(w[k], x + ((nint)link[k].Input * width), h + ((nint)link[k].Output * width), width);
            return;
        }
        if (Processor.LoadsAreScarce) SparseForwardByInput(link, w, count, x, h);
        else SparseForwardByWeight(link, w, count, x, h);
    }

    /// <summary>Without a branch that depends on the weights: for processors that load two vectors per clock.</summary>
    [MethodImpl(Hot)]
    internal static void SparseForwardByWeight(SparseLink* link, float* w, int count, float* x, float* h)
    {
        for (var k = 0; k < count; k++)
        {
            Ends(link + k, out var input, out var output);
            AddProduct(All(w[k]), x + input, h + output);
        }
    }

    /// <summary>Keeps an input's row of x in registers while it goes through its weights: half the loads.</summary>
    [MethodImpl(Hot)]
    internal static void SparseForwardByInput(SparseLink* link, float* w, int count, float* x, float* h)
    {
        for (var k = 0; k < count;)
        {
            var input = link[k].Input;
            var row = FourVectors.Load(x + (nint)input * Group);
            do
            {
                row.AddTimes(All(w[k]), h + (nint)link[k].Output * Group);
                k++;
            }
            while (k < count && link[k].Input == input);
        }
    }

    /// <summary>Keeps an input's sums in registers while it goes through its weights.</summary>
    [MethodImpl(Hot)]
    public static void SparseBack(
        int* begin, int inputs, SparseLink* link, float* w, float* g, float* x, float* below, int width, bool continued)
    {
        for (var i = 0; i < inputs; i++, x += width, below += width)
        {
            var end = begin[i + 1];
            if (width == Group)
            {
                var sum = continued ? FourVectors.Load(below) : default;
                for (var k = begin[i]; k < end; k++) sum.Add(All(w[k]), g + (nint)link[k].Output * Group);
                sum.StoreWhereActive(x, below);
                continue;
            }
            for (var b = 0; b < width; b += Lanes.Count)
            {
                var sum = continued ? Vector512.LoadAligned(below + b) : Vector512<float>.Zero;
                for (var k = begin[i]; k < end; k++) sum = Fma(All(w[k]), Vector512.LoadAligned(g + (nint)link[k].Output * width + b), sum);
                WhereActive(x + b, sum).StoreAligned(below + b);
            }
        }
    }

    /// <summary>0 where x isn't above 0; NaN counts as active.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static Vector512<float> WhereActive(float* x, Vector512<float> sum) =>
        Vector512.ConditionalSelect(Vector512.LessThanOrEqual(Vector512.LoadAligned(x), Vector512<float>.Zero), Vector512<float>.Zero, sum);

    /// <summary>Where a weight's rows begin in whole groups. Loads both at once, since these kernels wait for loads.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Ends(SparseLink* link, out nint input, out nint output)
    {
        var both = *(ulong*)link;
        input = (nint)(uint)both * Group;
        output = (nint)(both >> 32) * Group;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void AddProduct(Vector512<float> w, float* row, float* sum)
    {
        Fma(w, Vector512.LoadAligned(row), Vector512.LoadAligned(sum)).StoreAligned(sum);
        Fma(w, Vector512.LoadAligned(row + 16), Vector512.LoadAligned(sum + 16)).StoreAligned(sum + 16);
        Fma(w, Vector512.LoadAligned(row + 32), Vector512.LoadAligned(sum + 32)).StoreAligned(sum + 32);
        Fma(w, Vector512.LoadAligned(row + 48), Vector512.LoadAligned(sum + 48)).StoreAligned(sum + 48);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void AddProduct(float w, float* row, float* sum, int width)
    {
        for (var b = 0; b < width; b += Lanes.Count)
            Fma(All(w), Vector512.LoadAligned(row + b), Vector512.LoadAligned(sum + b)).StoreAligned(sum + b);
    }

    [MethodImpl(Hot)]
    public static void SparseGradient(SparseLink* link, int count, float* x, float* g, float* lanes, int width, bool continued)
    {
        if (width < Group || continued)
        {
            for (var k = 0; k < count; k++)
            {
                var row = x + ((nint)link[k].Input * width);
                var gradient = g + ((nint)link[k].Output * width);
                var to = lanes + ((nint)k * Lanes.Count);
                var sums = continued ? Vector512.LoadAligned(to) : Vector512<float>.Zero;
                for (var b = 0; b < width; b += Lanes.Count)
                    sums = Fma(Vector512.LoadAligned(row + b), Vector512.LoadAligned(gradient + b), sums);
                sums.StoreAligned(to);
            }
            return;
        }
        if (Processor.LoadsAreScarce) SparseGradientByInput(link, count, x, g, lanes);
        else SparseGradientByWeight(link, count, x, g, lanes);
    }

    /// <inheritdoc cref="SparseForwardByWeight"/>
    [MethodImpl(Hot)]
    internal static void SparseGradientByWeight(SparseLink* link, int count, float* x, float* g, float* lanes)
    {
        for (var k = 0; k < count; k++)
        {
            Ends(link + k, out var input, out var output);
            var row = x + input;
            var gradient = g + output;
            var sum = Fma(Vector512.LoadAligned(row), Vector512.LoadAligned(gradient), Vector512<float>.Zero);
            sum = Fma(Vector512.LoadAligned(row + 16), Vector512.LoadAligned(gradient + 16), sum);
            sum = Fma(Vector512.LoadAligned(row + 32), Vector512.LoadAligned(gradient + 32), sum);
            Fma(Vector512.LoadAligned(row + 48), Vector512.LoadAligned(gradient + 48), sum).StoreAligned(lanes + ((nint)k * Lanes.Count));
        }
    }

    /// <inheritdoc cref="SparseForwardByInput"/>
    [MethodImpl(Hot)]
    internal static void SparseGradientByInput(SparseLink* link, int count, float* x, float* g, float* lanes)
    {
        for (var k = 0; k < count;)
        {
            var input = link[k].Input;
            var row = FourVectors.Load(x + (nint)input * Group);
            do
            {
                row.LanesOfProduct(g + (nint)link[k].Output * Group).StoreAligned(lanes + (nint)k * Lanes.Count);
                k++;
            }
            while (k < count && link[k].Input == input);
        }
    }

    [MethodImpl(Hot)]
    public static void SparseTrees(float* lanes, float* gradient, int count)
    {
        for (var k = 0; k < count; k += TreesAtOnce) Trees(lanes + (nint)k * Lanes.Count).StoreAligned(gradient + k);
    }

    /// <summary>The words of sixteen examples form a vector, whose bit i, shifted to the sign, flips row i.</summary>
    [MethodImpl(Hot)]
    public static void SignRows(float* from, uint* words, int wordsPerRow, int rows, byte* active, float* to, int width)
    {
        var room = stackalloc uint[Lanes.Count];
        var top = Vector512.Create(0x80000000u);
        for (var lane = 0; lane < width; lane += Lanes.Count)
        {
            var ofLanes = words + (nint)lane * wordsPerRow;
            for (var first = 0; first < rows; first += 32)
            {
                for (var b = 0; b < Lanes.Count; b++) room[b] = ofLanes[(nint)b * wordsPerRow + first / 32];
                var bits = Vector512.Load(room);
                for (var i = first; i < Math.Min(rows, first + 32); i++)
                {
                    if (active is not null && active[i] == 0) continue;
                    var at = (nint)i * width + lane;
                    var sign = Vector512.ShiftLeft(bits, 31 - (i - first)) & top;
                    (Vector512.LoadAligned(from + at).AsUInt32() ^ sign).AsSingle().StoreAligned(to + at);
                }
            }
        }
    }

    [MethodImpl(Hot)]
    public static void SpreadBias(float* bias, float* h, int outputs, int width)
    {
        for (var o = 0; o < outputs; o++)
        {
            var value = All(bias[o]);
            for (var b = 0; b < width; b += Lanes.Count) value.StoreAligned(h + ((nint)o * width) + b);
        }
    }

    [MethodImpl(Hot)]
    public static void SparseUpdate(in UpdateRule rule, float* lanes, float* w, float* m, float* v, int count)
    {
        for (var k = 0; k < count; k += Lanes.Count)
        {
            var from = lanes + (nint)k * Lanes.Count;
            var gradient = new One(Vector512.Create(Trees(from), Trees(from + TreesAtOnce * Lanes.Count)));
            Step(rule, One.Load(w + k), w, m, v, k, gradient);
        }
    }

    [MethodImpl(Hot)]
    public static void RectifyInPlace(float* h, int count)
    {
        for (var i = 0; i < count; i += Lanes.Count)
        {
            var value = Vector512.LoadAligned(h + i);
            var inactive = Vector512.LessThanOrEqual(value, Vector512<float>.Zero);
            Vector512.ConditionalSelect(inactive, Vector512<float>.Zero, value).StoreAligned(h + i);
        }
    }

    [MethodImpl(Hot)]
    public static void CrossEntropyOfGroup(
        float* h, int classes, int* label, int count, float scale, float* gradient, float* nll, int* largest, int width)
    {
        for (var v = 0; v < width; v += Lanes.Count)
        {
            var max = Vector512.LoadAligned(h + v);
            var best = Vector512<int>.Zero;
            for (var o = 1; o < classes; o++)
            {
                var value = Vector512.LoadAligned(h + (nint)o * width + v);
                var larger = Vector512.GreaterThan(value, max);
                max = Vector512.ConditionalSelect(larger, value, max);
                best = Vector512.ConditionalSelect(larger.AsInt32(), Vector512.Create(o), best);
            }
            Vector512<float> sum = default;
            for (var o = 0; o < classes; o++) sum += Exp(Vector512.LoadAligned(h + (nint)o * width + v) - max);
            if (gradient is not null)
            {
                var factor = All(scale) / sum;
                var real = Vector512.LessThan(Vector512<int>.Indices, Vector512.Create(count - v)).AsSingle();
                for (var o = 0; o < classes; o++)
                {
                    var at = (nint)o * width + v;
                    var softmax = Exp(Vector512.LoadAligned(h + at) - max) * factor;
                    Vector512.ConditionalSelect(real, softmax, Vector512<float>.Zero).StoreAligned(gradient + at);
                }
            }
            // A sum that is NaN or infinite has all bits of its exponent set.
            var finite = Vector512.LessThan(Vector512.Abs(sum), All(float.PositiveInfinity));
            var log = Vector512.ConditionalSelect(finite, Log(sum), All(float.NaN));
            for (var b = v; b < Math.Min(count, v + Lanes.Count); b++)
            {
                var at = (nint)label[b] * width + b;
                if (gradient is not null) gradient[at] -= scale;
                largest[b] = best[b - v];
                nll[b] = log[b - v] + (max[b - v] - h[at]);
            }
        }
    }

    /// <summary>Blocks of 16 by 16 bytes: four rounds of interleaving each row with the one eight below transpose a block.</summary>
    [MethodImpl(Hot)]
    public static void TransposePixels(byte** rows, int columns, byte* pixels, int width)
    {
        var whole = Sse2.IsSupported ? columns / 16 * 16 : 0;
        for (var c = 0; c < whole; c += 16)
        {
            var r0 = Vector128.Load(rows[0] + c);
            var r1 = Vector128.Load(rows[1] + c);
            var r2 = Vector128.Load(rows[2] + c);
            var r3 = Vector128.Load(rows[3] + c);
            var r4 = Vector128.Load(rows[4] + c);
            var r5 = Vector128.Load(rows[5] + c);
            var r6 = Vector128.Load(rows[6] + c);
            var r7 = Vector128.Load(rows[7] + c);
            var r8 = Vector128.Load(rows[8] + c);
            var r9 = Vector128.Load(rows[9] + c);
            var r10 = Vector128.Load(rows[10] + c);
            var r11 = Vector128.Load(rows[11] + c);
            var r12 = Vector128.Load(rows[12] + c);
            var r13 = Vector128.Load(rows[13] + c);
            var r14 = Vector128.Load(rows[14] + c);
            var r15 = Vector128.Load(rows[15] + c);
            for (var round = 0; round < 4; round++)
            {
                Interleave(
                    ref r0, ref r1, ref r2, ref r3, ref r4, ref r5, ref r6, ref r7,
                    ref r8, ref r9, ref r10, ref r11, ref r12, ref r13, ref r14, ref r15);
            }
            var to = pixels + ((nint)c * width);
            r0.Store(to);
            r1.Store(to + (1 * (nint)width));
            r2.Store(to + (2 * (nint)width));
            r3.Store(to + (3 * (nint)width));
            r4.Store(to + (4 * (nint)width));
            r5.Store(to + (5 * (nint)width));
            r6.Store(to + (6 * (nint)width));
            r7.Store(to + (7 * (nint)width));
            r8.Store(to + (8 * (nint)width));
            r9.Store(to + (9 * (nint)width));
            r10.Store(to + (10 * (nint)width));
            r11.Store(to + (11 * (nint)width));
            r12.Store(to + (12 * (nint)width));
            r13.Store(to + (13 * (nint)width));
            r14.Store(to + (14 * (nint)width));
            r15.Store(to + (15 * (nint)width));
        }
        for (var c = whole; c < columns; c++)
            for (var b = 0; b < 16; b++) pixels[((nint)c * width) + b] = rows[b][c];
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Interleave(
        ref Vector128<byte> r0, ref Vector128<byte> r1, ref Vector128<byte> r2, ref Vector128<byte> r3,
        ref Vector128<byte> r4, ref Vector128<byte> r5, ref Vector128<byte> r6, ref Vector128<byte> r7,
        ref Vector128<byte> r8, ref Vector128<byte> r9, ref Vector128<byte> r10, ref Vector128<byte> r11,
        ref Vector128<byte> r12, ref Vector128<byte> r13, ref Vector128<byte> r14, ref Vector128<byte> r15) =>
        (r0, r1, r2, r3, r4, r5, r6, r7, r8, r9, r10, r11, r12, r13, r14, r15) =
        (Sse2.UnpackLow(r0, r8), Sse2.UnpackHigh(r0, r8), Sse2.UnpackLow(r1, r9), Sse2.UnpackHigh(r1, r9),
            Sse2.UnpackLow(r2, r10), Sse2.UnpackHigh(r2, r10), Sse2.UnpackLow(r3, r11), Sse2.UnpackHigh(r3, r11),
            Sse2.UnpackLow(r4, r12), Sse2.UnpackHigh(r4, r12), Sse2.UnpackLow(r5, r13), Sse2.UnpackHigh(r5, r13),
            Sse2.UnpackLow(r6, r14), Sse2.UnpackHigh(r6, r14), Sse2.UnpackLow(r7, r15), Sse2.UnpackHigh(r7, r15));

    [MethodImpl(Hot)]
    public static void FindActive(byte* pixels, int rows, byte* active, int width)
    {
        for (var i = 0; i < rows; i++, pixels += width)
        {
            var any = width == Group ? Vector512.Load(pixels) != Vector512<byte>.Zero : HasActive(pixels, width);
            active[i] |= any ? (byte)1 : (byte)0;
        }
    }

    private static bool HasActive(byte* pixels, int width)
    {
        var any = Vector128<byte>.Zero;
        for (var b = 0; b < width; b += Lanes.Count) any |= Vector128.Load(pixels + b);
        return any != Vector128<byte>.Zero;
    }

    [MethodImpl(Hot)]
    public static void ScalePixels(byte* pixels, int rows, byte* active, float* x, int width)
    {
        for (var i = 0; i < rows; i++)
        {
            if (active[i] == 0) continue;
            var from = pixels + ((nint)i * width);
            var to = x + ((nint)i * width);
            for (var b = 0; b < width; b += Lanes.Count)
                (Vector512.ConvertToSingle(ToInt32(Vector128.Load(from + b))) / All(255f)).StoreAligned(to + b);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<int> ToInt32(Vector128<byte> bytes)
    {
        if (Avx512F.IsSupported) return Avx512F.ConvertToVector512Int32(bytes);
        var (low, high) = Vector128.Widen(bytes);
        var (first, second) = Vector128.Widen(low);
        var (third, fourth) = Vector128.Widen(high);
        return Vector512.Create(Vector256.Create(first, second), Vector256.Create(third, fourth)).AsInt32();
    }
}
