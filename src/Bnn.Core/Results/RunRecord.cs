using System.Collections.Immutable;

namespace Bnn.Core;

/// <summary>What a finished training came to; the numbers of result.json and of a row of the table. Accuracies are fractions, NLL is in nats.</summary>
/// <param name="Kept">Weights kept per layer, biases not counted.</param>
/// <param name="Total">Weights per layer.</param>
public sealed record RunRecord(
    RunKey Key, ImmutableArray<int> Kept, ImmutableArray<int> Total,
    int? EarlyStopStep, double? TestAccuracyEarlyStop, double? TestNllEarlyStop, double TestAccuracyLast, double TestNllLast)
{
    public static RunRecord Of(RunKey key, Mask mask, TrainingOutcome outcome) => new(
        key, [.. mask.Layers.Select(layer => layer.KeptCount)], [.. mask.Layers.Select(layer => layer.Kept.Length)],
        outcome.EarlyStopStep, outcome.TestAtEarlyStop?.Accuracy, outcome.TestAtEarlyStop?.Nll, outcome.TestAtLast.Accuracy, outcome.TestAtLast.Nll);

    public int KeptCount => Kept.Sum();

    public int TotalCount => Total.Sum();

    /// <summary>Kept share of the weights.</summary>
    public double Density => (double)KeptCount / TotalCount;
}
