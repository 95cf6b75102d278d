using Bnn.Contract;
using Bnn.Core;

namespace MaskStrategies;

/// <summary>|w|·√(mean of x²), x the weight's input: how much it contributes to its output.</summary>
/// <remarks>
/// Sun et al. 2023, arXiv:2306.11695, who prune trained language models with it and rank the weights of each output alone; here weights compete
/// as the mask's scope says. The root mean square is their norm over the inputs but for a factor common to all.
/// </remarks>
public abstract class ActivityCriterion : IMaskStrategy
{
    protected abstract ReadOnlySpan<float> Weights(in LayerView layer);

    public void Score(in LayerView layer, Span<double> criterion)
    {
        var weights = Weights(layer);
        for (var i = 0; i < criterion.Length; i++) criterion[i] = Math.Abs((double)weights[i]) * layer.InputActivity[i / layer.Outputs];
    }
}

/// <summary>|w₀|·√(mean of x²), at the start.</summary>
/// <remarks><inheritdoc cref="ActivityCriterion" path="/remarks"/></remarks>
[MaskStrategy("wanda", "|weight| · root mean square of its input, at the start", Keep.Highest, Needs = Needs.InputActivity,
    Group = "gradient", Formula = "|w₀|·√(mean of x²)", Reference = "Wanda, Sun et al. 2023, arXiv:2306.11695, here before training")]
public sealed class Wanda : ActivityCriterion
{
    protected override ReadOnlySpan<float> Weights(in LayerView layer) => layer.Start;
}

/// <summary>|μ|·√(mean of x²): the posterior's means, with the inputs' activity at the start.</summary>
/// <remarks><inheritdoc cref="ActivityCriterion" path="/remarks"/></remarks>
[MaskStrategy("wanda-posterior", "|posterior mean| · root mean square of its input at the start",
    Keep.Highest, Needs = Needs.Posterior | Needs.InputActivity,
    Group = "bayesian", Formula = "|μ|·√(mean of x²)", Reference = "after Wanda, Sun et al. 2023, arXiv:2306.11695")]
public sealed class WandaPosterior : ActivityCriterion
{
    protected override ReadOnlySpan<float> Weights(in LayerView layer) => layer.Mu;
}
