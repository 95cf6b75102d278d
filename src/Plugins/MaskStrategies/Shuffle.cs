using Bnn.Contract;
using Bnn.Core;

namespace MaskStrategies;

/// <summary>
/// Another strategy's criterion, randomly permuted within each layer: each layer keeps as many weights, but not the same ones. Weights
/// that an earlier round pruned take no part.
/// </summary>
/// <remarks>
/// Layerwise shuffling tests what a mask knows beyond the density of each layer: Frankle et al. 2021, arXiv:2009.08576.
/// </remarks>
[MaskStrategy("shuffle", "another strategy's criterion, shuffled within each layer: the same number per layer, chosen at random",
    Keep.Highest,
    Group = "control", Formula = "c[π(i)], π a random permutation of the layer's kept weights",
    Reference = "Frankle et al. 2021, arXiv:2009.08576")]
public sealed class Shuffle : IMaskStrategy
{
    [StrategyParameter("of", "the strategy whose criterion is shuffled", Default = "variance", IsStrategy = true)]
    public string Of { get; set; } = "variance";

    /// <summary>The Fisher-Yates shuffle of the kept weights' values, from the last to the first.</summary>
    public void Score(in LayerView layer, Span<double> criterion)
    {
        layer.Other.CopyTo(criterion);
        var kept = new List<int>(criterion.Length);
        for (var i = 0; i < criterion.Length; i++) if (layer.Kept[i] != 0) kept.Add(i);
        for (var i = kept.Count - 1; i > 0; i--)
        {
            var j = (int)(layer.Random.Uniform(i) * (i + 1));
            (criterion[kept[i]], criterion[kept[j]]) = (criterion[kept[j]], criterion[kept[i]]);
        }
    }
}
