using Bnn.Core;

namespace Bnn.Simd;

/// <summary>Kernels do no bounds checks, so samples are validated against the network before each call.</summary>
internal static class SamplesCheck
{
    /// <summary>Throws unless a network of these inputs and classes can take the samples, and each item is a row of them.</summary>
    public static void Fits(this Samples samples, int inputs, int classes, ReadOnlySpan<int> items = default)
    {
        if (samples.Width != inputs)
            throw new ArgumentException($"samples of {samples.Width} inputs for a network of {inputs}", nameof(samples));
        if (samples.LargestLabel >= classes)
            throw new ArgumentException($"label {samples.LargestLabel} for a network of {classes} classes", nameof(samples));
        foreach (var item in items)
        {
            if ((uint)item >= (uint)samples.Count)
                throw new ArgumentOutOfRangeException(nameof(items), item, $"not a row of {samples.Count} samples");
        }
    }
}
