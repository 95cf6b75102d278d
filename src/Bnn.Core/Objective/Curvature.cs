namespace Bnn.Core;

/// <summary>Second derivatives by differences of gradients.</summary>
public static class Curvature
{
    /// <summary>
    /// The difference's step as a fraction of the weights' norm: small enough to cross few of the ReLU's corners,
    /// large enough for float32.
    /// </summary>
    public const double RelativeStep = 1e-3;

    /// <summary>H·g ≈ (∇L(w + t·g) − ∇L(w − t·g))/(2t), t = 10⁻³·‖w‖/‖g‖; 0 where the gradient is 0.</summary>
    /// <param name="weights">w.</param>
    /// <param name="gradient">g = ∇L(w).</param>
    /// <param name="gradientAt">∇L.</param>
    public static PointWeights TimesGradient(PointWeights weights, PointWeights gradient, Func<PointWeights, PointWeights> gradientAt)
    {
        var size = Norm(gradient);
        if (size == 0) return Combine(weights, weights, (_, _) => 0f);
        var t = RelativeStep * Norm(weights) / size;
        var ahead = gradientAt(Combine(weights, gradient, (w, g) => (float)(w + t * g)));
        var behind = gradientAt(Combine(weights, gradient, (w, g) => (float)(w - t * g)));
        return Combine(ahead, behind, (a, b) => (float)(((double)a - b) / (2 * t)));
    }

    private static double Norm(PointWeights weights) =>
        Math.Sqrt(weights.Layers.Sum(layer => layer.Weight.Sum(w => (double)w * w) + layer.Bias.Sum(b => (double)b * b)));

    private static PointWeights Combine(PointWeights a, PointWeights b, Func<float, float, float> combine) =>
        new([.. a.Layers.Zip(b.Layers, (x, y) => x with
        {
            Weight = [.. x.Weight.Zip(y.Weight, combine)],
            Bias = [.. x.Bias.Zip(y.Bias, combine)],
        })]);
}
