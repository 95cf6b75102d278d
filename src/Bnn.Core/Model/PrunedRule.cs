using System.Collections.Immutable;
using System.Diagnostics;

namespace Bnn.Core;

/// <summary>What value a pruned weight has. It never changes while the net trains.</summary>
/// <remarks>Zhou et al. 2019, arXiv:1905.01067.</remarks>
public enum PrunedRule
{
    /// <summary>+0.</summary>
    Zero,

    /// <summary>Its initial value.</summary>
    Freeze,

    /// <summary>+0 if training had moved it towards 0 when it was pruned, else its initial value.</summary>
    TowardsZero,
}

/// <summary>The rules' names in settings and files, and what they do.</summary>
public static class PrunedRules
{
    public static string Name(this PrunedRule rule) => rule switch
    {
        PrunedRule.Zero => "zero",
        PrunedRule.Freeze => "freeze",
        PrunedRule.TowardsZero => "towards-zero",
        _ => throw new UnreachableException(),
    };

    /// <summary>
    /// Which pruned weights are frozen under <see cref="PrunedRule.TowardsZero"/> after a round: per layer 1 where a weight stays at its
    /// initial value, 0 where it is 0 or not pruned, [inputs, outputs]. A weight that the round pruned is frozen unless |final| &lt;
    /// |initial|; what was decided for weights pruned before is kept.
    /// </summary>
    /// <param name="decided">The decisions after the round before; null before the first round.</param>
    /// <param name="previous">The mask before the round; null for the whole net.</param>
    /// <param name="mask">The mask after the round.</param>
    /// <param name="initial">Initial weights, or means, of the net that the round's mask was found from.</param>
    /// <param name="final">Its final weights, or means.</param>
    public static ImmutableArray<byte[]> Decide(
        IReadOnlyList<byte[]>? decided, Mask? previous, Mask mask, PointWeights initial, PointWeights final) =>
        [.. mask.Layers.Select((layer, l) =>
        {
            var frozen = new byte[layer.Kept.Length];
            for (var i = 0; i < frozen.Length; i++)
            {
                if (layer.Kept[i] != 0) continue;
                frozen[i] = previous is not null && previous.Layers[l].Kept[i] == 0
                    ? decided?[l][i] ?? throw new ArgumentException("weights were pruned before, but nothing was decided", nameof(decided))
                    : (byte)(Math.Abs(final.Layers[l].Weight[i]) < Math.Abs(initial.Layers[l].Weight[i]) ? 0 : 1);
            }
            return frozen;
        })];

    /// <summary>Weights with the rule's values where the mask prunes; kept weights and biases are unchanged.</summary>
    /// <param name="rule">What value pruned weights have.</param>
    /// <param name="weights">The net's weights; their values where the mask prunes don't matter.</param>
    /// <param name="mask">Which weights are kept.</param>
    /// <param name="initial">The initial weights of the whole net.</param>
    /// <param name="decided">What <see cref="Decide"/> gave; needed under <see cref="PrunedRule.TowardsZero"/> alone.</param>
    /// <exception cref="ArgumentException">The decisions are missing.</exception>
    public static PointWeights Apply(
        this PrunedRule rule, PointWeights weights, Mask mask, PointWeights initial, IReadOnlyList<byte[]>? decided = null)
    {
        if (rule == PrunedRule.TowardsZero && decided is null)
            throw new ArgumentException("towards-zero needs what was decided when weights were pruned", nameof(decided));
        return new PointWeights([.. weights.Layers.Select((layer, l) => layer with
        {
            Weight = [.. layer.Weight.Select((weight, i) => (mask.Layers[l].Kept[i], rule) switch
            {
                (not 0, _) => weight,
                (_, PrunedRule.Zero) => 0f,
                (_, PrunedRule.Freeze) => initial.Layers[l].Weight[i],
                (_, PrunedRule.TowardsZero) => decided![l][i] != 0 ? initial.Layers[l].Weight[i] : 0f,
                _ => throw new UnreachableException(),
            })],
        })]);
    }
}
