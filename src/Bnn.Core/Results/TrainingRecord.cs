using System.Collections.Immutable;

namespace Bnn.Core;

/// <summary>The result of a finished training: its mask's counts and its measures. Accuracies are fractions, NLL is in nats.</summary>
/// <param name="Kept">Number of weights kept per layer, biases not counted.</param>
/// <param name="Total">Number of weights per layer.</param>
/// <param name="Values">Values by the measure's name; measures without a value are left out.</param>
public sealed record TrainingRecord(
    TrainingKey Key, ImmutableArray<int> Kept, ImmutableArray<int> Total, ImmutableDictionary<string, double> Values)
{
    public static TrainingRecord Of(TrainingKey key, Mask mask, TrainingOutcome outcome)
    {
        var measured = new MeasuredTraining(outcome, mask.KeptCount == mask.Total ? null : MaskConnectivity.Of(mask));
        return new TrainingRecord(
            key, [.. mask.Layers.Select(layer => layer.KeptCount)], [.. mask.Layers.Select(layer => layer.Kept.Length)],
            Measures.OfOutcome.Select(measure => (measure.Name, Value: measure.Of!(measured))).Where(pair => pair.Value is not null)
                .ToImmutableDictionary(pair => pair.Name, pair => pair.Value!.Value, StringComparer.Ordinal));
    }

    /// <summary>The record with what its mask leaves connected, for one that was written before that was counted.</summary>
    public TrainingRecord WithConnectivity(MaskConnectivity connectivity) => this with
    {
        Values = Values
            .SetItem(Measures.LivingUnits.Name, connectivity.LivingUnits)
            .SetItem(Measures.ConnectedClasses.Name, connectivity.ConnectedClasses),
    };

    /// <summary>The record with what its rows tell.</summary>
    public TrainingRecord WithRows(ImmutableArray<MetricsRow> rows) => this with
    {
        Values = Values.SetItems(
            from measure in Measures.All
            let value = measure.OfRows?.Invoke(rows)
            where value is not null
            select KeyValuePair.Create(measure.Name, value.Value)),
    };

    /// <summary>The record with what it took to find its mask.</summary>
    public TrainingRecord WithFinding(FindingCost cost) => this with
    {
        Values = Values.SetItems(
            from measure in Measures.All
            where measure.OfFinding is not null
            select KeyValuePair.Create(measure.Name, measure.OfFinding!(cost))),
    };

    /// <summary>The name of the second data set that measures of it are beside; null for none.</summary>
    public string? SecondSet { get; init; }

    /// <summary>The record with measures that were computed from its tensors, by name, where it has none of its own.</summary>
    public TrainingRecord WithStored(IReadOnlyDictionary<string, double?> stored) => this with
    {
        Values = Values.AddRange(
            from pair in stored
            where pair.Value is not null && !Values.ContainsKey(pair.Key)
            select KeyValuePair.Create(pair.Key, pair.Value!.Value)),
    };

    /// <summary>Null where the training has no such value.</summary>
    public double? this[Measure measure] => Values.TryGetValue(measure.Name, out var value) ? value : null;

    /// <summary>Updates at the early stop; null without validation.</summary>
    public int? EarlyStopStep => (int?)this[Measures.EarlyStopStep];

    /// <summary>After the last step, in [0, 1].</summary>
    public double TestAccuracyLast => Values[Measures.TestAccuracyLast.Name];

    /// <summary>In [0, 1]; null without validation.</summary>
    public double? TestAccuracyEarlyStop => this[Measures.TestAccuracyEarlyStop];

    public int KeptCount => Kept.Sum();

    public int TotalCount => Total.Sum();

    /// <summary>The share of the weights that is kept, as counted.</summary>
    public double KeptShare => (double)KeptCount / TotalCount;
}
