namespace Bnn.Simd;

/// <summary>The KL's numbers in single precision: c/s₀² and c in the gradient, 1/(2s₀²) in the sum, and ε₀ of σ.</summary>
public readonly struct KlRule(double factor, double priorScale, float scaleEpsilon)
{
    public float ByPrior { get; } = (float)(factor / (priorScale * priorScale));

    public float Factor { get; } = (float)factor;

    public float HalfPrecision { get; } = (float)(0.5 / (priorScale * priorScale));

    public float ScaleEpsilon { get; } = scaleEpsilon;
}
