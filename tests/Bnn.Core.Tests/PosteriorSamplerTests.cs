using Bnn.Core;

namespace Bnn.Tests;

/// <summary>Draws of all weights from a posterior.</summary>
public sealed class PosteriorSamplerTests
{
    private static readonly LayerShape Shape = new(40, 50);
    private static readonly Seed Seed = new(20240607);

    private static readonly PosteriorSnapshot Posterior = new([new LayerPosterior(
        Shape, [.. Enumerable.Range(0, Shape.Weights).Select(w => w / 1000f)],
        [.. Enumerable.Range(0, Shape.Weights).Select(w => w % 2 == 0 ? -3f : 1f)], [.. Enumerable.Range(0, 50).Select(o => (float)o)])]);

    [Fact]
    public void A_draw_is_mu_plus_sigma_times_the_streams_normals()
    {
        var (layer, weights) = (Posterior.Layers[0], new PosteriorSampler(Posterior, null).Draw(Seed, 3).Layers[0]);
        var (sigma, stream) = (layer.Sigma(), Seed.Stream(StreamName.PosteriorSamples, 0));
        for (var w = 0; w < Shape.Weights; w++)
        {
            var epsilon = NormalDraws.At(stream, 3, NormalDraws.NumberOf(w / 50, w % 50, 50));
            Assert.Equal(layer.Mu[w] + sigma[w] * epsilon, weights.Weight[w]);
        }
        Assert.Equal(layer.Bias, weights.Bias);
        Assert.NotEqual(weights.Weight, new PosteriorSampler(Posterior, null).Draw(Seed, 4).Layers[0].Weight);
        Assert.NotEqual(weights.Weight, new PosteriorSampler(Posterior, null).Draw(new Seed(1), 3).Layers[0].Weight);
    }

    [Fact]
    public void Draws_are_spread_as_sigma_says()
    {
        var (layer, sampler) = (Posterior.Layers[0], new PosteriorSampler(Posterior, null));
        var sigma = layer.Sigma();
        double[] z = [.. Enumerable.Range(1, 20).SelectMany(number => sampler.Draw(Seed, number).Layers[0].Weight
            .Select((weight, w) => (weight - layer.Mu[w]) / (double)sigma[w]))];
        Assert.Equal(0, z.Average(), 4 / Math.Sqrt(z.Length));
        Assert.Equal(1, z.Average(value => value * value), 4 * Math.Sqrt(2.0 / z.Length));
    }

    [Fact]
    public void Pruned_weights_stay_zero_and_kept_ones_are_those_of_the_whole_net()
    {
        var mask = new Mask([new LayerMask(Shape, [.. Enumerable.Range(0, Shape.Weights).Select(w => (byte)(w % 3 == 0 ? 1 : 0))])]);
        var whole = new PosteriorSampler(Posterior, null).Draw(Seed, 1).Layers[0].Weight;
        var masked = new PosteriorSampler(Posterior.Masked(mask), mask).Draw(Seed, 1).Layers[0].Weight;
        for (var w = 0; w < Shape.Weights; w++) Assert.Equal(w % 3 == 0 ? whole[w] : 0, masked[w]);
    }
}
