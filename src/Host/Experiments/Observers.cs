using System.Collections.Immutable;
using Bnn.Core;
using Bnn.Store;
using Serilog;

namespace Host.Experiments;

/// <summary>Writes each evaluation to the training's log.</summary>
public sealed class LogWriter(ILogger log) : ITrainingObserver
{
    private const string Line = "step {Step}: train loss {Loss}, validation NLL {Nll}, accuracy {Accuracy}";

    public void Evaluated(MetricsRow row, LoopMoment now) =>
        log.Information(Line, row.Step, row.TrainLoss, row.ValidationNll, row.ValidationAccuracy);
}

/// <summary>Keeps the posterior at some steps of a Bayesian training.</summary>
/// <param name="before">Those that were taken before the training was interrupted.</param>
public sealed class SnapshotTaker(
    IReadOnlyCollection<int> steps, ImmutableArray<(int Step, PosteriorSnapshot Posterior)> before) : ITrainingObserver
{
    public IReadOnlyCollection<int> Moments => steps;

    public List<(int Step, PosteriorSnapshot Posterior)> Taken { get; } = [.. before];

    public void Reached(LoopMoment moment)
    {
        // A training that continues from here reaches this moment again.
        if (Taken.Count == 0 || Taken[^1].Step < moment.Step) Taken.Add((moment.Step, moment.Posterior()!));
    }
}

/// <summary>Keeps the weights at some steps of an ordinary training.</summary>
/// <param name="before">Those that were taken before the training was interrupted.</param>
public sealed class WeightsTaker(
    Architecture net, IReadOnlyCollection<int> steps, ImmutableArray<(int Step, PointWeights Weights)> before) : ITrainingObserver
{
    public IReadOnlyCollection<int> Moments => steps;

    public List<(int Step, PointWeights Weights)> Taken { get; } = [.. before];

    public void Reached(LoopMoment moment)
    {
        if (Taken.Count > 0 && Taken[^1].Step >= moment.Step) return;
        var tensors = moment.State().Stepper.Tensors.ToDictionary(tensor => tensor.Name, tensor => tensor.Floats, StringComparer.Ordinal);
        Taken.Add((moment.Step, new PointWeights([.. net.Layers.Select((shape, l) =>
            new LayerWeights(shape, tensors[TensorNames.Weight(l)]!, tensors[TensorNames.Bias(l)]!))])));
    }
}

/// <summary>Calls something once a training has reached a step.</summary>
public sealed class Until(int step, Action reached) : ITrainingObserver
{
    public IReadOnlyCollection<int> Moments => [step];

    public void Reached(LoopMoment moment) => reached();
}

/// <summary>Keeps a training's state every now and then, and when it is stopped.</summary>
/// <param name="noticed">Told what prevents that; the training goes on.</param>
public sealed class CheckpointWriter(
    CheckpointFiles files, SnapshotTaker snapshots, WeightsTaker weights, TimeSpan every, TimeProvider clock,
    Action<Fault> noticed) : ITrainingObserver
{
    private long _kept = clock.GetTimestamp();
    private int? _step;

    public bool WantsPause => clock.GetElapsedTime(_kept) >= every;

    public void Paused(LoopMoment now)
    {
        try
        {
            if (now.Step > (_step ?? 0)) files.Write(new Checkpoint(now.State(), [.. snapshots.Taken]) { Weights = [.. weights.Taken] });
        }
        catch (Exception e) when (Disk.IsAtFault(e))
        {
            noticed(Disk.Unwritable(files.Folder, e));
        }
        (_kept, _step) = (clock.GetTimestamp(), now.Step);
    }
}
