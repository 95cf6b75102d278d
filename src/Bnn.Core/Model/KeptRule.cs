using System.Diagnostics;

namespace Bnn.Core;

/// <summary>What the weights that a mask keeps start training from.</summary>
/// <remarks>Frankle and Carbin 2018 (rewind, reinit); Zhou et al. 2019, arXiv:1905.01067 (the others).</remarks>
public enum KeptRule
{
    /// <summary>Their initial values.</summary>
    Rewind,

    /// <summary>Values drawn anew from the start's distribution; biases too.</summary>
    Reinit,

    /// <summary>The initial values of the layer's kept weights, in random order.</summary>
    Shuffle,

    /// <summary>As <see cref="Reinit"/>, each with the sign of the weight's own initial value.</summary>
    ReinitSameSign,

    /// <summary>As <see cref="Shuffle"/>, each with the sign of the weight's own initial value.</summary>
    ShuffleSameSign,

    /// <summary>The sign of the initial value times the standard deviation of the distribution that the layer was drawn from.</summary>
    Constant,
}

/// <summary>The rules' names in settings and files, and what they do.</summary>
public static class KeptRules
{
    public static string Name(this KeptRule rule) => rule switch
    {
        KeptRule.Rewind => "rewind",
        KeptRule.Reinit => "reinit",
        KeptRule.Shuffle => "shuffle",
        KeptRule.ReinitSameSign => "reinit-same-sign",
        KeptRule.ShuffleSameSign => "shuffle-same-sign",
        KeptRule.Constant => "constant",
        _ => throw new UnreachableException(),
    };

    /// <summary>
    /// The weights that training starts from: by the rule where the mask keeps, +0 where it prunes. Biases are the initial ones, but drawn
    /// anew under the two reinit rules. An initial value of ±0 counts as positive where signs are kept.
    /// </summary>
    /// <param name="rule">What kept weights start from.</param>
    /// <param name="start">What distribution the initial weights are from.</param>
    /// <param name="seed">Fixes what is drawn anew, alike for all masks, and the order of shuffled values, per layer.</param>
    /// <param name="net">The network.</param>
    /// <param name="mask">Which weights are kept.</param>
    /// <param name="initial">The initial weights of the whole net.</param>
    public static PointWeights Apply(this KeptRule rule, StartRule start, Seed seed, Architecture net, Mask mask, PointWeights initial)
    {
        var redrawn = rule is KeptRule.Reinit or KeptRule.ReinitSameSign ? Initialisation.Redrawn(start, seed, net) : null;
        return new PointWeights([.. net.Layers.Select((shape, l) =>
        {
            var (first, kept) = (initial.Layers[l].Weight, mask.Layers[l].Kept);
            var values = rule switch
            {
                KeptRule.Rewind => first,
                KeptRule.Reinit => redrawn!.Layers[l].Weight,
                KeptRule.ReinitSameSign => WithSigns(redrawn!.Layers[l].Weight, first),
                KeptRule.Shuffle => Shuffled(seed, l, kept, first),
                KeptRule.ShuffleSameSign => WithSigns(Shuffled(seed, l, kept, first), first),
                KeptRule.Constant => Constant(Initialisation.SpreadOf(start, shape), first),
                _ => throw new UnreachableException(),
            };
            return new LayerWeights(
                shape,
                [.. values.Zip(kept, (value, stays) => stays != 0 ? value : 0f)],
                [.. (redrawn ?? initial).Layers[l].Bias]);
        })]);
    }

    /// <summary>
    /// Kept place number j, counted by flat index, gets the value of kept place number order[j], the order being Fisher and Yates'; pruned
    /// places get +0.
    /// </summary>
    private static float[] Shuffled(Seed seed, int layer, byte[] kept, float[] values)
    {
        var places = Enumerable.Range(0, kept.Length).Where(i => kept[i] != 0).ToArray();
        var order = Permutation.Draw(seed.Stream(StreamName.KeptShuffle, layer), step: 0, places.Length);
        var shuffled = new float[values.Length];
        for (var j = 0; j < places.Length; j++) shuffled[places[j]] = values[places[order[j]]];
        return shuffled;
    }

    private static float[] WithSigns(float[] values, float[] signs) =>
        [.. values.Zip(signs, (value, sign) => sign < 0 ? -Math.Abs(value) : Math.Abs(value))];

    private static float[] Constant(float spread, float[] signs) => Array.ConvertAll(signs, sign => sign < 0 ? -spread : spread);
}
