namespace Bnn.Core;

/// <summary>How class probabilities compare with labels: the definition, in double.</summary>
public static class Classification
{
    /// <summary>The class with the largest probability (or logit); on ties the lowest.</summary>
    public static int Predict(ReadOnlySpan<double> scores)
    {
        var best = 0;
        for (var i = 1; i < scores.Length; i++)
            if (scores[i] > scores[best]) best = i;
        return best;
    }

    /// <summary>Share of rows of <paramref name="scores"/>, [rows, classes], whose prediction is their label.</summary>
    public static double Accuracy(ReadOnlySpan<double> scores, ReadOnlySpan<int> labels)
    {
        var classes = scores.Length / labels.Length;
        var right = 0;
        for (var row = 0; row < labels.Length; row++)
            if (Predict(scores.Slice(row * classes, classes)) == labels[row]) right++;
        return (double)right / labels.Length;
    }

    /// <summary>Mean over rows of −ln p[label], without clipping: Infinity where a label had probability 0.</summary>
    public static double Nll(ReadOnlySpan<double> probabilities, ReadOnlySpan<int> labels)
    {
        var classes = probabilities.Length / labels.Length;
        var sum = 0.0;
        for (var row = 0; row < labels.Length; row++) sum -= PortableMath.Log(probabilities[row * classes + labels[row]]);
        return sum / labels.Length;
    }

    /// <summary>Mean over rows of Σ (p[class] − 1{class is the label})², from 0 to 2.</summary>
    /// <remarks>Brier 1950, in his own form, which sums over all classes.</remarks>
    /// <param name="probabilities">[rows, classes].</param>
    /// <param name="labels">The class of each row.</param>
    public static double Brier(ReadOnlySpan<double> probabilities, ReadOnlySpan<int> labels)
    {
        var classes = probabilities.Length / labels.Length;
        var sum = 0.0;
        for (var row = 0; row < labels.Length; row++)
        {
            var own = 0.0;
            for (var c = 0; c < classes; c++)
            {
                var off = probabilities[row * classes + c] - (c == labels[row] ? 1 : 0);
                own += off * off;
            }
            sum += own;
        }
        return sum / labels.Length;
    }
}
