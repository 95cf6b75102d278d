using System.Collections.Immutable;

namespace Bnn.Core;

/// <summary>
/// What a mask leaves connected. A hidden unit lives if kept weights lead to it from some input and on from it to some output; a class is
/// connected if kept weights lead to its output from some input. Biases connect nothing: they are the same for every image.
/// </summary>
public sealed class MaskConnectivity
{
    private MaskConnectivity(ImmutableArray<int> living, int connectedClasses) => (Living, ConnectedClasses) = (living, connectedClasses);

    /// <summary>Living units of each hidden layer.</summary>
    public ImmutableArray<int> Living { get; }

    /// <summary>Living units of all hidden layers.</summary>
    public int LivingUnits => Living.Sum();

    /// <summary>Outputs that some input reaches; 0 where the mask has no path, as with an empty layer.</summary>
    public int ConnectedClasses { get; }

    public static MaskConnectivity Of(Mask mask)
    {
        var layers = mask.Layers;
        var reached = new bool[layers.Length + 1][];
        var leads = new bool[layers.Length + 1][];
        reached[0] = All(layers[0].Shape.Inputs);
        leads[^1] = All(layers[^1].Shape.Outputs);
        for (var l = 0; l < layers.Length; l++) reached[l + 1] = Forward(layers[l], reached[l]);
        for (var l = layers.Length - 1; l >= 0; l--) leads[l] = Backward(layers[l], leads[l + 1]);
        return new MaskConnectivity(
            [.. Enumerable.Range(1, layers.Length - 1).Select(l => reached[l].Zip(leads[l]).Count(unit => unit.First && unit.Second))],
            reached[^1].Count(output => output));
    }

    private static bool[] Forward(LayerMask layer, bool[] inputs)
    {
        var (outputs, width) = (new bool[layer.Shape.Outputs], layer.Shape.Outputs);
        for (var i = 0; i < inputs.Length; i++)
        {
            if (!inputs[i]) continue;
            var row = layer.Kept.AsSpan(i * width, width);
            for (var o = 0; o < width; o++) outputs[o] |= row[o] != 0;
        }
        return outputs;
    }

    private static bool[] Backward(LayerMask layer, bool[] outputs)
    {
        var (inputs, width) = (new bool[layer.Shape.Inputs], layer.Shape.Outputs);
        for (var i = 0; i < inputs.Length; i++)
        {
            var row = layer.Kept.AsSpan(i * width, width);
            for (var o = 0; o < width && !inputs[i]; o++) inputs[i] = row[o] != 0 && outputs[o];
        }
        return inputs;
    }

    private static bool[] All(int count)
    {
        var all = new bool[count];
        Array.Fill(all, true);
        return all;
    }
}
