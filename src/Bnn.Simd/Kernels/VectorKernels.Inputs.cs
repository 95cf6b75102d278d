using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using static Bnn.Simd.VectorMath;

namespace Bnn.Simd;

/// <remarks>
/// Finds what isn't zero without a branch per value, half of which would be mispredicted. With AVX-512 one instruction compacts the
/// chosen lanes, and whole vectors are written, so lists need room for one more; otherwise a loop runs once per set bit.
/// </remarks>
public readonly unsafe partial struct VectorKernels
{
    [MethodImpl(Hot)]
    public static int Pixels(byte* pixels, int count, int first, int* column, float* x)
    {
        var (found, taken) = (0, 0);
        if (Avx512Vbmi2.IsSupported) (found, taken) = TakePixels(pixels, count, first, column, x);
        var whole = count - count % Lanes.Count;
        for (var i = taken; i < whole; i += Lanes.Count)
        {
            var numbers = ToInt32(Vector128.Load(pixels + i));
            var zeros = Vector512.Equals(numbers, Vector512<int>.Zero).AsSingle();
            found = Take(zeros, Vector512.ConvertToSingle(numbers) / All(255f), first + i, column, x, found);
        }
        for (var i = whole; i < count; i++)
        {
            if (pixels[i] == 0) continue;
            (column[found], x[found]) = (first + i, pixels[i] / 255f);
            found++;
        }
        return found;
    }

    /// <summary>Compacts 64 pixels at a time as bytes, so that only those that aren't zero are converted.</summary>
    /// <returns>How many were written, and how many pixels were seen.</returns>
    [MethodImpl(Hot)]
    private static (int Found, int Seen) TakePixels(byte* pixels, int count, int first, int* column, float* x)
    {
        const int AtOnce = 64;
        byte* chosen = stackalloc byte[AtOnce], indices = stackalloc byte[AtOnce];
        var (found, whole) = (0, count - count % AtOnce);
        for (var i = 0; i < whole; i += AtOnce)
        {
            var bytes = Vector512.Load(pixels + i);
            var isSet = Vector512.GreaterThan(bytes, Vector512<byte>.Zero);
            var set = BitOperations.PopCount(isSet.ExtractMostSignificantBits());
            Avx512Vbmi2.Compress(Vector512<byte>.Zero, isSet, bytes).Store(chosen);
            Avx512Vbmi2.Compress(Vector512<byte>.Zero, isSet, Vector512<byte>.Indices).Store(indices);
            for (var j = 0; j < set; j += Lanes.Count)
            {
                (Vector512.ConvertToSingle(ToInt32(Vector128.Load(chosen + j))) / All(255f)).Store(x + found + j);
                (ToInt32(Vector128.Load(indices + j)) + Vector512.Create(first + i)).Store(column + found + j);
            }
            found += set;
        }
        return (found, whole);
    }

    [MethodImpl(Hot)]
    public static int NonZeros(float* values, int count, int first, int* column, float* x)
    {
        var (found, whole) = (0, count - count % Lanes.Count);
        for (var i = 0; i < whole; i += Lanes.Count)
        {
            var value = Vector512.Load(values + i);
            found = Take(Vector512.Equals(value, Vector512<float>.Zero), value, first + i, column, x, found);
        }
        for (var i = whole; i < count; i++)
        {
            if (values[i] == 0) continue;
            (column[found], x[found]) = (first + i, values[i]);
            found++;
        }
        return found;
    }

    [MethodImpl(Hot)]
    public static int Rectify(float* h, int units, int first, int* column, float* x)
    {
        var (found, whole) = (0, units - units % Lanes.Count);
        for (var i = 0; i < whole; i += Lanes.Count)
        {
            var value = Vector512.Load(h + i);
            found = Take(Vector512.LessThanOrEqual(value, Vector512<float>.Zero), value, first + i, column, x, found);
        }
        for (var i = whole; i < units; i++)
        {
            if (h[i] <= 0) continue;
            (column[found], x[found]) = (first + i, h[i]);
            found++;
        }
        return found;
    }

    /// <summary>Appends the lanes that are not left out, and their indices.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int Take(Vector512<float> leftOut, Vector512<float> values, int first, int* column, float* x, int found)
    {
        var chosen = ~leftOut.ExtractMostSignificantBits() & 0xFFFF;
        if (Avx512F.IsSupported)
        {
            Avx512F.Compress(Vector512<float>.Zero, ~leftOut, values).Store(x + found);
            var indices = Vector512<int>.Indices + Vector512.Create(first);
            Avx512F.Compress(Vector512<int>.Zero, ~leftOut.AsInt32(), indices).Store(column + found);
            return found + BitOperations.PopCount(chosen);
        }
        while (chosen != 0)
        {
            var lane = BitOperations.TrailingZeroCount(chosen);
            column[found] = first + lane;
            x[found++] = values[lane];
            chosen &= chosen - 1;
        }
        return found;
    }
}
