using Bnn.Core;

namespace Bnn.Simd;

/// <summary>Mean cross entropy of a batch and its gradient.</summary>
internal static unsafe class Loss
{
    /// <summary>Mean −ln softmax(h)[label] over the batch, nats; writes (softmax(h) − onehot)/batch to <paramref name="g"/>, [batch, stride].</summary>
    public static double Gradient<TKernels>(Samples samples, ReadOnlySpan<int> items, int classes, float* h, float* g, int stride)
        where TKernels : IKernels
    {
        var (nll, scale) = (0.0, 1f / items.Length);
        for (var b = 0; b < items.Length; b++)
            nll += TKernels.CrossEntropy(h + (nint)b * stride, classes, samples.Labels[items[b]], scale, g + (nint)b * stride, stride);
        return nll / items.Length;
    }
}
