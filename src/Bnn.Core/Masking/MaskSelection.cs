using System.Collections.Immutable;

namespace Bnn.Core;

/// <summary>From criterion to mask: exact counts, ties by index. Strategies score; this decides.</summary>
public static class MaskSelection
{
    /// <summary>How many of n weights are pruned at a rate: floor(rate·n + ½), in double.</summary>
    public static int PrunedCount(double rate, int n) => (int)Math.Floor(rate * n + 0.5);

    /// <summary>The rate at which each layer is pruned under a scope that ranks each layer by itself.</summary>
    public static ImmutableArray<double> Rates(Density density, MaskScope scope, int layers) => Rates(density.Sparsity, scope, layers);

    internal static ImmutableArray<double> Rates(decimal rate, MaskScope scope, int layers) => scope switch
    {
        MaskScope.Layerwise => [.. Enumerable.Repeat((double)rate, layers)],
        MaskScope.Paper => [.. Enumerable.Repeat((double)rate, layers - 1), (double)(rate / 2)],
        _ => throw new ArgumentException("global ranks all layers together and has no rate a layer", nameof(scope)),
    };

    /// <summary>
    /// The mask of a density: per layer or over all layers, exactly floor(rate·n + ½) of the n weights are pruned, those whose criterion is
    /// worst, lower flat index first on ties.
    /// </summary>
    /// <param name="criterion">Raw criterion per layer, [inputs, outputs], no NaN.</param>
    public static Mask AtDensity(Architecture net, IReadOnlyList<double[]> criterion, Keep keep, Density density, MaskScope scope)
    {
        if (scope != MaskScope.Global)
            return AtRates(net, criterion, keep, Rates(density, scope, net.Layers.Length), previous: null);
        return Globally(net, criterion, keep, (double)density.Sparsity, previous: null);
    }

    /// <summary>
    /// Prunes each layer alone, at its own rate. If <paramref name="previous"/> is given, only weights that it keeps are ranked and
    /// counted: what was pruned stays pruned.
    /// </summary>
    public static Mask AtRates(
        Architecture net, IReadOnlyList<double[]> criterion, Keep keep, IReadOnlyList<double> rates, Mask? previous) =>
        new([.. net.Layers.Select((shape, l) =>
        {
            var kept = Start(shape, previous, l);
            Prune(WorstLowest(criterion[l], keep), kept, PrunedCount(rates[l], kept.Sum(k => k)));
            return new LayerMask(shape, kept);
        })]);

    /// <summary>Prunes all layers together at one rate; the flat index runs through the layers in order.</summary>
    public static Mask Globally(Architecture net, IReadOnlyList<double[]> criterion, Keep keep, double rate, Mask? previous) =>
        Together(net, criterion, keep, previous, left => PrunedCount(rate, left));

    /// <summary>
    /// The mask of a round: prunes a share of the weights that <paramref name="previous"/> leaves, at the rates of
    /// <see cref="Rounds.Rates"/>. What was pruned stays pruned.
    /// </summary>
    /// <param name="criterion">
    /// Raw criterion per layer, [inputs, outputs]. Only its values at weights that are left count, and none of them is NaN; at pruned ones
    /// it may be anything, NaN and infinities included.
    /// </param>
    /// <param name="previous">The mask after the round before; null before the first.</param>
    public static Mask NextRound(
        Architecture net, IReadOnlyList<double[]> criterion, Keep keep, MaskScope scope, RoundRate perRound, Mask? previous)
    {
        var rates = Rounds.Rates(net, scope, perRound);
        return scope == MaskScope.Global
            ? Globally(net, criterion, keep, rates[0], previous)
            : AtRates(net, criterion, keep, rates, previous);
    }

    /// <summary>
    /// Keeps <paramref name="keptTotal"/> weights, ranked over all layers together: as many as some rounds under the global scope leave.
    /// </summary>
    /// <param name="criterion">Raw criterion per layer, [inputs, outputs], no NaN.</param>
    /// <exception cref="ArgumentOutOfRangeException">The net has fewer weights, or the count is negative.</exception>
    public static Mask WithTotal(Architecture net, IReadOnlyList<double[]> criterion, Keep keep, int keptTotal)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(keptTotal);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(keptTotal, net.Weights);
        return Together(net, criterion, keep, previous: null, left => left - keptTotal);
    }

    /// <summary>Ranks all weights that are left together and prunes as many of them as <paramref name="pruned"/> gives.</summary>
    private static Mask Together(
        Architecture net, IReadOnlyList<double[]> criterion, Keep keep, Mask? previous, Func<int, int> pruned)
    {
        var all = criterion.SelectMany(values => values).ToArray();
        var kept = net.Layers.SelectMany((shape, l) => Start(shape, previous, l)).ToArray();
        Prune(WorstLowest(all, keep), kept, pruned(kept.Sum(k => k)));
        var offset = 0;
        return new Mask([.. net.Layers.Select(shape =>
        {
            var layer = kept[offset..(offset + shape.Weights)];
            offset += shape.Weights;
            return new LayerMask(shape, layer);
        })]);
    }

    /// <summary>
    /// The post's own rule: criteria at or below the threshold (lowest kept) or at or above it (highest kept) are kept, in all layers
    /// alike.
    /// </summary>
    public static Mask AtThreshold(Architecture net, IReadOnlyList<double[]> criterion, Keep keep, double threshold) =>
        new([.. net.Layers.Select((shape, l) => new LayerMask(shape,
            [.. criterion[l].Select(value => (byte)(keep == Keep.Lowest ? value <= threshold ? 1 : 0 : value >= threshold ? 1 : 0))]))]);

    /// <summary>
    /// Keeps given numbers of weights per layer: those of another mask, which is how strategies are compared when a threshold chose the
    /// counts, or those that rounds leave (<see cref="Rounds.KeptCounts"/>).
    /// </summary>
    public static Mask WithCounts(Architecture net, IReadOnlyList<double[]> criterion, Keep keep, IReadOnlyList<int> keptCounts) =>
        new([.. net.Layers.Select((shape, l) =>
        {
            var kept = Start(shape, previous: null, l);
            Prune(WorstLowest(criterion[l], keep), kept, shape.Weights - keptCounts[l]);
            return new LayerMask(shape, kept);
        })]);

    private static byte[] Start(LayerShape shape, Mask? previous, int layer)
    {
        if (previous is not null) return [.. previous.Layers[layer].Kept];
        var kept = new byte[shape.Weights];
        kept.AsSpan().Fill(1);
        return kept;
    }

    /// <summary>
    /// Clears <paramref name="count"/> of the kept weights: those first in (worst criterion, lower index). Criteria of other weights are
    /// never compared.
    /// </summary>
    private static void Prune(double[] worstIsLowest, byte[] kept, int count)
    {
        var candidates = Enumerable.Range(0, kept.Length).Where(i => kept[i] != 0).ToArray();
        var keys = Array.ConvertAll(candidates, i => (worstIsLowest[i], i));
        Array.Sort(keys, candidates);
        foreach (var i in candidates.AsSpan(0, count)) kept[i] = 0;
    }

    /// <summary>The criterion with its sign chosen so that the lowest is pruned first. −0 and +0 are equal when sorted.</summary>
    private static double[] WorstLowest(double[] criterion, Keep keep) =>
        keep == Keep.Highest ? criterion : Array.ConvertAll(criterion, value => -value);
}
