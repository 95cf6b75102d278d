using Bnn.Contract;

namespace MaskStrategies;

/// <summary>A criterion computed from one weight's posterior N(μ, σ²) at a time.</summary>
public abstract class PosteriorCriterion : IMaskStrategy
{
    protected abstract double Of(double mu, double sigma);

    public void Score(in LayerView layer, Span<double> criterion)
    {
        for (var i = 0; i < criterion.Length; i++) criterion[i] = Of(layer.Mu[i], layer.Sigma[i]);
    }
}
