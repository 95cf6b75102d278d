using Bnn.Contract;
using Bnn.Core;

namespace MaskStrategies;

/// <summary>|w₀|·√(mean of x²), at the start.</summary>
/// <remarks><inheritdoc cref="ActivityCriterion" path="/remarks"/></remarks>
[MaskStrategy("wanda", "|weight| · root mean square of its input, at the start", Keep.Highest, Needs = Needs.InputActivity,
    Group = "gradient", Formula = "|w₀|·√(mean of x²)", Reference = "Wanda, Sun et al. 2023, arXiv:2306.11695, here before training")]
public sealed class Wanda : ActivityCriterion
{
    protected override ReadOnlySpan<float> Weights(in LayerView layer) => layer.Start;
}
