using Bnn.Contract;

namespace MaskStrategies;

/// <summary>|w|·√(mean of x²), where x is the weight's input: how much the weight contributes to its output.</summary>
/// <remarks>
/// Sun et al. 2023, arXiv:2306.11695, prune trained language models with it and rank the weights of each output separately; here the
/// mask's scope decides which weights compete. The root mean square equals their norm over the inputs up to a constant factor.
/// </remarks>
public abstract class ActivityCriterion : IMaskStrategy
{
    /// <summary>The weights to score, [inputs, outputs].</summary>
    protected abstract ReadOnlySpan<float> Weights(in LayerView layer);

    public void Score(in LayerView layer, Span<double> criterion)
    {
        var weights = Weights(layer);
        for (var i = 0; i < criterion.Length; i++) criterion[i] = Math.Abs((double)weights[i]) * layer.InputActivity[i / layer.Outputs];
    }
}
