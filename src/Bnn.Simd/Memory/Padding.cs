using Bnn.Core;

namespace Bnn.Simd;

/// <summary>Between [inputs, outputs] and [inputs, stride].</summary>
internal static class Padding
{
    public static void Copy(ReadOnlySpan<float> source, LayerShape shape, Span<float> padded, int stride)
    {
        for (var i = 0; i < shape.Inputs; i++) source.Slice(i * shape.Outputs, shape.Outputs).CopyTo(padded[(i * stride)..]);
    }

    public static void Take(ReadOnlySpan<float> padded, int stride, LayerShape shape, Span<float> destination)
    {
        for (var i = 0; i < shape.Inputs; i++) padded.Slice(i * stride, shape.Outputs).CopyTo(destination[(i * shape.Outputs)..]);
    }

    public static float[] Take(ReadOnlySpan<float> padded, LayerShape shape, int stride)
    {
        var values = new float[shape.Weights];
        Take(padded, stride, shape, values);
        return values;
    }
}
