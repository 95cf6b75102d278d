using System.Collections.Concurrent;
using System.Collections.Immutable;
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
    /// The finished tickets whose results lack one. What can't be read is left: the report says what is damaged.
    /// </summary>
    public ImmutableArray<Training> Lacking(IEnumerable<Training> trainings) =>
        [.. trainings.Where(training => training.Kind == TrainingKind.Ticket && Lacking(training) is not null)];

    /// <summary>Writes measures.json for trainings that lack one, several at a time.</summary>
    /// <returns>What prevented it.</returns>
    public ImmutableArray<Fault> Complete(ImmutableArray<Training> trainings, int jobs, CancellationToken stop)
    {
        var faults = new ConcurrentQueue<Fault>();
        var options = new ParallelOptions { MaxDegreeOfParallelism = jobs, CancellationToken = stop };
        Parallel.ForEach(trainings, options, training =>
        {
            if (Complete(training) is Result<bool>.Failed failed)
                foreach (var fault in failed.Faults) faults.Enqueue(fault);
        });
        return [.. faults.Distinct()];
    }

    private StoredResult? Lacking(Training training)
    {
        var folder = store.Training(training.Key);
        return folder.IsDone && folder.ReadResult() is Result<StoredResult>.Ok(var stored)
            && stored.Record[Measures.TestAccuracyUntrained] is null
            && folder.ReadMeasures(stored) is Result<Later>.Ok({ IsEmpty: true })
            ? stored
            : null;
    }

    private Result<bool> Complete(Training training)
    {
        var folder = store.Training(training.Key);
        if (Lacking(training) is not { } stored) return false;
        if (folder.ReadWeights(training.Cell.Net) is not Result<WeightsFile>.Ok(var weights)) return false;
        try
        {
            var accuracy = engine.Evaluate(weights.Initial, data.Test).Accuracy;
            return Disk.Write(folder.Path, () => folder.WriteMeasures(
                stored, [(Measures.TestAccuracyUntrained, accuracy)], [TrainingFolder.WeightsName]));
        }
        catch (EngineException e)
        {
            return new Fault.EngineUnavailable(
                engine.Name,
                $"can't measure {training.Name}: {Disk.Reason(e)}",
                "its training isn't affected; run the same command again, with fewer jobs if memory ran out");
        }
    }
}
