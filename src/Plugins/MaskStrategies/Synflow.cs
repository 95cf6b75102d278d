using Bnn.Contract;
using Bnn.Core;

namespace MaskStrategies;

/// <summary>
/// |∂R/∂w ⊙ w| for R = 1ᵀ(∏ |W_l|)1: the part of the flow from all inputs to all outputs, over all paths, that passes through the weight.
/// </summary>
/// <remarks>
/// Tanaka et al. 2020, arXiv:2006.05467. It uses no data: ones are propagated forwards and backwards through |W| of the start, without
/// biases. Pruned weights carry no flow. The paper prunes in a hundred rounds with new scores after each, which keeps every layer
/// connected; in one round the scores are those of the whole net.
/// </remarks>
[MaskStrategy("synflow", "synaptic flow through the weight at the start; uses no data", Keep.Highest, Needs = Needs.Start,
    Group = "gradient", Formula = "|∂R/∂w · w₀|, R = 1ᵀ(∏|W_l|)1",
    Reference = "SynFlow, Tanaka et al. 2020, arXiv:2006.05467, who prune in a hundred rounds")]
public sealed class Synflow : INetworkMaskStrategy
{
    public void Score(INetworkView network)
    {
        // from[l][i]: flow from all inputs of the network to input i of layer l.
        var from = new double[network.Layers][];
        from[0] = Ones(network.Layer(0).Inputs);
        for (var l = 1; l < network.Layers; l++) from[l] = Forwards(network.Layer(l - 1), from[l - 1]);

        // to[o]: flow from output o of the layer to all outputs of the network.
        var to = Ones(network.Layer(network.Layers - 1).Outputs);
        for (var l = network.Layers - 1; l >= 0; l--) to = Backwards(network.Layer(l), from[l], to, network.Criterion(l));
    }

    private static double[] Ones(int length)
    {
        var ones = new double[length];
        ones.AsSpan().Fill(1);
        return ones;
    }

    /// <summary>The flow from all inputs of the network to each output of the layer.</summary>
    private static double[] Forwards(in LayerView layer, double[] from)
    {
        var outputs = new double[layer.Outputs];
        for (var i = 0; i < layer.Inputs; i++)
            for (var o = 0; o < outputs.Length; o++) outputs[o] += from[i] * Size(layer, i, o);
        return outputs;
    }

    /// <summary>
    /// Writes the layer's criterion from[i]·|w|·to[o] and returns the flow from each of its inputs to all outputs of the network.
    /// </summary>
    private static double[] Backwards(in LayerView layer, double[] from, double[] to, Span<double> criterion)
    {
        var inputs = new double[layer.Inputs];
        for (var i = 0; i < inputs.Length; i++)
        {
            for (var o = 0; o < to.Length; o++)
            {
                var flow = Size(layer, i, o) * to[o];
                inputs[i] += flow;
                criterion[i * to.Length + o] = from[i] * flow;
            }
        }
        return inputs;
    }

    /// <summary>|w| of the weight from input i to output o; 0 if it is pruned.</summary>
    private static double Size(in LayerView layer, int i, int o)
    {
        var at = i * layer.Outputs + o;
        return layer.Kept[at] == 0 ? 0 : Math.Abs(layer.Start[at]);
    }
}
