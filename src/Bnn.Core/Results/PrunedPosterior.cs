using System.Collections.Immutable;
using System.Diagnostics;

namespace Bnn.Core;

/// <summary>What a posterior's weights are ranked by, over all layers together.</summary>
public enum PosteriorRank
{
    /// <summary>|μ|/σ, the highest kept.</summary>
    Snr,

    /// <summary>σ², the lowest kept.</summary>
    Variance,
}

/// <summary>What stands in the place of pruned weights, and how the net is evaluated.</summary>
public enum PrunedForm
{
    /// <summary>0, and kept weights at their means: one pass.</summary>
    Mean,

    /// <summary>0, and kept weights drawn: the mean prediction of the draws.</summary>
    Zero,

    /// <summary>The prior, μ = 0 and σ = s₀, from which they are drawn as kept weights are from their posterior.</summary>
    Prior,
}

/// <summary>One way of cutting a posterior that isn't trained again.</summary>
public sealed record PrunedPoint(PosteriorRank Rank, Density Density, PrunedForm Form)
{
    /// <summary>"snr", "variance".</summary>
    public string RankName => Rank.ToString().ToLowerInvariant();

    /// <summary>"mean", "zero", "prior".</summary>
    public string FormName => Form.ToString().ToLowerInvariant();

    /// <summary>The share of weights kept in per cent, without a sign.</summary>
    public string Percent => SettingText.Whole((int)(100 * Density.Value));
}

/// <summary>
/// The posterior itself as a pruned net: a Bayesian net after training, some of whose weights are taken away, and nothing trained again.
/// Weights are ranked over all layers together; biases stay.
/// </summary>
/// <remarks>Blundell et al. 2015, arXiv:1505.05424, section 5.1: by |μ|/σ, removed weights at 0.</remarks>
public static class PrunedPosterior
{
    /// <summary>How many draws of all weights a mean prediction is of.</summary>
    public const int DrawCount = 10;

    /// <summary>Shares of weights kept.</summary>
    public static ImmutableArray<Density> Densities { get; } = [
        .. new[] { 0.5m, 0.25m, 0.1m, 0.05m, 0.02m, 0.01m }
            .Select(share => Density.Create(share).Match(density => density, _ => throw new UnreachableException()))];

    /// <summary>Every combination, by rank, then by density, then by form.</summary>
    public static ImmutableArray<PrunedPoint> Points { get; } = [
        .. from rank in Enum.GetValues<PosteriorRank>()
           from density in Densities
           from form in Enum.GetValues<PrunedForm>()
           select new PrunedPoint(rank, density, form)];

    /// <summary>The weights that are kept.</summary>
    public static Mask MaskOf(PosteriorSnapshot posterior, PosteriorRank rank, Density density)
    {
        var net = new Architecture([posterior.Layers[0].Shape.Inputs, .. posterior.Layers.Select(layer => layer.Shape.Outputs)]);
        return MaskSelection.AtDensity(
            net, [.. posterior.Layers.Select(layer => Score(layer, rank))],
            rank == PosteriorRank.Snr ? Keep.Highest : Keep.Lowest, density, MaskScope.Global);
    }

    private static double[] Score(LayerPosterior layer, PosteriorRank rank)
    {
        var sigma = layer.Sigma();
        return rank == PosteriorRank.Snr
            ? [.. layer.Mu.Select((mu, w) => Math.Abs((double)mu) / sigma[w])]
            : [.. sigma.Select(scale => (double)scale * scale)];
    }

    /// <summary>
    /// Test accuracies of a whole Bayesian net, for each of <see cref="Points"/>. Every mask and form sees the same draws: ε of a pruned
    /// weight's own draw is also that from the prior.
    /// </summary>
    /// <param name="posterior">After the last step.</param>
    /// <param name="priorScale">s₀.</param>
    /// <param name="seed">The training's, whose stream <see cref="StreamName.PosteriorSamples"/> is drawn from.</param>
    /// <param name="logits">[images, classes] of an ordinary net with some weights.</param>
    /// <param name="labels">The images' classes.</param>
    /// <param name="pieces">Does the points' forward passes; each point's draws are added in their order, whatever it does.</param>
    public static ImmutableDictionary<PrunedPoint, double> Accuracies(
        PosteriorSnapshot posterior, double priorScale, Seed seed, Func<PointWeights, float[]> logits, int[] labels, Pieces pieces)
    {
        var classes = posterior.Layers[^1].Shape.Outputs;
        var masks = Points.Select(point => (point.Rank, point.Density)).Distinct()
            .ToDictionary(cut => cut, cut => MaskOf(posterior, cut.Rank, cut.Density));
        var accuracies = new double[Points.Length];
        var (means, sampled) = (IndicesOf(form => form == PrunedForm.Mean), IndicesOf(form => form != PrunedForm.Mean));
        pieces(means.Length, piece =>
        {
            var weights = posterior.Means().Masked(MaskAt(Points[means[piece]]));
            accuracies[means[piece]] = Classification.Accuracy(Probabilities(weights), labels);
        });
        double[][] sums = [.. sampled.Select(_ => new double[labels.Length * classes])];
        var sampler = new PosteriorSampler(posterior, mask: null);
        for (var number = 1; number <= DrawCount; number++)
        {
            var (drawn, prior) = (sampler.Draw(seed, number), sampler.DrawPrior(seed, number, priorScale));
            pieces(sampled.Length, piece =>
            {
                var (point, sum) = (Points[sampled[piece]], sums[piece]);
                var values = Probabilities(Join(drawn, prior, MaskAt(point), point.Form));
                for (var i = 0; i < sum.Length; i++) sum[i] += values[i];
            });
        }
        for (var piece = 0; piece < sampled.Length; piece++) accuracies[sampled[piece]] = Classification.Accuracy(sums[piece], labels);
        return Points.Zip(accuracies).ToImmutableDictionary(pair => pair.First, pair => pair.Second);

        int[] IndicesOf(Func<PrunedForm, bool> isAsked) =>
            [.. Enumerable.Range(0, Points.Length).Where(index => isAsked(Points[index].Form))];

        Mask MaskAt(PrunedPoint point) => masks[(point.Rank, point.Density)];

        double[] Probabilities(PointWeights weights)
        {
            double[] values = Array.ConvertAll(logits(weights), logit => (double)logit);
            for (var row = 0; row < labels.Length; row++)
            {
                var own = values.AsSpan(row * classes, classes);
                CrossEntropy.Softmax(own, own);
            }
            return values;
        }
    }

    /// <summary>Kept weights as drawn from the posterior, the others at 0 or as drawn from the prior.</summary>
    private static PointWeights Join(PointWeights drawn, PointWeights prior, Mask mask, PrunedForm form) => form == PrunedForm.Zero
        ? drawn.Masked(mask)
        : new PointWeights([.. drawn.Layers.Select((layer, l) => layer with
        {
            Weight = [.. layer.Weight.Select((weight, w) => mask.Layers[l].Kept[w] != 0 ? weight : prior.Layers[l].Weight[w])],
        })]);
}
