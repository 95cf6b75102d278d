using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using static Bnn.Simd.VectorMath;

namespace Bnn.Simd;

/// <summary>One vector of a row.</summary>
internal unsafe struct OneVector : ISums<OneVector>
{
    private Vector512<float> _0;

    public static int Width => 16;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static OneVector Load(float* from) => new()
    {
        _0 = Vector512.LoadAligned(from),
    };

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Add(Vector512<float> x, float* row)
    {
        _0 = Fma(x, Vector512.LoadAligned(row), _0);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Add(float* row)
    {
        _0 += Vector512.LoadAligned(row);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly void AddTimes(ref OneVector sum, float* row)
    {
        sum._0 = Fma(Vector512.LoadAligned(row), _0, sum._0);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly void Store(float* to)
    {
        _0.StoreAligned(to);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly void Adam<TMasking>(in UpdateRule rule, float* w, float* m, float* v, ushort* keep)
        where TMasking : struct, IMasking
    {
        VectorKernels.AdamOf<One, TMasking>(rule, new One(_0), w, m, v, keep);
    }
}

/// <summary>Two vectors of a row.</summary>
internal unsafe struct TwoVectors : ISums<TwoVectors>
{
    private Vector512<float> _0, _1;

    public static int Width => 32;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TwoVectors Load(float* from) => new()
    {
        _0 = Vector512.LoadAligned(from),
        _1 = Vector512.LoadAligned(from + 16),
    };

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Add(Vector512<float> x, float* row)
    {
        _0 = Fma(x, Vector512.LoadAligned(row), _0);
        _1 = Fma(x, Vector512.LoadAligned(row + 16), _1);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Add(float* row)
    {
        _0 += Vector512.LoadAligned(row);
        _1 += Vector512.LoadAligned(row + 16);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly void AddTimes(ref TwoVectors sum, float* row)
    {
        sum._0 = Fma(Vector512.LoadAligned(row), _0, sum._0);
        sum._1 = Fma(Vector512.LoadAligned(row + 16), _1, sum._1);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly void Store(float* to)
    {
        _0.StoreAligned(to);
        _1.StoreAligned(to + 16);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly void Adam<TMasking>(in UpdateRule rule, float* w, float* m, float* v, ushort* keep)
        where TMasking : struct, IMasking
    {
        VectorKernels.AdamOf<Pair, TMasking>(rule, new Pair(_0, _1), w, m, v, keep);
    }
}

/// <summary>Three vectors of a row.</summary>
internal unsafe struct ThreeVectors : ISums<ThreeVectors>
{
    private Vector512<float> _0, _1, _2;

    public static int Width => 48;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ThreeVectors Load(float* from) => new()
    {
        _0 = Vector512.LoadAligned(from),
        _1 = Vector512.LoadAligned(from + 16),
        _2 = Vector512.LoadAligned(from + 32),
    };

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Add(Vector512<float> x, float* row)
    {
        _0 = Fma(x, Vector512.LoadAligned(row), _0);
        _1 = Fma(x, Vector512.LoadAligned(row + 16), _1);
        _2 = Fma(x, Vector512.LoadAligned(row + 32), _2);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Add(float* row)
    {
        _0 += Vector512.LoadAligned(row);
        _1 += Vector512.LoadAligned(row + 16);
        _2 += Vector512.LoadAligned(row + 32);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly void AddTimes(ref ThreeVectors sum, float* row)
    {
        sum._0 = Fma(Vector512.LoadAligned(row), _0, sum._0);
        sum._1 = Fma(Vector512.LoadAligned(row + 16), _1, sum._1);
        sum._2 = Fma(Vector512.LoadAligned(row + 32), _2, sum._2);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly void Store(float* to)
    {
        _0.StoreAligned(to);
        _1.StoreAligned(to + 16);
        _2.StoreAligned(to + 32);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly void Adam<TMasking>(in UpdateRule rule, float* w, float* m, float* v, ushort* keep)
        where TMasking : struct, IMasking
    {
        VectorKernels.AdamOf<Pair, TMasking>(rule, new Pair(_0, _1), w, m, v, keep);
        VectorKernels.AdamOf<One, TMasking>(rule, new One(_2), w + 32, m + 32, v + 32, keep + 2);
    }
}
