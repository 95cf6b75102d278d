using Bnn.Core;
using Bnn.Store;

namespace Host.Experiments;

/// <summary>Reads what finished trainings say, with the measures that were added later; several threads may ask at the same time.</summary>
public sealed class TrainingReader(ResultsStore store)
{
    /// <summary>With more kept weights per unit than this, in every layer, nothing is cut off but by intent.</summary>
    private const int FewPerUnit = 10;

    private readonly SourceCheck _sources = new(store);

    /// <summary>A finished training; null if it is damaged.</summary>
    /// <param name="faults">Gets what is damaged.</param>
    public StoredTraining? Read(PlannedTraining training, List<Fault> faults)
    {
        var folder = store.Training(training.Key);
        var read = folder.ReadFinished(training).Bind<StoredTraining>(stored =>
            _sources.Of(folder, stored.Result) is { } wrong ? wrong : stored);
        if (read.ValueOr(faults) is not { } stored) return null;
        var later = folder.ReadMeasures(stored.Result).ValueOr(faults);
        var done = later is null ? stored.Training : stored.Training with { Record = WithStored(stored.Training.Record, later) };
        return stored with { Training = WithConnectivity(done, faults) };
    }

    /// <summary>A record with the measures of measures.json.</summary>
    public static TrainingRecord WithStored(TrainingRecord record, IReadOnlyDictionary<string, StoredMeasure> measures) =>
        record.WithStored(measures.ToDictionary(pair => pair.Key, pair => pair.Value.Value)) with
        {
            SecondSet = measures.Values.Select(measure => measure.Beside).FirstOrDefault(beside => beside is not null) is { } beside
                ? SecondSet.NameOf(beside)
                : null,
        };

    /// <summary>
    /// A masked net's record with what its mask leaves connected. Records that were written before it was counted get it from the mask,
    /// which is read only where few weights are left.
    /// </summary>
    private FinishedTraining WithConnectivity(FinishedTraining done, List<Fault> faults)
    {
        var (record, net) = (done.Record, done.Training.Cell.Net);
        if (done.Training.Kind != TrainingKind.Ticket || record[Measures.ConnectedClasses] is not null) return done;
        if (!record.Kept.Zip(net.Layers).Any(layer => layer.First < FewPerUnit * layer.Second.Outputs)) return done;
        return store.Training(done.Training.Key).ReadWeights(net).ValueOr(faults)?.Mask is { } mask
            ? done with { Record = record.WithConnectivity(MaskConnectivity.Of(mask)) }
            : done;
    }
}
