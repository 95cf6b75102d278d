using System.Runtime.Intrinsics;

namespace Bnn.Simd;

/// <summary>Part of a row of up to four vectors in registers, in which a kernel sums.</summary>
internal unsafe interface ISums<T>
    where T : struct, ISums<T>
{
    /// <summary>Columns.</summary>
    static abstract int Width { get; }

    static abstract T Load(float* from);

    /// <summary>Adds x·row by fused multiply-add.</summary>
    void Add(Vector512<float> x, float* row);

    /// <summary>Adds a row.</summary>
    void Add(float* row);

    /// <summary>Adds this, times a row, to a sum.</summary>
    void AddTimes(ref T sum, float* row);

    void Store(float* to);

    /// <summary>Adam's step of weights whose gradients these are.</summary>
    void Adam<TMasking>(in UpdateRule rule, float* w, float* m, float* v, ushort* keep)
        where TMasking : struct, IMasking;
}
