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
    public void Gradients_of_Flipout_nets_are_the_slopes_of_the_loss() => Check(flipout: true, masked: false);

    [Fact]
    public void Gradients_of_masked_nets_are_the_slopes_of_the_loss_where_weights_are_kept() => Check(flipout: false, masked: true);

    [Fact]
    public void Gradients_of_masked_Flipout_nets_are_the_slopes_of_the_loss_and_0_where_weights_are_pruned() =>
        Check(flipout: true, masked: true);

    [Fact]
    public void A_pruned_weight_of_a_Flipout_layer_is_not_there()
    {
        var (shape, settings) = (new LayerShape(2, 2), new ElboSettings(0.5, 1e-7, 1, 10));
        var noise = new LayerNoise([1, 2, 3, 4], [1, -1], [-1, 1]);
        var layer = new DefinitionLayer(shape, [0.1, 0.2, 0.3, 0.4], [-1, -2, -3, -4], [0.5, -0.5], Mask: [1, 0, 0, 1]);
        var value = Elbo.Evaluate([layer], [noise], settings, x: [2, 3], labels: [0]);
        var (first, last) = (Elbo.Sigma(-1, 1e-7), Elbo.Sigma(-4, 1e-7));
        Near.Check("logits", [2 * 0.1 - 2 * first * 1 + 0.5, 3 * 0.4 - 3 * last * 4 - 0.5], value.Logits, Near.Mixed(1e-14));
        Near.Check("KL", NormalKl.Of(0.1, first, 0.5) + NormalKl.Of(0.4, last, 0.5), value.Kl[0], Near.Mixed(1e-14));
        foreach (var gradient in (double[][])[value.ByMu[0], value.ByRho[0]]) Assert.Equal((0, 0), (gradient[1], gradient[2]));
        // The values at a pruned weight are not used.
        var other = Elbo.Evaluate(
            [layer with { Mu = [0.1, 7, double.NaN, 0.4], Rho = [-1, double.NaN, 9, -4] }], [noise], settings, x: [2, 3], labels: [0]);
        Assert.Equal(value.Loss, other.Loss);
        Assert.Equal(value.ByMu[0], other.ByMu[0]);
        Assert.Equal(value.ByRho[0], other.ByRho[0]);
    }

    /// <summary>A net with the same weights and no mask differs only in the gradients of those that are frozen.</summary>
    [Fact]
    public void A_frozen_weight_is_a_constant()
    {
        var random = new Random(5);
        DefinitionLayer[] whole = [.. ((LayerShape[])[new(3, 4), new(4, 2)]).Select(shape => Layer(random, shape, false, masked: false))];
        DefinitionLayer[] frozen = [.. whole.Select((layer, l) => layer with
        {
            Mask = [.. layer.Mu.Select((_, w) => (byte)((w + l) % 2))],
            FreezesPruned = true,
        })];
        var (settings, x) = (new ElboSettings(1, 0, 0, 1), Normals(random, 15));
        int[] labels = [0, 1, 1, 0, 1];
        var (expected, found) = (Elbo.Evaluate(whole, [], settings, x, labels), Elbo.Evaluate(frozen, [], settings, x, labels));
        Assert.Equal(expected.Logits, found.Logits);
        for (var l = 0; l < whole.Length; l++)
        {
            Assert.Equal(expected.ByBias[l], found.ByBias[l]);
            Assert.Equal(expected.ByMu[l].Select((gradient, w) => (w + l) % 2 == 0 ? 0 : gradient), found.ByMu[l]);
        }
        var flipout = frozen[0] with { Rho = new double[12] };
        Assert.Throws<ArgumentException>(() => Elbo.Evaluate([flipout, frozen[1]], [], settings, x, labels));
    }

    [Fact]
    public void An_all_kept_mask_changes_nothing()
    {
        var random = new Random(3);
        var shape = new LayerShape(4, 3);
        var layer = Layer(random, shape, flipout: true, masked: false);
        var (noise, settings, x) = (Noise(random, shape, 2), new ElboSettings(1, 1e-7, 1, 20), Normals(random, 8));
        var whole = Elbo.Evaluate([layer], [noise], settings, x, [0, 2]);
        var masked = Elbo.Evaluate([layer with { Mask = [.. Enumerable.Repeat((byte)1, 12)] }], [noise], settings, x, [0, 2]);
        Assert.Equal(whole.Loss, masked.Loss);
        Assert.Equal(whole.ByRho[0], masked.ByRho[0]);
    }

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

    private static void Check(bool flipout, bool masked) => Nets.Sample(net =>
    {
        var random = new Random((int)(net.Seed % int.MaxValue));
        var layers = net.Sizes.Zip(net.Sizes.Skip(1), (inputs, outputs) => Layer(random, new LayerShape(inputs, outputs), flipout, masked))
            .ToArray();
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

    [Fact]
    public void Lengths_that_do_not_fit_are_refused()
    {
        var (shape, settings) = (new LayerShape(2, 2), new ElboSettings(1, 0, 0, 1));
        var layer = new DefinitionLayer(shape, [1, 2, 3, 4], Rho: [1, 2, 3, 4], Bias: [0, 0]);
        var noise = new LayerNoise([1, 2, 3, 4], [1, 1], [1, 1]);
        Elbo.Evaluate([layer], [noise], settings, [1, 2], [1]);
        foreach (var (wrong, drawn, x, labels) in ((DefinitionLayer, LayerNoise, double[], int[])[])[
            (layer with { Mu = [1] }, noise, [1, 2], [1]), (layer with { Rho = [1] }, noise, [1, 2], [1]),
                (layer with { Mask = [1] }, noise, [1, 2], [1]),
            (layer with { Bias = [1] }, noise, [1, 2], [1]), (layer, noise with { Epsilon = [1] }, [1, 2], [1]),
                (layer, noise with { InputSigns = [] }, [1, 2], [1]),
            (layer, noise, [1], [1]), (layer, noise, [1, 2], [2]), (layer, noise, [1, 2], [-1])])
            Assert.Throws<ArgumentException>(() => Elbo.Evaluate([wrong], [drawn], settings, x, labels));
        Assert.Throws<ArgumentException>(() =>
            Elbo.Evaluate([layer, layer with { Shape = new LayerShape(4, 1) }], [], settings, [1, 2], [0]));
    }

    /// <summary>Whether a hidden unit is so near 0 that a difference would step over the ReLU's corner.</summary>
    private static bool NearKink(DefinitionLayer[] layers, LayerNoise[] noise, ElboSettings settings, double[] x, int batch) =>
        Enumerable.Range(1, layers.Length - 1).Any(count =>
        {
            var value = Elbo.Evaluate(layers[..count], noise.Length > 0 ? noise[..count] : noise, settings, x, new int[batch]);
            return value.Logits.Any(h => Math.Abs(h) < FromKink);
        });

    private static DefinitionLayer Layer(Random random, LayerShape shape, bool flipout, bool masked)
    {
        var mask = !masked ? null : Enumerable.Range(0, shape.Weights).Select(_ => (byte)random.Next(2)).ToArray();
        var rho = flipout ? Normals(random, shape.Weights).Select(z => 2 * z - 1).ToArray() : null;
        return new DefinitionLayer(shape, Normals(random, shape.Weights), rho, Normals(random, shape.Outputs), mask);
    }

    private static LayerNoise Noise(Random random, LayerShape shape, int batch) =>
        new(Normals(random, shape.Weights), Signs(random, batch * shape.Inputs), Signs(random, batch * shape.Outputs));

    private static double[] Normals(Random random, int count) =>
        [.. Enumerable.Range(0, count).Select(_ =>
            Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble()))];

    private static double[] Signs(Random random, int count) => [.. Enumerable.Range(0, count).Select(_ => random.Next(2) * 2.0 - 1)];
}
