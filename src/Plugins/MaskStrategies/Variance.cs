using Bnn.Contract;
using Bnn.Core;

namespace MaskStrategies;

/// <summary>σ²: what the posterior is surest of stays. The post's own criterion.</summary>
[MaskStrategy("variance", "posterior variance σ²: the most certain weights stay", Keep.Lowest, Needs = Needs.Posterior,
    Group = "bayesian", Formula = "σ²", Reference = "the post that this project reproduces")]
public sealed class Variance : IMaskStrategy
{
    public void Score(in LayerView layer, Span<double> criterion)
    {
        for (var i = 0; i < criterion.Length; i++) criterion[i] = (double)layer.Sigma[i] * layer.Sigma[i];
    }
}
