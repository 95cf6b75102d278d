using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Runtime.ExceptionServices;
using Bnn.Core;
using Bnn.Store;
using Values = System.Collections.Immutable.ImmutableDictionary<string, Bnn.Store.StoredMeasure>;

namespace Host.Experiments;

/// <summary>
/// Computes the measures that finished trainings lack from the tensors that these left, once for each training and version of a measure, so
/// that a new measure needs no training.
/// </summary>
/// <param name="store">Where the trainings are.</param>
/// <param name="engine">Does the forward passes.</param>
/// <param name="data">What they were trained on.</param>
/// <param name="second">The second data set; null where none is asked about.</param>
public sealed class LaterMeasures(ResultsStore store, ITrainingEngine engine, Dataset data, SecondSet? second)
{
    /// <summary>How long to wait for another process that writes into a training's folder, before looking again.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    /// <summary>
    /// The finished trainings that lack some. Where result.json or measures.json can't be read they are left: the report says what is
    /// damaged. So are those whose tensors were deleted.
    /// </summary>
    public ImmutableArray<Training> Lacking(IEnumerable<Training> trainings) =>
        [.. trainings.Where(training => Lacking(training) is not null)];

    /// <summary>Writes measures.json for trainings that lack some, several at a time.</summary>
    /// <returns>What prevented it, damaged tensors among it; of the disk's refusals only one, since it refuses the others too.</returns>
    /// <exception cref="OperationCanceledException"><paramref name="stop"/> was requested; what is written stays.</exception>
    public ImmutableArray<Fault> Complete(ImmutableArray<Training> trainings, int jobs, CancellationToken stop)
    {
        var faults = new ConcurrentQueue<Fault>();
        // One scheduler for the trainings and for what each consists of, so that together they take no more threads than jobs.
        var scheduler = new ConcurrentExclusiveSchedulerPair(TaskScheduler.Default, jobs).ConcurrentScheduler;
        var options = new ParallelOptions { MaxDegreeOfParallelism = jobs, CancellationToken = stop, TaskScheduler = scheduler };
        Parallel.ForEach(trainings, options, (training, loop) =>
        {
            if (Disk.Write(store.Training(training.Key).Path, () => Complete(training, options)).Bind(done => done)
                is not Result<bool>.Failed failed)
                return;
            foreach (var fault in failed.Faults) faults.Enqueue(fault);
            if (failed.Faults.Any(fault => fault is Fault.Disk)) loop.Stop();
        });
        return [.. faults.Where(fault => fault is not Fault.Disk).Distinct(), .. faults.OfType<Fault.Disk>().Take(1)];
    }

    /// <param name="Stored">What result.json says.</param>
    /// <param name="Known">What measures.json has.</param>
    /// <param name="Measures">What neither has.</param>
    private sealed record Gap(StoredResult Stored, Values Known, ImmutableArray<Measure> Measures);

    private Gap? Lacking(Training training)
    {
        var folder = store.Training(training.Key);
        if (!folder.IsDone || !File.Exists(folder.In(TrainingFolder.TensorsOf(training.Kind)))) return null;
        // What the disk refuses once may be an accident, which no report would tell of.
        return Read(training, folder).Match(gap => gap, _ => Read(training, folder).Match(gap => gap, _ => null));
    }

    private Result<Gap?> Read(Training training, TrainingFolder folder) =>
        folder.ReadResult().Bind(stored => folder.ReadMeasures(stored).Map(known =>
        {
            ImmutableArray<Measure> lacking = [
                .. Measures.FromTensors(training.Kind)
                    .Where(measure => stored.Record[measure] is null && IsLacking(measure, known))];
            return lacking.IsEmpty ? null : new Gap(stored, known, lacking);
        }));

    /// <summary>One beside a second data set is computed anew for another set, and not without one.</summary>
    private bool IsLacking(Measure measure, Values known) => measure.NeedsSecondSet
        ? second is not null && known.GetValueOrDefault(measure.Name)?.Beside != second.Sha256
        : !known.ContainsKey(measure.Name);

    private Result<bool> Complete(Training training, ParallelOptions options)
    {
        var folder = store.Training(training.Key);
        using var lease = Lease(folder, options.CancellationToken);
        // Another process may have been quicker.
        if (Lacking(training) is not { } gap) return false;
        try
        {
            return folder.ReadStored(training.Kind, training.Cell.Net).Map(tensors =>
            {
                var net = new StoredNetwork(training.Seed, tensors, engine, data)
                {
                    PriorScale = training.Cell.Basis.Values.Get(TrainingSettings.PriorScale),
                    Second = second,
                    Pieces = (count, piece) => Each(count, piece, options),
                };
                return folder.WriteMeasures(
                    gap.Stored,
                    gap.Known.SetItems(gap.Measures.Select(measure => KeyValuePair.Create(measure.Name, new StoredMeasure(
                        Number(measure.OfTensors!.Of(net)), measure.Version, measure.NeedsSecondSet ? second!.Sha256 : null)))),
                    [TrainingFolder.TensorsOf(training.Kind)]);
            });
        }
        catch (EngineException e)
        {
            return new Fault.EngineUnavailable(
                engine.Name,
                $"can't measure {training.Name}: {Disk.Reason(e)}",
                "its training isn't affected; run the same command again, with fewer jobs if memory ran out");
        }
    }

    /// <summary>Several pieces at a time; a failure is thrown as it is, and not as one of several.</summary>
    private static void Each(int count, Action<int> piece, ParallelOptions options)
    {
        try
        {
            Parallel.For(0, count, options, piece);
        }
        catch (AggregateException e)
        {
            ExceptionDispatchInfo.Throw(e.Flatten().InnerExceptions[0]);
        }
    }

    /// <summary>The right to write into the folder, once whoever has it has finished.</summary>
    private static Lease Lease(TrainingFolder folder, CancellationToken stop)
    {
        while (true)
        {
            if (folder.TryLease() is { } lease) return lease;
            stop.WaitHandle.WaitOne(Pause);
            stop.ThrowIfCancellationRequested();
        }
    }

    private static double? Number(double? value) => value is { } number && double.IsFinite(number) ? number : null;
}
