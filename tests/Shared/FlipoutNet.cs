using Bnn.Core;

namespace Bnn.Tests;

/// <summary>A net of the definition with the noise of each step, as golden files give it.</summary>
public sealed record FlipoutNet(
    IReadOnlyList<DefinitionLayer> Layers, Func<int, IReadOnlyList<LayerNoise>> NoiseOfStep, ElboSettings Settings,
    double[] X, int[] Labels)
{
    public static FlipoutNet Read(Golden file)
    {
        var sizes = file["layer_sizes"].Ints;
        var noise = file["noise"].Items.Select(step => step.Items.Select(layer =>
            new LayerNoise(layer["eps"].Numbers, layer["S"].Numbers, layer["R"].Numbers)).ToArray()).ToArray();
        var reused = string.Equals(file["noise_mode"].Text, "reused", StringComparison.Ordinal);
        return new FlipoutNet(
            [.. file["params"].Items.Select((layer, l) => new DefinitionLayer(
                new LayerShape(sizes[l], sizes[l + 1]), layer["mu"].Numbers, layer["rho"].Numbers, layer["bias"].Numbers))],
            step => noise[reused ? 0 : step - 1],
            new ElboSettings(file["prior_scale"].Number, file["scale_eps"].Number, KlWeight: 1, file["N"].Number),
            file["x"].Numbers,
            file["labels"].Ints);
    }

    /// <summary>The net's mask; null if no layer has one.</summary>
    public Mask? Mask => Layers.All(layer => layer.Mask is null)
        ? null
        : new([.. Layers.Select(layer => new LayerMask(layer.Shape, layer.Mask ?? [.. Enumerable.Repeat((byte)1, layer.Shape.Weights)]))]);

    public ElboValue Evaluate(int step) => Elbo.Evaluate(Layers, NoiseOfStep(step), Settings, X, Labels);

    /// <summary>Trains in place: each call does step t (from 1, in order) and returns the value before it.</summary>
    public Func<int, ElboValue> Train(Optimizer optimizer)
    {
        var optimizers = Layers.Select(layer => (
            Mu: new OptimizerDefinition(optimizer, layer.Mu.Length),
            Rho: new OptimizerDefinition(optimizer, layer.Mu.Length),
            Bias: new OptimizerDefinition(optimizer, layer.Bias.Length))).ToArray();
        return t =>
        {
            var value = Evaluate(t);
            for (var l = 0; l < Layers.Count; l++)
            {
                var layer = Layers[l];
                optimizers[l].Mu.Apply(t, value.ByMu[l], layer.Mu, flush: true, layer.Mask);
                if (layer.Rho is { } rho) optimizers[l].Rho.Apply(t, value.ByRho[l], rho, flush: false, layer.Mask);
                optimizers[l].Bias.Apply(t, value.ByBias[l], layer.Bias, flush: false);
            }
            return value;
        };
    }
}
