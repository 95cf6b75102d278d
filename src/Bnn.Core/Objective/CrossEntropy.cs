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

    /// <summary>∂/∂logits: softmax(logits) − onehot(label).</summary>
    /// <param name="logits">[classes].</param>
    /// <param name="label">A class.</param>
    /// <param name="gradient">Receives it, [classes].</param>
    /// <exception cref="IndexOutOfRangeException">No such class, or no room for as many.</exception>
    public static void Gradient(ReadOnlySpan<double> logits, int label, Span<double> gradient)
    {
        var (max, sum) = ShiftedSum(logits);
        for (var i = 0; i < logits.Length; i++) gradient[i] = Math.Exp(logits[i] - max) / sum;
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
