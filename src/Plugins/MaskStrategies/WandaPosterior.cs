using Bnn.Contract;
using Bnn.Core;

namespace MaskStrategies;

/// <summary>|μ|·√(mean of x²): the posterior means, with the activity of the inputs at the start.</summary>
/// <remarks><inheritdoc cref="ActivityCriterion" path="/remarks"/></remarks>
[MaskStrategy("wanda-posterior", "|posterior mean| · root mean square of its input at the start",
    Keep.Highest, Needs = Needs.Posterior | Needs.InputActivity,
    Group = "bayesian", Formula = "|μ|·√(mean of x²)", Reference = "after Wanda, Sun et al. 2023, arXiv:2306.11695")]
public sealed class WandaPosterior : ActivityCriterion
{
    protected override ReadOnlySpan<float> Weights(in LayerView layer) => layer.Mu;
}
