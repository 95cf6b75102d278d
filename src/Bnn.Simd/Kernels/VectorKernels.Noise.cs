using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Bnn.Core;
using static Bnn.Simd.VectorMath;

namespace Bnn.Simd;

public readonly unsafe partial struct VectorKernels
{
    /// <summary>Sixteen Philox blocks at once make 64 columns: word k of the block in lane j is column 16k + j.</summary>
    [MethodImpl(Hot)]
    public static void NormalRow(RandomStream stream, int step, uint firstBlock, float* destination, int stride)
    {
        for (var o = 0; o < stride; o += NormalDraws.ColumnsPerGroup)
        {
            Philox16(stream, step, firstBlock + (uint)(o / NormalDraws.ColumnsPerGroup * NormalDraws.BlocksPerGroup), out var w0, out var w1, out var w2, out var w3);
            BoxMuller(w0, w1, out var z0, out var z1);
            z0.Store(destination + o);
            if (o + 16 < stride) z1.Store(destination + o + 16);
            if (o + 32 >= stride) continue;
            BoxMuller(w2, w3, out var z2, out var z3);
            z2.Store(destination + o + 32);
            if (o + 48 < stride) z3.Store(destination + o + 48);
        }
    }

    /// <summary>
    /// Words 0 to 3 of sixteen consecutive blocks. Each word stands in the lower half of a 64-bit lane, even blocks in one set of registers and odd ones
    /// in another, because the product of two 32-bit numbers fills 64 bits; what gathers in the upper halves is never looked at.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Philox16(RandomStream stream, int step, uint firstBlock,
        out Vector512<uint> w0, out Vector512<uint> w1, out Vector512<uint> w2, out Vector512<uint> w3)
    {
        var counters = Vector512.Create((ulong)firstBlock) + Vector512.Create(0UL, 2, 4, 6, 8, 10, 12, 14);
        var (even0, odd0) = (counters, counters + Vector512.Create(1UL));
        var even1 = Vector512.Create((ulong)(uint)step);
        var even2 = Vector512.Create((ulong)(uint)stream.Layer);
        var even3 = Vector512.Create((ulong)stream.Name);
        var (odd1, odd2, odd3) = (even1, even2, even3);
        var (k0, k1) = ((uint)stream.Seed.Value, (uint)(stream.Seed.Value >> 32));
        var (multiplier0, multiplier1) = (Vector512.Create((ulong)Philox.Multiplier0), Vector512.Create((ulong)Philox.Multiplier1));
        for (var round = 0; round < Philox.Rounds; round++)
        {
            var (key0, key1) = (Vector512.Create((ulong)k0), Vector512.Create((ulong)k1));
            var (evenProduct0, evenProduct1) = (Product(even0, multiplier0), Product(even2, multiplier1));
            var (oddProduct0, oddProduct1) = (Product(odd0, multiplier0), Product(odd2, multiplier1));
            (even0, even1, even2, even3) = ((evenProduct1 >>> 32) ^ even1 ^ key0, evenProduct1, (evenProduct0 >>> 32) ^ even3 ^ key1, evenProduct0);
            (odd0, odd1, odd2, odd3) = ((oddProduct1 >>> 32) ^ odd1 ^ key0, oddProduct1, (oddProduct0 >>> 32) ^ odd3 ^ key1, oddProduct0);
            k0 += Philox.Weyl0;
            k1 += Philox.Weyl1;
        }
        (w0, w1, w2, w3) = (Join(even0, odd0), Join(even1, odd1), Join(even2, odd2), Join(even3, odd3));
    }

    /// <summary>The product of the lower halves of each 64-bit lane.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<ulong> Product(Vector512<ulong> a, Vector512<ulong> b)
    {
        if (Avx512F.IsSupported) return Avx512F.Multiply(a.AsUInt32(), b.AsUInt32());
        if (Avx2.IsSupported)
            return Vector512.Create(Avx2.Multiply(a.GetLower().AsUInt32(), b.GetLower().AsUInt32()), Avx2.Multiply(a.GetUpper().AsUInt32(), b.GetUpper().AsUInt32()));
        var low = Vector512.Create((ulong)uint.MaxValue);
        return (a & low) * (b & low);
    }

    /// <summary>Even blocks' words to even lanes, odd blocks' to odd ones.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<uint> Join(Vector512<ulong> even, Vector512<ulong> odd) =>
        ((even & Vector512.Create((ulong)uint.MaxValue)) | (odd << 32)).AsUInt32();

    /// <summary><see cref="NormalDraws.BoxMuller"/> in every lane.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void BoxMuller(Vector512<uint> a, Vector512<uint> b, out Vector512<float> first, out Vector512<float> second)
    {
        var unit = All(NormalDraws.ToUnit);
        var u = Fma(Vector512.ConvertToSingle((a >>> 8).AsInt32()), unit, All(0.5f * NormalDraws.ToUnit));
        var half = (b & Vector512.Create(0x80000000u)).AsSingle();
        var radius = Vector512.Sqrt(All(-2f) * Log(u)) ^ half;
        var t = Fma(Vector512.ConvertToSingle(((b & Vector512.Create(0x7FFFFFFFu)) >>> 7).AsInt32()), unit, All(-0.5f));
        var sin = SinCosPi(t, out var cos);
        first = radius * cos;
        second = radius * sin;
    }

    [MethodImpl(Hot)]
    public static void ExpandSigns(uint* words, float* signs, int stride)
    {
        var bit = Vector512.Create(1u << 0, 1u << 1, 1u << 2, 1u << 3, 1u << 4, 1u << 5, 1u << 6, 1u << 7,
            1u << 8, 1u << 9, 1u << 10, 1u << 11, 1u << 12, 1u << 13, 1u << 14, 1u << 15);
        for (var o = 0; o < stride; o += Lanes.Count)
        {
            var positive = Vector512.Equals(Vector512.Create(words[o / 32] >> (o % 32)) & bit, Vector512<uint>.Zero).AsSingle();
            Vector512.ConditionalSelect(positive, All(1f), All(-1f)).Store(signs + o);
        }
    }
}
