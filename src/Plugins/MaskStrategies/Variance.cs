using Bnn.Contract;
using Bnn.Core;

namespace MaskStrategies;

/// <summary>
/// σ²: keeps the weights that the posterior is most certain of. The criterion of the blog post that this project reproduces.
/// </summary>
[MaskStrategy("variance", "posterior variance σ²: keeps the most certain weights", Keep.Lowest, Needs = Needs.Posterior,
    Group = "bayesian", Formula = "σ²", Reference = "the blog post that this project reproduces")]
public sealed class Variance : IMaskStrategy
{
    public void Score(in LayerView layer, Span<double> criterion)
    {
        for (var i = 0; i < criterion.Length; i++) criterion[i] = (double)layer.Sigma[i] * layer.Sigma[i];
    }
}
