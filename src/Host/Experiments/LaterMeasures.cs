using Bnn.Core;
using Bnn.Store;
using Later = System.Collections.Immutable.ImmutableDictionary<string, double>;

namespace Host.Experiments;

/// <summary>
/// Computes measures that were added after trainings had been done, from the tensors that these left, so that nothing is trained again.
/// </summary>
public sealed class LaterMeasures(ResultsStore store, ITrainingEngine engine, Dataset data)
{
    /// <summary>
    /// Writes measures.json for each finished ticket whose result lacks one. What can't be read is left: the report says what is damaged.
    /// </summary>
    public void Complete(IEnumerable<Training> trainings, CancellationToken stop)
    {
        foreach (var training in trainings.Where(training => training.Kind == TrainingKind.Ticket))
        {
            stop.ThrowIfCancellationRequested();
            var folder = store.Training(training.Key);
            if (!folder.IsDone || folder.ReadResult() is not Result<StoredResult>.Ok(var stored)) continue;
            if (stored.Record[Measures.TestAccuracyUntrained] is not null) continue;
            if (folder.ReadMeasures(stored) is not Result<Later>.Ok({ IsEmpty: true })) continue;
            if (folder.ReadWeights(training.Cell.Net) is not Result<WeightsFile>.Ok(var weights)) continue;
            var accuracy = engine.Evaluate(weights.Initial, data.Test).Accuracy;
            Disk.Write(folder.Path, () => folder.WriteMeasures(
                stored, [(Measures.TestAccuracyUntrained, accuracy)], [TrainingFolder.WeightsName]));
        }
    }
}
