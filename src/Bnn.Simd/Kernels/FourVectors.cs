using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using static Bnn.Simd.VectorMath;

namespace Bnn.Simd;

/// <summary>A row of a tile, or of a group of examples, in four registers.</summary>
internal unsafe struct FourVectors : ISums<FourVectors>
{
    private Vector512<float> _0, _1, _2, _3;

    public static int Width => 64;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static FourVectors Load(float* from) => new()
    {
        _0 = Vector512.LoadAligned(from),
        _1 = Vector512.LoadAligned(from + 16),
        _2 = Vector512.LoadAligned(from + 32),
        _3 = Vector512.LoadAligned(from + 48),
    };

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Add(Vector512<float> x, float* row)
    {
        _0 = Fma(x, Vector512.LoadAligned(row), _0);
        _1 = Fma(x, Vector512.LoadAligned(row + 16), _1);
        _2 = Fma(x, Vector512.LoadAligned(row + 32), _2);
        _3 = Fma(x, Vector512.LoadAligned(row + 48), _3);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Add(float* row)
    {
        _0 += Vector512.LoadAligned(row);
        _1 += Vector512.LoadAligned(row + 16);
        _2 += Vector512.LoadAligned(row + 32);
        _3 += Vector512.LoadAligned(row + 48);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly void AddTimes(ref FourVectors sum, float* row)
    {
        sum._0 = Fma(Vector512.LoadAligned(row), _0, sum._0);
        sum._1 = Fma(Vector512.LoadAligned(row + 16), _1, sum._1);
        sum._2 = Fma(Vector512.LoadAligned(row + 32), _2, sum._2);
        sum._3 = Fma(Vector512.LoadAligned(row + 48), _3, sum._3);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly void Store(float* to)
    {
        _0.StoreAligned(to);
        _1.StoreAligned(to + 16);
        _2.StoreAligned(to + 32);
        _3.StoreAligned(to + 48);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly void Adam<TMasking>(in UpdateRule rule, float* w, float* m, float* v, ushort* keep)
        where TMasking : struct, IMasking
    {
        VectorKernels.AdamOf<Quad, TMasking>(rule, new Quad(_0, _1, _2, _3), w, m, v, keep);
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

    /// <summary>Stores the values of active units, else 0.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly void StoreWhereActive(float* x, float* to)
    {
        VectorKernels.WhereActive(x, _0).StoreAligned(to);
        VectorKernels.WhereActive(x + 16, _1).StoreAligned(to + 16);
        VectorKernels.WhereActive(x + 32, _2).StoreAligned(to + 32);
        VectorKernels.WhereActive(x + 48, _3).StoreAligned(to + 48);
    }
}
