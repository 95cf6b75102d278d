namespace Bnn.Core;

/// <summary>−ln softmax(logits)[label], in nats: the definition, in double.</summary>
public static class CrossEntropy
{
    /// <summary>ln Σ e^logit − logit[label], shifted by the largest logit, so that no exponential overflows.</summary>
    public static double Of(ReadOnlySpan<double> logits, int label)
    {
        var (max, sum) = ShiftedSum(logits);
        // The logits' difference first: added to a large logit, ln Σ would lose its digits.
        return Math.Log(sum) + (max - logits[label]);
    }

    /// <summary>softmax(logits) = e^logit / Σ e^logit, shifted by the largest logit. Within 4 ulp, or 0 below 1e-307.</summary>
    /// <param name="logits">[classes], finite.</param>
    /// <param name="probabilities">Receives it, [classes].</param>
    /// <exception cref="IndexOutOfRangeException">No room for as many.</exception>
    public static void Softmax(ReadOnlySpan<double> logits, Span<double> probabilities)
    {
        var max = double.NegativeInfinity;
        foreach (var logit in logits) max = Math.Max(max, logit);
        var sum = 0.0;
        for (var i = 0; i < logits.Length; i++) sum += probabilities[i] = PortableMath.Exp(logits[i] - max);
        for (var i = 0; i < logits.Length; i++) probabilities[i] /= sum;
    }

    /// <summary>∂/∂logits: softmax(logits) − onehot(label).</summary>
    /// <param name="logits">[classes].</param>
    /// <param name="label">A class.</param>
    /// <param name="gradient">Receives it, [classes].</param>
    /// <exception cref="IndexOutOfRangeException">No such class, or no room for as many.</exception>
    public static void Gradient(ReadOnlySpan<double> logits, int label, Span<double> gradient)
    {
        Softmax(logits, gradient);
        gradient[label] -= 1;
    }

    private static (double Max, double Sum) ShiftedSum(ReadOnlySpan<double> logits)
    {
        var max = double.NegativeInfinity;
        foreach (var logit in logits) max = Math.Max(max, logit);
        var sum = 0.0;
        foreach (var logit in logits) sum += Math.Exp(logit - max);
        return (max, sum);
    }
}
