using Bnn.Contract;
using Bnn.Core;

namespace MaskStrategies;

/// <summary>
/// |∂R/∂w ⊙ w| for R = 1ᵀ(∏ |W_l|)1: how much of the flow from all inputs to all outputs, over all paths, passes through the weight.
/// </summary>
/// <remarks>
/// Tanaka et al. 2020, arXiv:2006.05467. No data: ones go forwards and backwards through |W| of the start, biases left out. The paper prunes in
/// a hundred rounds, with new scores after each, and keeps layers alive by that; this is one round, its scores those of the whole net.
/// </remarks>
[MaskStrategy("synflow", "synaptic flow through the weight at the start, no data, in one round", Keep.Highest, Needs = Needs.Start,
    Group = "gradient", Formula = "|∂R/∂w · w₀|, R = 1ᵀ(∏|W_l|)1", Reference = "SynFlow, Tanaka et al. 2020, arXiv:2006.05467, one round")]
public sealed class SynFlow : INetworkMaskStrategy
{
    public void Score(INetworkView network)
    {
        var from = new double[network.Layers][];    // from[l][i]: flow from all inputs to input i of layer l
        for (var l = 0; l < network.Layers; l++) from[l] = l == 0 ? Ones(network.Layer(0).Inputs) : Forwards(network.Layer(l - 1), from[l - 1]);

        var to = Ones(network.Layer(network.Layers - 1).Outputs);    // to[o]: flow from output o of the layer to all outputs
        for (var l = network.Layers - 1; l >= 0; l--) to = Backwards(network.Layer(l), from[l], to, network.Criterion(l));
    }

    private static double[] Ones(int length)
    {
        var ones = new double[length];
        ones.AsSpan().Fill(1);
        return ones;
    }

    private static double[] Forwards(in LayerView layer, double[] from)
    {
        var outputs = new double[layer.Outputs];
        for (var i = 0; i < layer.Inputs; i++)
        {
            var row = layer.Start.Slice(i * layer.Outputs, layer.Outputs);
            for (var o = 0; o < outputs.Length; o++) outputs[o] += from[i] * Math.Abs(row[o]);
        }
        return outputs;
    }

    /// <summary>Writes the layer's criterion from[i]·|w|·to[o] and gives the flow from its inputs to all outputs.</summary>
    private static double[] Backwards(in LayerView layer, double[] from, double[] to, Span<double> criterion)
    {
        var inputs = new double[layer.Inputs];
        for (var i = 0; i < inputs.Length; i++)
        {
            var row = layer.Start.Slice(i * layer.Outputs, layer.Outputs);
            for (var o = 0; o < row.Length; o++)
            {
                var flow = Math.Abs(row[o]) * to[o];
                inputs[i] += flow;
                criterion[i * row.Length + o] = from[i] * flow;
            }
        }
        return inputs;
    }
}
