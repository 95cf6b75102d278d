using System.Diagnostics;

namespace Bnn.Core;

/// <summary>How a control is made of a ticket's mask: other weights, as many in each layer.</summary>
public enum MaskTransform
{
    /// <summary>Any weights of the layer.</summary>
    ShuffleLayers,

    /// <summary>In the first layer weights of inputs that are not zero in every training image; any in the others.</summary>
    LiveInputs,

    /// <summary>As many weights of each input of each layer; which outputs they lead to is random.</summary>
    ShuffleInputs,
}

/// <summary>The transforms' names in settings and files, and what they do.</summary>
public static class MaskTransforms
{
    public static string Name(this MaskTransform transform) => transform switch
    {
        MaskTransform.ShuffleLayers => "shuffle-layers",
        MaskTransform.LiveInputs => "live-inputs",
        MaskTransform.ShuffleInputs => "shuffle-inputs",
        _ => throw new UnreachableException(),
    };

    /// <summary>
    /// A mask with as many weights in each layer (and at each input under <see cref="MaskTransform.ShuffleInputs"/>), uniformly among all
    /// such masks. It depends on the seed and on these counts alone, and with fewer weights it lies in the one with more.
    /// </summary>
    /// <param name="transform">What is drawn anew.</param>
    /// <param name="seed">Fixes an order of each layer's weights, or of each input's; the first of it are kept.</param>
    /// <param name="mask">The mask whose counts are taken.</param>
    /// <param name="live">
    /// For <see cref="MaskTransform.LiveInputs"/>: which inputs aren't zero in every training image (<see cref="Samples.LiveInputs"/>),
    /// [inputs]. Where the first layer keeps more weights than live inputs have, it keeps all of these and random others.
    /// </param>
    /// <exception cref="ArgumentException">Live inputs are missing, or not one per input.</exception>
    public static Mask Apply(this MaskTransform transform, Seed seed, Mask mask, bool[]? live = null)
    {
        if (transform == MaskTransform.LiveInputs && live?.Length != mask.Layers[0].Shape.Inputs)
            throw new ArgumentException("live-inputs needs to know of each input whether it lives", nameof(live));
        return new Mask([.. mask.Layers.Select((layer, l) => layer with
        {
            Kept = transform switch
            {
                MaskTransform.ShuffleLayers => First(Order(seed, StreamName.ShuffleLayers, l, layer), layer.KeptCount),
                MaskTransform.LiveInputs => First(
                    l == 0
                        ? LiveFirst(Order(seed, StreamName.LiveInputs, l, layer), live!, layer.Shape)
                        : Order(seed, StreamName.LiveInputs, l, layer),
                    layer.KeptCount),
                MaskTransform.ShuffleInputs => ByInput(seed.Stream(StreamName.ShuffleInputs, l), layer),
                _ => throw new UnreachableException(),
            },
        })]);
    }

    private static int[] Order(Seed seed, StreamName name, int layer, LayerMask mask) =>
        Permutation.Draw(seed.Stream(name, layer), step: 0, mask.Kept.Length);

    /// <summary>The same order with the weights of live inputs before the others.</summary>
    private static int[] LiveFirst(int[] order, bool[] live, LayerShape shape)
    {
        bool Lives(int weight) => live[weight / shape.Outputs];
        return [.. order.Where(Lives), .. order.Where(weight => !Lives(weight))];
    }

    private static byte[] First(int[] order, int count)
    {
        var kept = new byte[order.Length];
        foreach (var weight in order.AsSpan(0, count)) kept[weight] = 1;
        return kept;
    }

    private static byte[] ByInput(RandomStream stream, LayerMask layer)
    {
        var outputs = layer.Shape.Outputs;
        var kept = new byte[layer.Kept.Length];
        for (var input = 0; input < layer.Shape.Inputs; input++)
        {
            var row = layer.Kept.AsSpan(input * outputs, outputs);
            var order = Permutation.Draw(stream, step: input, outputs);
            foreach (var output in order.AsSpan(0, row.Length - row.Count((byte)0))) kept[input * outputs + output] = 1;
        }
        return kept;
    }
}
