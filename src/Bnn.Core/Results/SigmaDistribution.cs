using System.Collections.Immutable;

namespace Bnn.Core;

/// <summary>Where a ticket cut a layer's σ.</summary>
/// <param name="Sigma">The largest σ that it kept in the layer.</param>
public sealed record SigmaCut(string Strategy, CutPoint Cut, double Sigma);

/// <summary>A ticket's mask beside the posterior that it was found from.</summary>
public sealed record MaskedBySigma(string Strategy, CutPoint Cut, Mask Mask);

/// <summary>
/// Posterior σ of one layer at the end of a Bayesian training, as counts in equal bins from <paramref name="Low"/> to
/// <paramref name="High"/>.
/// </summary>
/// <param name="Layer">The layer's number, from 1.</param>
/// <param name="Cuts">The cuts of those tickets that kept exactly the smallest σ of each layer.</param>
public sealed record SigmaDistribution(
    PlannedTraining Training, int Layer, LayerShape Shape, double Low, double High, ImmutableArray<int> Counts, double Mean,
    ImmutableArray<SigmaCut> Cuts)
{
    private const int Bins = 80;

    /// <summary>One distribution for each layer.</summary>
    /// <param name="final">The training's posterior after the last step.</param>
    /// <param name="tickets">Tickets whose masks were found from it; those that don't cut by σ are left out.</param>
    public static ImmutableArray<SigmaDistribution> Of(
        PlannedTraining training, PosteriorSnapshot final, IReadOnlyList<MaskedBySigma> tickets)
    {
        float[][] sigmas = [.. final.Layers.Select(layer => layer.Sigma())];
        var cutting = tickets.Where(ticket => CutsBySigma(sigmas, ticket.Mask)).ToList();
        return [.. final.Layers.Select((layer, l) =>
        {
            var (low, high) = (0.0, (double)sigmas[l].Max());
            var counts = new int[Bins];
            foreach (var value in sigmas[l]) counts[Math.Min(Bins - 1, (int)(value / high * Bins))]++;
            var cuts = cutting.Select(ticket => new SigmaCut(ticket.Strategy, ticket.Cut, Kept(sigmas[l], ticket.Mask.Layers[l]).Largest));
            return new SigmaDistribution(
                training, l + 1, layer.Shape, low, high, [.. counts], sigmas[l].Average(value => (double)value),
                [.. cuts.Where(cut => cut.Sigma > 0)]);
        })];
    }

    /// <summary>Whether in each layer no pruned weight has a smaller σ than a kept one: a line on the σ axis then separates them.</summary>
    private static bool CutsBySigma(float[][] sigmas, Mask mask) =>
        !sigmas.Where((sigma, l) => Kept(sigma, mask.Layers[l]) is var (largest, smallestPruned) && largest > smallestPruned).Any();

    private static (float Largest, float SmallestPruned) Kept(float[] sigma, LayerMask mask)
    {
        var (largest, smallest) = (0f, float.PositiveInfinity);
        for (var i = 0; i < sigma.Length; i++)
            if (mask.Kept[i] != 0) largest = Math.Max(largest, sigma[i]);
            else smallest = Math.Min(smallest, sigma[i]);
        return (largest, smallest);
    }
}
