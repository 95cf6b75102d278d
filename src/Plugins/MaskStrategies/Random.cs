using Bnn.Contract;
using Bnn.Core;

namespace MaskStrategies;

/// <summary>A uniform random number per weight: the control that shows what the number of weights alone achieves.</summary>
[MaskStrategy("random", "a random number per weight: the control", Keep.Highest,
    Group = "control", Formula = "u, uniform in [0, 1)", Reference = "the control of Zhou et al. 2019, arXiv:1905.01067")]
public sealed class Random : IMaskStrategy
{
    public void Score(in LayerView layer, Span<double> criterion)
    {
        for (var i = 0; i < criterion.Length; i++) criterion[i] = layer.Random.Uniform(i);
    }
}
