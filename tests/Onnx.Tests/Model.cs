using Bnn.Core;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace Onnx.Tests;

/// <summary>A model as ONNX Runtime has it.</summary>
internal sealed class Model(string path) : IDisposable
{
    private readonly InferenceSession _session = new(path);

    public IReadOnlyDictionary<string, string> Metadata => _session.ModelMetadata.CustomMetadataMap;

    public IEnumerable<string> Inputs => _session.InputMetadata.Keys;

    public IEnumerable<string> Outputs => _session.OutputMetadata.Keys;

    /// <param name="images">[count, inputs].</param>
    public (float[] Logits, long[] Classes) Run(byte[] images, int inputs)
    {
        var pixels = new DenseTensor<float>(images.Select(pixel => pixel / 255f).ToArray(), [images.Length / inputs, inputs]);
        using var results = _session.Run([NamedOnnxValue.CreateFromTensor("pixels", pixels)]);
        return (
            [.. results.Single(result => result.Name == "logits").AsEnumerable<float>()],
            [.. results.Single(result => result.Name == "class").AsEnumerable<long>()]);
    }

    public void Dispose() => _session.Dispose();
}

/// <summary>The definition, in double.</summary>
internal static class Definition
{
    /// <summary>Logits of an image: hₗ = ReLU(hₗ₋₁·Wₗ + bₗ), without ReLU at the end.</summary>
    public static double[] Logits(PointWeights weights, ReadOnlySpan<byte> image)
    {
        var values = new double[image.Length];
        for (var i = 0; i < image.Length; i++) values[i] = image[i] / 255.0;
        foreach (var (l, layer) in weights.Layers.Index())
        {
            var sums = layer.Bias.Select(bias => (double)bias).ToArray();
            for (var i = 0; i < values.Length; i++)
                for (var o = 0; o < sums.Length; o++) sums[o] += values[i] * layer.Weight[i * sums.Length + o];
            values = l < weights.Layers.Length - 1 ? [.. sums.Select(sum => Math.Max(0, sum))] : sums;
        }
        return values;
    }
}
