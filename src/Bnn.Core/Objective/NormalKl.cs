namespace Bnn.Core;

/// <summary>KL divergence from N(μ, σ²) to the prior N(0, s₀²), in nats, and its derivatives: the definition, in double.</summary>
public static class NormalKl
{
    /// <summary>ln(s₀/σ) + (σ² + μ²)/(2s₀²) − ½.</summary>
    public static double Of(double mu, double sigma, double priorScale) =>
        Math.Log(priorScale / sigma) + (sigma * sigma + mu * mu) / (2 * priorScale * priorScale) - 0.5;

    /// <summary>∂KL/∂μ = μ/s₀².</summary>
    public static double ByMu(double mu, double priorScale) => mu / (priorScale * priorScale);

    /// <summary>∂KL/∂σ = σ/s₀² − 1/σ.</summary>
    public static double BySigma(double sigma, double priorScale) => sigma / (priorScale * priorScale) - 1 / sigma;
}
