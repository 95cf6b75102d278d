using Bnn.Core;
using CsCheck;

namespace Bnn.Tests;

/// <summary>Gradients of the definition against central differences of its loss.</summary>
public sealed class ElboGradientTests
{
    private const double H = 1e-5, FromKink = 1e-3;

    private static readonly Gen<(int[] Sizes, int Batch, ulong Seed, double PriorScale, double KlWeight)> Nets =
        Gen.Select(Gen.Int[1, 5].Array[2, 4], Gen.Int[1, 4], Gen.ULong, Gen.Double[0.3, 2], Gen.Double[0, 2]);

    [Fact]
    public void Gradients_of_Flipout_nets_are_the_slopes_of_the_loss() => Check(flipout: true);

    [Fact]
    public void Gradients_of_masked_nets_are_the_slopes_of_the_loss_where_weights_are_kept() => Check(flipout: false);

    [Fact]
    public void A_hidden_unit_at_exactly_0_passes_no_gradient_down()
    {
        DefinitionLayer[] layers =
        [
            new(new LayerShape(1, 2), [3, 3], Rho: null, Bias: [0, double.Epsilon]),
            new(new LayerShape(2, 2), [1, -1, 1, -1], Rho: null, Bias: [0, 0]),
        ];
        var value = Elbo.Evaluate(layers, [], new ElboSettings(1, 0, 0, 1), x: [0], labels: [0]);
        Assert.Equal([0, -1], value.ByBias[0]);        // (p − onehot)·(1, −1) = −½ − ½ where the unit is above 0
    }

    private static void Check(bool flipout) => Nets.Sample(net =>
    {
        var random = new Random((int)(net.Seed % int.MaxValue));
        var layers = net.Sizes.Zip(net.Sizes.Skip(1), (inputs, outputs) => Layer(random, new LayerShape(inputs, outputs), flipout)).ToArray();
        LayerNoise[] noise = flipout ? [.. layers.Select(layer => Noise(random, layer.Shape, net.Batch))] : [];
        var settings = new ElboSettings(net.PriorScale, 1e-7, net.KlWeight, TrainingCount: 20);
        var x = Normals(random, net.Batch * net.Sizes[0]);
        var labels = Enumerable.Range(0, net.Batch).Select(_ => random.Next(net.Sizes[^1])).ToArray();
        if (NearKink(layers, noise, settings, x, net.Batch)) return;

        double Loss() => Elbo.Evaluate(layers, noise, settings, x, labels).Loss;
        var value = Elbo.Evaluate(layers, noise, settings, x, labels);
        for (var l = 0; l < layers.Length; l++)
        {
            Slopes($"mu of layer {l}", layers[l].Mu, value.ByMu[l], Loss);
            Slopes($"bias of layer {l}", layers[l].Bias, value.ByBias[l], Loss);
            if (layers[l].Rho is { } rho) Slopes($"rho of layer {l}", rho, value.ByRho[l], Loss);
        }
    }, iter: 150);

    private static void Slopes(string what, double[] parameters, double[] gradient, Func<double> loss)
    {
        var slopes = new double[parameters.Length];
        for (var i = 0; i < parameters.Length; i++)
        {
            var at = parameters[i];
            parameters[i] = at + H;
            var above = loss();
            parameters[i] = at - H;
            slopes[i] = (above - loss()) / (2 * H);
            parameters[i] = at;
        }
        Near.Check(what, slopes, gradient, Near.Mixed(1e-6));
    }

    /// <summary>Whether a hidden unit is so near 0 that a difference would step over the ReLU's corner.</summary>
    private static bool NearKink(DefinitionLayer[] layers, LayerNoise[] noise, ElboSettings settings, double[] x, int batch) =>
        Enumerable.Range(1, layers.Length - 1).Any(count =>
            Elbo.Evaluate(layers[..count], noise.Length > 0 ? noise[..count] : noise, settings, x, new int[batch]).Logits.Any(h => Math.Abs(h) < FromKink));

    private static DefinitionLayer Layer(Random random, LayerShape shape, bool flipout)
    {
        var mask = flipout ? null : Enumerable.Range(0, shape.Weights).Select(_ => (byte)random.Next(2)).ToArray();
        var rho = flipout ? Normals(random, shape.Weights).Select(z => 2 * z - 1).ToArray() : null;
        return new DefinitionLayer(shape, Normals(random, shape.Weights), rho, Normals(random, shape.Outputs), mask);
    }

    private static LayerNoise Noise(Random random, LayerShape shape, int batch) =>
        new(Normals(random, shape.Weights), Signs(random, batch * shape.Inputs), Signs(random, batch * shape.Outputs));

    private static double[] Normals(Random random, int count) =>
        [.. Enumerable.Range(0, count).Select(_ => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble()))];

    private static double[] Signs(Random random, int count) => [.. Enumerable.Range(0, count).Select(_ => random.Next(2) * 2.0 - 1)];
}
