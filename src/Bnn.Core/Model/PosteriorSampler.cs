namespace Bnn.Core;

/// <summary>
/// Draws all weights of a network from their posterior: w = μ + σ·ε, one ε per weight, from a stream that no training uses. Biases, and
/// pruned weights, are as they are.
/// </summary>
/// <param name="posterior">The weights' distribution.</param>
/// <param name="mask">Which weights exist: σ is 0 at the others; null for all.</param>
public sealed class PosteriorSampler(PosteriorSnapshot posterior, Mask? mask)
{
    private readonly float[][] _sigma = [.. posterior.Layers.Select((layer, l) =>
    {
        var sigma = layer.Sigma();
        if (mask is null) return sigma;
        for (var w = 0; w < sigma.Length; w++)
            if (mask.Layers[l].Kept[w] == 0) sigma[w] = 0;
        return sigma;
    })];

    /// <summary>A draw of all weights: a pure function of posterior, seed and number.</summary>
    /// <param name="seed">Its stream <see cref="StreamName.PosteriorSamples"/> of each layer gives ε, as <see cref="NormalDraws"/> counts.
    /// </param>
    /// <param name="number">The draw's, from 1: the stream's step.</param>
    public PointWeights Draw(Seed seed, int number) => Draw(seed, number, (l, w) => (posterior.Layers[l].Mu[w], _sigma[l][w]));

    /// <summary>A draw with the same ε of every weight from a prior N(0, s₀²); biases are the posterior's.</summary>
    /// <inheritdoc cref="Draw(Seed, int)"/>
    /// <param name="seed">As for <see cref="Draw(Seed, int)"/>.</param>
    /// <param name="number">The draw's, from 1.</param>
    /// <param name="scale">s₀.</param>
    public PointWeights DrawPrior(Seed seed, int number, double scale) => Draw(seed, number, (_, _) => (0, (float)scale));

    private PointWeights Draw(
        Seed seed, int number, Func<int, int, (float Mu, float Sigma)> distributionOf) => new([.. posterior.Layers.Select((layer, l) =>
    {
        var (shape, stream) = (layer.Shape, seed.Stream(StreamName.PosteriorSamples, l));
        var (weight, epsilon) = (new float[shape.Weights], new float[shape.Outputs]);
        for (var i = 0; i < shape.Inputs; i++)
        {
            NormalDraws.FillRow(stream, number, i, epsilon);
            for (var o = 0; o < shape.Outputs; o++)
            {
                var w = i * shape.Outputs + o;
                var (mu, sigma) = distributionOf(l, w);
                weight[w] = mu + sigma * epsilon[o];
            }
        }
        return new LayerWeights(shape, weight, layer.Bias);
    })]);
}
