using System.Collections.Immutable;
using Bnn.Core;

namespace Bnn.Store;

/// <summary>Converts parameters to named tensors and back; layers count from 1.</summary>
public static class Tensors
{
    public static IEnumerable<NamedTensor> Of(Moment moment, PosteriorSnapshot posterior) =>
        posterior.Layers.SelectMany((layer, l) => (NamedTensor[])[
            NamedTensor.Of($"{moment}.layer{l + 1}.mu", Shape(layer.Shape), layer.Mu),
            NamedTensor.Of($"{moment}.layer{l + 1}.rho", Shape(layer.Shape), layer.Rho),
            NamedTensor.Of($"{moment}.layer{l + 1}.bias", [layer.Shape.Outputs], layer.Bias)]);

    public static IEnumerable<NamedTensor> Of(Moment moment, PointWeights weights) => Of(moment.ToString(), weights);

    /// <summary>The weights at the early stop, a moment that is known only once the training has found it.</summary>
    public static IEnumerable<NamedTensor> OfEarlyStop(PointWeights weights) => Of("earlystop", weights);

    private static IEnumerable<NamedTensor> Of(string moment, PointWeights weights) =>
        weights.Layers.SelectMany((layer, l) => (NamedTensor[])[
            NamedTensor.Of($"{moment}.layer{l + 1}.weight", Shape(layer.Shape), layer.Weight),
            NamedTensor.Of($"{moment}.layer{l + 1}.bias", [layer.Shape.Outputs], layer.Bias)]);

    public static IEnumerable<NamedTensor> Of(Mask mask) =>
        mask.Layers.Select((layer, l) => NamedTensor.Of($"layer{l + 1}.mask", Shape(layer.Shape), layer.Kept));

    /// <summary>The posterior at a moment; null if a tensor is missing or of another size.</summary>
    public static PosteriorSnapshot? Posterior(IReadOnlyDictionary<string, NamedTensor> tensors, string moment, Architecture net)
    {
        return All(net, Layer) is { } layers ? new(layers) : null;

        LayerPosterior? Layer(LayerShape shape, int l) =>
            Floats(tensors, $"{moment}.layer{l}.mu", shape.Weights) is { } mu
            && Floats(tensors, $"{moment}.layer{l}.rho", shape.Weights) is { } rho
            && Floats(tensors, $"{moment}.layer{l}.bias", shape.Outputs) is { } bias
                ? new LayerPosterior(shape, mu, rho, bias)
                : null;
    }

    /// <summary>The weights at a moment; null if a tensor is missing or of another size.</summary>
    public static PointWeights? Weights(IReadOnlyDictionary<string, NamedTensor> tensors, string moment, Architecture net)
    {
        return All(net, Layer) is { } layers ? new(layers) : null;

        LayerWeights? Layer(LayerShape shape, int l) =>
            Floats(tensors, $"{moment}.layer{l}.weight", shape.Weights) is { } weight
            && Floats(tensors, $"{moment}.layer{l}.bias", shape.Outputs) is { } bias
                ? new LayerWeights(shape, weight, bias)
                : null;
    }

    /// <summary>The mask; null if a tensor is missing or of another size.</summary>
    public static Mask? Mask(IReadOnlyDictionary<string, NamedTensor> tensors, Architecture net)
    {
        return All(net, Layer) is { } layers ? new(layers) : null;

        LayerMask? Layer(LayerShape shape, int l) =>
            tensors.GetValueOrDefault($"layer{l}.mask")?.Bytes is { } kept && kept.Length == shape.Weights
                ? new LayerMask(shape, kept)
                : null;
    }

    private static ImmutableArray<T>? All<T>(Architecture net, Func<LayerShape, int, T?> read)
        where T : class
    {
        var layers = net.Layers.Select((shape, l) => read(shape, l + 1)).ToList();
        return layers.Contains(null) ? null : [.. layers.OfType<T>()];
    }

    private static float[]? Floats(IReadOnlyDictionary<string, NamedTensor> tensors, string name, int count) =>
        tensors.GetValueOrDefault(name)?.Floats is { } values && values.Length == count ? values : null;

    private static int[] Shape(LayerShape shape) => [shape.Inputs, shape.Outputs];
}
