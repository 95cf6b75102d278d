using Bnn.Contract;
using Bnn.Core;

namespace MaskStrategies;

/// <summary>A uniform number per weight: the control that says what the counts alone are worth.</summary>
[MaskStrategy("random", "a random number per weight: the control", Keep.Highest)]
public sealed class UniformRandom : IMaskStrategy
{
    public void Score(in LayerView layer, Span<double> criterion)
    {
        for (var i = 0; i < criterion.Length; i++) criterion[i] = layer.Random.Uniform(i);
    }
}
