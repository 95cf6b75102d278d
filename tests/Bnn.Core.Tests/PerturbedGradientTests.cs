using Bnn.Core;
using CsCheck;

namespace Bnn.Tests;

/// <summary>The gradient under each perturbation against central differences, and what its draws depend on.</summary>
public sealed class PerturbedGradientTests
{
    private const double H = 1e-5, ScaleEpsilon = 1e-7;
    private static readonly Seed Seed = new(5);
    private static readonly LayerShape[] Shapes = [new(3, 4), new(4, 2)];

    /// <summary>In a net of one layer everything can be computed by hand.</summary>
    [Theory, InlineData(Perturbation.Flipout), InlineData(Perturbation.Shared), InlineData(Perturbation.Independent)]
    public void One_input_and_two_classes(Perturbation perturbation)
    {
        var layer = new DefinitionLayer(new LayerShape(1, 2), [0.3, -0.2], [-1, 0.5], [0.1, 0]);
        var draw = new GradientDraw(Seed, 2, 7);
        double[] x = [2, -1.5];
        int[] labels = [0, 1];
        var expected = new double[2];
        for (var b = 0; b < 2; b++)
        {
            var (h, noise) = (new double[2], Noise(perturbation, draw, b, 0, 1, 2));
            for (var o = 0; o < 2; o++)
                h[o] = x[b] * (layer.Mu[o] + Elbo.Sigma(layer.Rho![o], ScaleEpsilon) * noise[o]) + layer.Bias[o];
            var p = 1 / (1 + Math.Exp(h[1] - h[0]));
            expected[0] += x[b] * (p - (labels[b] == 0 ? 1 : 0)) / 2;
            expected[1] += x[b] * (1 - p - (labels[b] == 1 ? 1 : 0)) / 2;
        }
        Near.Check("∂loss/∂μ", expected, PerturbedGradient.Of([layer], perturbation, draw, ScaleEpsilon, x, labels)[0], Near.Mixed(1e-12));
    }

    [Theory, InlineData(Perturbation.Flipout), InlineData(Perturbation.Shared), InlineData(Perturbation.Independent)]
    public void It_is_the_slope_of_the_loss_at_each_examples_own_weights(Perturbation perturbation)
    {
        var random = new Random(3);
        DefinitionLayer[] layers = [.. Shapes.Select(shape => new DefinitionLayer(
            shape, Numbers(shape.Weights, 1), Numbers(shape.Weights, 0.5), Numbers(shape.Outputs, 0.3)))];
        var draw = new GradientDraw(Seed, 3, 2);
        var (x, labels) = (Numbers(9, 1), new[] { 0, 1, 1 });
        var found = PerturbedGradient.Of(layers, perturbation, draw, ScaleEpsilon, x, labels);
        for (var l = 0; l < layers.Length; l++)
        {
            for (var w = 0; w < Shapes[l].Weights; w++)
            {
                var (up, down) = (Loss(Moved(l, w, H)), Loss(Moved(l, w, -H)));
                Near.Check($"layer {l}, weight {w}", (up - down) / (2 * H), found[l][w], Near.Mixed(1e-7));
            }
        }

        DefinitionLayer[] Moved(int l, int w, double by) => [.. layers.Select((layer, k) => k != l ? layer : layer with
        {
            Mu = [.. layer.Mu.Select((mu, v) => v == w ? mu + by : mu)],
        })];

        double Loss(DefinitionLayer[] net) => Enumerable.Range(0, 3).Average(b =>
        {
            double[] a = x[(3 * b)..(3 * b + 3)];
            for (var l = 0; l < net.Length; l++)
            {
                var (shape, h) = (net[l].Shape, (double[])[.. net[l].Bias]);
                var noise = Noise(perturbation, draw, b, l, shape.Inputs, shape.Outputs);
                for (var i = 0; i < shape.Inputs; i++)
                {
                    for (var o = 0; o < shape.Outputs; o++)
                    {
                        var w = i * shape.Outputs + o;
                        h[o] += a[i] * (net[l].Mu[w] + Elbo.Sigma(net[l].Rho![w], ScaleEpsilon) * noise[w]);
                    }
                }
                a = l == net.Length - 1 ? h : [.. h.Select(value => Math.Max(value, 0))];
            }
            return CrossEntropy.Of(a, labels[b]);
        });

        double[] Numbers(int count, double scale) => [.. Enumerable.Range(0, count).Select(_ => scale * (2 * random.NextDouble() - 1))];
    }

    /// <summary>What multiplies σ in an example's weights.</summary>
    private static double[] Noise(Perturbation perturbation, GradientDraw draw, int example, int layer, int inputs, int outputs)
    {
        var (row, noise) = (new float[outputs], new double[inputs * outputs]);
        var isIndependent = perturbation == Perturbation.Independent;
        var (input, output) = (Signs(StreamName.VarianceInputSigns, inputs), Signs(StreamName.VarianceOutputSigns, outputs));
        for (var i = 0; i < inputs; i++)
        {
            NormalDraws.FillRow(draw.Stream(StreamName.VarianceEpsilon, layer), draw.StepOf(isIndependent ? example : 0), i, row);
            for (var o = 0; o < outputs; o++)
                noise[i * outputs + o] = row[o] * (perturbation == Perturbation.Flipout ? input[i] * output[o] : 1);
        }
        return noise;

        double[] Signs(StreamName name, int columns)
        {
            var words = new uint[SignDraws.WordsPerRow(columns)];
            SignDraws.FillRow(draw.Stream(name, layer), draw.StepOf(example), 0, words);
            return [.. Enumerable.Range(0, columns).Select(column => SignDraws.IsNegative(words, column) ? -1.0 : 1.0)];
        }
    }

    [Fact]
    public void Examples_of_all_sizes_have_steps_of_their_own()
    {
        var steps = Enumerable.Range(1, 60).SelectMany(batch =>
            Enumerable.Range(0, batch).Select(example => new GradientDraw(Seed, batch, 1).StepOf(example))).ToList();
        Assert.Equal(Enumerable.Range(0, steps.Count), steps);
        Assert.InRange(new GradientDraw(Seed, GradientDraw.MostBatch, 1).StepOf(GradientDraw.MostBatch - 1), 0, int.MaxValue);
    }

    [Fact]
    public void Items_are_drawn_with_replacement_and_evenly()
    {
        const int Count = 10, Batch = 20_000;
        var draw = new GradientDraw(Seed, Batch, 3);
        var times = Enumerable.Range(0, Batch).CountBy(example => draw.ItemOf(example, Count)).ToDictionary();
        Assert.Equal(Enumerable.Range(0, Count), times.Keys.Order());
        Assert.All(times.Values, time => Assert.InRange(time, Batch / Count - 200, Batch / Count + 200));      // 4.7 standard deviations
        Assert.NotEqual(
            Enumerable.Range(0, 40).Select(example => draw.ItemOf(example, 1000)),
            Enumerable.Range(0, 40).Select(example => new GradientDraw(Seed, Batch, 4).ItemOf(example, 1000)));
    }

    [Fact]
    public void Distances_are_those_from_the_mean_and_give_the_variance_with_n_less_1() =>
        Gen.Select(Gen.Float[-3, 3].Array[7], Gen.Float[-3, 3].Array[7], Gen.Float[-3, 3].Array[7]).Sample((a, b, c) =>
        {
            float[][] gradients = [a, b, c];
            var distances = GradientSpread.Distances(gradients, 2, 4);
            var expected = Enumerable.Range(2, 4).Average(w =>
            {
                var mean = gradients.Average(gradient => (double)gradient[w]);
                return gradients.Sum(gradient => (gradient[w] - mean) * (gradient[w] - mean)) / 2;
            });
            Near.Check("variance", expected, GradientSpread.Variance(distances), Near.Mixed(1e-13));
        });

    [Fact]
    public void What_does_not_fit_is_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new GradientDraw(Seed, 0, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => new GradientDraw(Seed, GradientDraw.MostBatch + 1, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => new GradientDraw(Seed, 1, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => new GradientDraw(Seed, 1, GradientDraw.MostRepeats + 1));
        var layer = new DefinitionLayer(new LayerShape(1, 2), [0, 0], [0, 0], [0, 0]);
        Assert.Throws<ArgumentException>(() =>
            PerturbedGradient.Of([layer], Perturbation.Shared, new GradientDraw(Seed, 2, 1), 0, [1], [0]));
    }
}
