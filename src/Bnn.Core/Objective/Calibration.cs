using System.Collections.Immutable;

namespace Bnn.Core;

/// <summary>Which bin a confidence belongs to that lies on the edge of two.</summary>
public enum BinEdges
{
    /// <summary>[i/n, (i+1)/n), the last bin with both edges.</summary>
    LowerClosed,

    /// <summary>(i/n, (i+1)/n], the first bin with both edges.</summary>
    UpperClosed,
}

/// <summary>The rows whose confidence falls into one bin.</summary>
/// <param name="Accuracy">Share that is classified correctly; 0 where there are none.</param>
/// <param name="MeanConfidence">Mean of their confidences; 0 where there are none.</param>
public readonly record struct CalibrationBin(int Count, double Accuracy, double MeanConfidence)
{
    /// <summary>|accuracy − mean confidence|.</summary>
    public double Gap => Math.Abs(Accuracy - MeanConfidence);
}

/// <summary>
/// How far a network's confidence, the probability of the class that it predicts, is from its accuracy: the definition, in double.
/// </summary>
/// <remarks>Guo et al. 2017, arXiv:1706.04599. Their bins are <see cref="BinEdges.UpperClosed"/>.</remarks>
public sealed record Calibration(ImmutableArray<CalibrationBin> Bins)
{
    /// <summary>The number of bins that is usual.</summary>
    public const int UsualBins = 15;

    /// <summary>Expected calibration error: the sum over bins of share of rows · gap, in [0, 1].</summary>
    public double Ece
    {
        get
        {
            var (sum, rows) = (0.0, Bins.Sum(bin => bin.Count));
            foreach (var bin in Bins) sum += (double)bin.Count / rows * bin.Gap;
            return sum;
        }
    }

    /// <summary>Maximum calibration error: the largest gap of a bin that has rows, in [0, 1].</summary>
    public double Mce => Bins.Max(bin => bin.Gap);

    /// <param name="probabilities">[rows, classes].</param>
    /// <param name="labels">The class of each row; at least one row.</param>
    /// <param name="bins">Number of bins of equal width.</param>
    /// <param name="edges">Where a confidence on an edge belongs.</param>
    public static Calibration Of(
        ReadOnlySpan<double> probabilities, ReadOnlySpan<int> labels, int bins = UsualBins, BinEdges edges = BinEdges.LowerClosed)
    {
        var classes = probabilities.Length / labels.Length;
        var (count, right, confidence) = (new int[bins], new int[bins], new double[bins]);
        for (var row = 0; row < labels.Length; row++)
        {
            var own = probabilities.Slice(row * classes, classes);
            var predicted = Classification.Predict(own);
            var bin = BinOf(own[predicted], bins, edges);
            count[bin]++;
            confidence[bin] += own[predicted];
            if (predicted == labels[row]) right[bin]++;
        }
        return new Calibration([.. Enumerable.Range(0, bins).Select(bin => count[bin] == 0
            ? default
            : new CalibrationBin(count[bin], (double)right[bin] / count[bin], confidence[bin] / count[bin]))]);
    }

    /// <summary>The bin, from 0, of a confidence; edge i is the double nearest to i/<paramref name="bins"/>.</summary>
    public static int BinOf(double confidence, int bins, BinEdges edges)
    {
        var bin = bins - 1;
        while (bin > 0 && !(edges == BinEdges.LowerClosed ? confidence >= Edge(bin) : confidence > Edge(bin))) bin--;
        return bin;

        double Edge(int i) => i / (double)bins;
    }
}
