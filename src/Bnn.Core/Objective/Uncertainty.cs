namespace Bnn.Core;

/// <summary>How uncertain predictions are, in nats: the definition, in double.</summary>
public static class Uncertainty
{
    /// <summary>−Σ p ln p of each row, with 0 ln 0 = 0.</summary>
    /// <param name="probabilities">[rows, classes].</param>
    /// <param name="classes">Number of classes.</param>
    /// <returns>[rows], each from 0 to ln classes.</returns>
    public static double[] Entropies(ReadOnlySpan<double> probabilities, int classes)
    {
        var entropies = new double[probabilities.Length / classes];
        for (var row = 0; row < entropies.Length; row++)
        {
            foreach (var p in probabilities.Slice(row * classes, classes))
                if (p > 0) entropies[row] -= p * PortableMath.Log(p);
        }
        return entropies;
    }

    /// <summary>
    /// Area under the receiver operating characteristic: the probability that the score of an example from outside of the distribution is
    /// higher than that of one from inside, an equal one counting half. In [0, 1]; ½ tells nothing.
    /// </summary>
    /// <param name="inside">Scores of examples from the distribution that was trained on, at least one, none of them NaN.</param>
    /// <param name="outside">Scores of examples from another one, at least one, none of them NaN.</param>
    /// <exception cref="ArgumentException">No scores, or one that is NaN.</exception>
    /// <remarks>It is the statistic U of Mann and Whitney, divided by the number of pairs.</remarks>
    public static double Auroc(ReadOnlySpan<double> inside, ReadOnlySpan<double> outside)
    {
        if (inside.IsEmpty || HasNaN(inside)) throw new ArgumentException("scores, none of them NaN, are needed", nameof(inside));
        if (outside.IsEmpty || HasNaN(outside)) throw new ArgumentException("scores, none of them NaN, are needed", nameof(outside));
        double[] sorted = [.. inside];
        Array.Sort(sorted);
        var halves = 0L;
        foreach (var score in outside) halves += Below(sorted, score, orEqual: false) + Below(sorted, score, orEqual: true);
        return halves / (2.0 * inside.Length * outside.Length);
    }

    private static bool HasNaN(ReadOnlySpan<double> scores)
    {
        foreach (var score in scores)
            if (double.IsNaN(score)) return true;
        return false;
    }

    /// <summary>How many of the ascending numbers are below a limit.</summary>
    private static int Below(double[] sorted, double limit, bool orEqual)
    {
        var (low, high) = (0, sorted.Length);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (sorted[middle] < limit || (orEqual && sorted[middle] == limit)) low = middle + 1;
            else high = middle;
        }
        return low;
    }
}

/// <summary>
/// What samples of a network's weights predict together: the mean of their probabilities, and how far they disagree. Samples are added one
/// after another, so that not all of them need be kept.
/// </summary>
/// <param name="rows">Number of examples.</param>
/// <param name="classes">Number of classes.</param>
/// <remarks>Houlsby et al. 2011, arXiv:1112.5745 (BALD).</remarks>
public sealed class SampledPredictions(int rows, int classes)
{
    private readonly double[] _probabilities = new double[rows * classes];
    private readonly double[] _entropies = new double[rows];

    /// <summary>Samples added so far.</summary>
    public int Count { get; private set; }

    /// <summary>Adds a sample's probabilities, [rows, classes].</summary>
    /// <exception cref="ArgumentException">Another number of them.</exception>
    public void Add(ReadOnlySpan<double> probabilities)
    {
        if (probabilities.Length != _probabilities.Length)
            throw new ArgumentException($"{probabilities.Length} probabilities, not {rows} × {classes}", nameof(probabilities));
        for (var i = 0; i < _probabilities.Length; i++) _probabilities[i] += probabilities[i];
        var entropies = Uncertainty.Entropies(probabilities, classes);
        for (var row = 0; row < rows; row++) _entropies[row] += entropies[row];
        Count++;
    }

    /// <summary>The mean over samples, [rows, classes].</summary>
    public double[] Probabilities() => Array.ConvertAll(_probabilities, sum => sum / Count);

    /// <summary>The entropy of the mean, [rows], in nats: all uncertainty, whatever it comes from.</summary>
    public double[] PredictiveEntropy() => Uncertainty.Entropies(Probabilities(), classes);

    /// <summary>The mean of the samples' entropies, [rows], in nats: what would be left if the weights were known.</summary>
    public double[] ExpectedEntropy() => Array.ConvertAll(_entropies, sum => sum / Count);

    /// <summary>
    /// Predictive minus expected entropy, [rows], in nats, no smaller than 0 but for rounding: what the label would tell of the weights.
    /// </summary>
    public double[] MutualInformation() => [.. PredictiveEntropy().Zip(ExpectedEntropy(), (all, rest) => all - rest)];
}
