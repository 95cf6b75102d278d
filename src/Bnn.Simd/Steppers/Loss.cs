using System.Runtime.CompilerServices;
using Bnn.Core;

namespace Bnn.Simd;

/// <summary>Mean cross entropy of a batch and its gradient.</summary>
internal static unsafe class Loss
{
    /// <summary>
    /// Mean −ln softmax(h)[label] over the batch, nats; writes (softmax(h) − onehot)/batch to <paramref name="g"/>.
    /// The classes are one tile.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static double Gradient<TKernels>(Samples samples, ReadOnlySpan<int> items, TiledMatrix<float> h, TiledMatrix<float> g)
        where TKernels : IKernels
    {
        var (nll, scale, classes) = (0.0, 1f / items.Length, h.Tiling);
        for (var b = 0; b < items.Length; b++)
            nll += TKernels.CrossEntropy(h.Row(0, b), classes.Columns, samples.Labels[items[b]], scale, g.Row(0, b), classes.Width);
        return nll / items.Length;
    }
}
