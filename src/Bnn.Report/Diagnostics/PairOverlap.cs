using Bnn.Core;

namespace Bnn.Report;

/// <summary>How far two masks agree.</summary>
public sealed record PairOverlap(MaskPair Pair, NetworkOverlap Overlap)
{
    public static PairOverlap Of(MaskPair pair) => new(pair, new NetworkOverlap([.. pair.Layers.Select(layer =>
        MaskOverlap.OfCounts(layer.Weights, layer.First, layer.Second, layer.Both))]));

    /// <summary>The Jaccard index of the intersection expected by chance with as many weights in each layer.</summary>
    public double ByChance => JaccardOf(Overlap.Expected);

    /// <summary>The same if each input also keeps its number of weights.</summary>
    public double ByInputs => JaccardOf(Pair.Layers.Sum(layer => layer.ExpectedByInput));

    /// <summary>The share of the weights kept by the first mask that the second one doesn't keep.</summary>
    public double Replaced => 1 - (double)Overlap.Intersection / Overlap.CountA;

    private double JaccardOf(double intersection) => intersection / (Overlap.CountA + Overlap.CountB - intersection);
}
