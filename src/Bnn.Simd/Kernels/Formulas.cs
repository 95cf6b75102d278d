using Bnn.Core;

namespace Bnn.Simd;

/// <summary>
/// What a step does to one number, in the order of operations that defines the bits. <see cref="ScalarKernels"/> apply it to one number
/// after another; the same methods are compiled for graphics processors, so they use nothing but arithmetic.
/// </summary>
public static class Formulas
{
    private const float Smallest = (float)OptimizerDefinition.Smallest;

    /// <summary>ReLU. NaN stays NaN, so that divergence stays visible.</summary>
    public static float Rectify(float h) => h <= 0 ? 0f : h;

    /// <summary>Numbers below 10⁻³⁰ in size become +0 (<see cref="OptimizerDefinition.Smallest"/>).</summary>
    public static float Flush(float value) => Math.Abs(value) < Smallest ? 0f : value;

    /// <summary>A step of Adam in Keras' form (<see cref="Optimizer.Adam"/>) from the gradient <paramref name="g"/>.</summary>
    /// <param name="stepSize">α of the step.</param>
    public static void Adam(
        float stepSize, float oneMinusBeta1, float oneMinusBeta2, float epsilon, float g, ref float p, ref float m, ref float v)
    {
        m = Fma(oneMinusBeta1, g - m, m);
        v = Fma(oneMinusBeta2, Fma(g, g, -v), v);
        p -= stepSize * m / (float.Sqrt(v) + epsilon);
    }

    /// <summary>A step of gradient descent.</summary>
    public static void Descend(float stepSize, float g, ref float p) => p = Fma(-stepSize, g, p);

    /// <summary>∂loss/∂μ = byMu + c·μ/s₀².</summary>
    /// <param name="byPrior">c/s₀² (<see cref="KlRule"/>).</param>
    public static float GradientOfMu(float byPrior, float byMu, float mu) => Fma(byPrior, mu, byMu);

    /// <summary>∂loss/∂ρ = (byDelta·ε + c·(σ/s₀² − 1/σ)) · dσ/dρ.</summary>
    /// <param name="byPrior">c/s₀² (<see cref="KlRule"/>).</param>
    /// <param name="factor">c.</param>
    public static float GradientOfRho(float byPrior, float factor, float byDelta, float epsilon, float sigma, float slope) =>
        Fma(byDelta, epsilon, Fma(byPrior, sigma, -(factor / sigma))) * slope;

    /// <summary>
    /// Adds a weight to a lane's part of the KL. ln Πσ = ln of the mantissas' product + ln 2 · the exponents' sum: one logarithm for up to
    /// 64 scales.
    /// </summary>
    /// <param name="product">1 before the first.</param>
    /// <param name="exponents">0 before the first, as is <paramref name="squares"/>, Σ μ² + σ².</param>
    public static void AddToKl(ref float product, ref float exponents, ref float squares, float sigma, float mu)
    {
        var bits = BitConverter.SingleToInt32Bits(sigma);
        product *= BitConverter.Int32BitsToSingle((bits & 0x007FFFFF) | 0x3F800000);
        exponents += (bits >> 23) - 127;
        squares = Fma(sigma, sigma, Fma(mu, mu, squares));
    }

    /// <summary>A lane's part of the KL, without its constants.</summary>
    /// <param name="halfPrecision">1/(2s₀²).</param>
    public static float Kl(float halfPrecision, float product, float exponents, float squares) =>
        Fma(halfPrecision, squares, -Fma(exponents, PortableMath.Ln2, PortableMath.Log(product)));

    /// <summary>−ln softmax(h)[label]; NaN where the sum isn't finite.</summary>
    /// <param name="sum">Σ exp(h − max).</param>
    /// <param name="logit">h[label].</param>
    public static float CrossEntropy(float sum, float max, float logit) =>
        (BitConverter.SingleToInt32Bits(sum) & 0x7F800000) != 0x7F800000 ? PortableMath.Log(sum) + (max - logit) : float.NaN;

    private static float Fma(float a, float b, float c) => float.FusedMultiplyAdd(a, b, c);
}
