using Bnn.Contract;
using Bnn.Core;

namespace MaskStrategies;

/// <summary>Another strategy's criterion, dealt out anew at random inside each layer: as many stay in each layer, but others.</summary>
/// <remarks>Layerwise shuffling as a check of what a mask knows beyond its layers' densities: Frankle et al. 2021, arXiv:2009.08576.</remarks>
[MaskStrategy("shuffle", "another strategy's criterion, shuffled inside each layer: its counts, not its choice", Keep.Highest,
    Group = "control", Formula = "c[π(i)], π random, a layer at a time", Reference = "Frankle et al. 2021, arXiv:2009.08576")]
public sealed class Shuffle : IMaskStrategy
{
    [StrategyParameter("of", "the strategy whose criterion is shuffled", Default = "variance", IsStrategy = true)]
    public string Of { get; set; } = "variance";

    /// <summary>Fisher and Yates's shuffle, from the end.</summary>
    public void Score(in LayerView layer, Span<double> criterion)
    {
        layer.Other.CopyTo(criterion);
        for (var i = criterion.Length - 1; i > 0; i--)
        {
            var j = (int)(layer.Random.Uniform(i) * (i + 1));
            (criterion[i], criterion[j]) = (criterion[j], criterion[i]);
        }
    }
}
