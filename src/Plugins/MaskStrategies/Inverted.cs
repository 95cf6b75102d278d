using Bnn.Contract;
using Bnn.Core;

namespace MaskStrategies;

/// <summary>−c of another strategy: keeps what it would prune first. If the criterion matters, this does worse than random.</summary>
/// <remarks>
/// Zhou et al. 2019, arXiv:1905.01067, compare "small final" with "large final" in this way; Frankle et al. 2021, arXiv:2009.08576, invert
/// the criteria that prune before training.
/// </remarks>
[MaskStrategy("inverted", "another strategy reversed: keeps what it would prune first", Keep.Highest,
    Group = "control", Formula = "−c", Reference = "Frankle et al. 2021, arXiv:2009.08576")]
public sealed class Inverted : IMaskStrategy
{
    [StrategyParameter("of", "the strategy to reverse", Default = "variance", IsStrategy = true)]
    public string Of { get; set; } = "variance";

    public void Score(in LayerView layer, Span<double> criterion)
    {
        for (var i = 0; i < criterion.Length; i++) criterion[i] = -layer.Other[i];
    }
}
