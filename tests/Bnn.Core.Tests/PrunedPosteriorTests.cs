using System.Collections.Immutable;
using Bnn.Core;

namespace Bnn.Tests;

/// <summary>The posterior itself as a pruned net.</summary>
public sealed class PrunedPosteriorTests
{
    private static readonly LayerShape Shape = new(50, 2);
    private static readonly Seed Seed = new(20261127);

    /// <summary>
    /// Weight w has mean w, and σ grows with w: at first slower than the mean and then faster, so that the two ranks keep different
    /// weights, and neither the last ones.
    /// </summary>
    private static readonly PosteriorSnapshot Posterior = new([new LayerPosterior(
        Shape, [.. Enumerable.Range(0, 100).Select(w => (float)w)], [.. Enumerable.Range(0, 100).Select(w => -10 + w / 20f)],
        [0.25f, -1])]);

    [Fact]
    public void Each_rank_keeps_its_best_weights_over_all_layers()
    {
        var sigma = Posterior.Layers[0].Sigma();
        foreach (var density in PrunedPosterior.Densities)
        {
            var count = (int)(100 * density.Value);
            Assert.Equal(
                Enumerable.Range(0, 100).OrderByDescending(w => w / (double)sigma[w]).Take(count).Order(),
                Kept(PosteriorRank.Snr, density));
            Assert.Equal(Enumerable.Range(0, count), Kept(PosteriorRank.Variance, density));
        }

        static IEnumerable<int> Kept(PosteriorRank rank, Density density) =>
            PrunedPosterior.MaskOf(Posterior, rank, density).Layers[0].Kept.Index()
                .Where(pair => pair.Item != 0).Select(pair => pair.Index);
    }

    [Fact]
    public void Every_form_evaluates_the_weights_that_it_says()
    {
        var seen = new List<PointWeights>();
        var accuracies = PrunedPosterior.Accuracies(Posterior, 0.5, Seed, weights =>
        {
            seen.Add(weights);
            return [1, 0, 0, 1];
        }, [0, 0], StoredNetwork.OneAfterAnother);
        Assert.Equal(PrunedPosterior.Points.Length, accuracies.Count);
        Assert.All(accuracies.Values, accuracy => Assert.Equal(0.5, accuracy));
        var passes = PrunedPosterior.Densities.Length * 2;
        Assert.Equal(passes * (1 + 2 * PrunedPosterior.DrawCount), seen.Count);
        Assert.All(seen, weights => Assert.Equal(Posterior.Layers[0].Bias, weights.Layers[0].Bias));

        var half = PrunedPosterior.MaskOf(Posterior, PosteriorRank.Snr, PrunedPosterior.Densities[0]).Layers[0].Kept;
        var drawn = new PosteriorSampler(Posterior, null).Draw(Seed, 1).Layers[0].Weight;
        var stream = Seed.Stream(StreamName.PosteriorSamples, 0);
        for (var w = 0; w < 100; w++)
        {
            var isKept = half[w] != 0;
            // The first pass is of the means at 50 % by snr; the first draws of zero and prior follow those of the means.
            Assert.Equal(isKept ? w : 0, seen[0].Layers[0].Weight[w]);
            var (zero, prior) = (seen[passes].Layers[0].Weight[w], seen[passes + 1].Layers[0].Weight[w]);
            Assert.Equal(isKept ? drawn[w] : 0, zero);
            Assert.Equal(isKept ? drawn[w] : 0.5f * NormalDraws.At(stream, 1, NormalDraws.NumberOf(w / 2, w % 2, 2)), prior);
        }
    }

    [Fact]
    public void Predictions_are_means_of_probabilities_over_draws_and_not_votes()
    {
        // Nine draws are for class 0 by a little, one is for class 1 by much: the mean probability is for class 1.
        var calls = 0;
        var passes = PrunedPosterior.Densities.Length * 2;
        var accuracies = PrunedPosterior.Accuracies(Posterior, 1, Seed, _ =>
        {
            var draw = (calls++ - passes) / (2 * passes);
            return draw == 3 ? [0f, 100f] : [0.1f, 0];
        }, [1], StoredNetwork.OneAfterAnother);
        Assert.Equal(1, accuracies[new PrunedPoint(PosteriorRank.Snr, PrunedPosterior.Densities[2], PrunedForm.Zero)]);
        Assert.Equal(0, accuracies[new PrunedPoint(PosteriorRank.Snr, PrunedPosterior.Densities[2], PrunedForm.Mean)]);
    }

    [Fact]
    public void A_claim_about_pruning_reads_the_error_that_zeros_add_to_the_means()
    {
        var density = PrunedPosterior.Densities[3];
        var point = new PrunedPoint(PosteriorRank.Snr, density, PrunedForm.Mean);
        var name = Measures.OfPrunedPosterior.Single(measure => measure.Point == point).Name;
        Assert.Equal("test_accuracy_pruned_snr_5_mean", name);
        var record = new TrainingRecord(new TrainingKey("0123456789ab"), [9], [9], ImmutableDictionary<string, double>.Empty
            .Add(Measures.TestAccuracyLast.Name, 0.98).Add(name, 0.97));
        Assert.Equal(0.01, ClaimMeasures.Of(record, ClaimMeasures.TestErrorOfPruning, density)!.Value, 12);
        Assert.Null(ClaimMeasures.Of(record, ClaimMeasures.TestErrorOfPruning, PrunedPosterior.Densities[4]));
        Assert.Null(ClaimMeasures.Of(record, ClaimMeasures.TestErrorOfPruning, null));
        Assert.Equal(0.98, ClaimMeasures.Of(record, Measures.TestAccuracyLast, density));
    }
}
