using System.Collections.Immutable;
using Bnn.Core;
using Bnn.Store;
using Serilog;
using RuntimeInformation = System.Runtime.InteropServices.RuntimeInformation;

namespace Host.Experiments;

/// <summary>A mask, and what its criterion was computed from.</summary>
/// <param name="Mask">Null for a whole net.</param>
public sealed record FoundMask(Mask? Mask, ImmutableArray<ScoredFile> ScoredFrom)
{
    /// <summary>That of a whole net.</summary>
    public static FoundMask None { get; } = new(null, []);
}

/// <summary>Finds a training's mask; faults where its strategy failed.</summary>
public delegate Result<FoundMask> MaskSource(Training training, CancellationToken stop);

/// <summary>Does one training and stores its results, or finds that it is done already.</summary>
/// <param name="maskOf">Asked once, before the first step.</param>
/// <param name="starts">Gives what trainings start from.</param>
/// <param name="checkpointEvery">Time after which a training's state is kept again, in case that the process ends.</param>
public sealed class TrainingRunner(
    ResultsStore store, Dataset data, ITrainingEngine engine, MaskSource maskOf, Starts starts, TimeSpan checkpointEvery,
    TimeProvider clock) : ITrainer
{
    private readonly SourceCheck _sources = new(store);

    /// <summary>Failures of others that aren't tried again: by default each is, once.</summary>
    public Func<TrainingKey, StoredFailure, bool> Respects { get; init; } = (_, _) => false;

    /// <summary>Whether something was marked as done and wasn't, so that what needs it has failed.</summary>
    public bool HasUnmarked { get; private set; }

    public bool IsUnderWay(Training training) => store.Leases.IsAlive(training.Key.Value);

    public Result<bool> IsDone(Training training)
    {
        var folder = store.Training(training.Key);
        return IsDone(training, folder).Map(done =>
        {
            if (done) folder.Tidy();
            return done;
        });
    }

    public Result<TrainingState> TryRun(Training training, TrainingProgress progress, CancellationToken stop)
    {
        var folder = store.Training(training.Key);
        return Disk.Write(folder.Path, folder.Create, RunAgain).Bind(isNew => TryRun(training, folder, isNew, progress, stop));
    }

    /// <param name="isNew">Whether the folder has just been made: then nobody has done it yet, or failed to.</param>
    private Result<TrainingState> TryRun(
        Training training, TrainingFolder folder, bool isNew, TrainingProgress progress, CancellationToken stop)
    {
        if (!isNew && folder.IsDone && IsDone(training, folder) is Result<bool>.Ok(true))
        {
            // Another has done it, perhaps a host that couldn't mark it.
            folder.MarkDone();
            if (!folder.IsDone) folder.Unmark();            // and deleted it in this moment
            return TrainingState.Reused;
        }
        return Disk.Write<Lease?>(folder.Path, folder.TryLease, RunAgain).Bind(lease =>
        {
            if (lease is null) return TrainingState.Elsewhere;
            using (lease)
            {
                if (!isNew && !folder.IsDoneByNow)
                {
                    if (folder.ReadFailure() is { } failure && Respects(training.Key, failure))
                    {
                        return new Fault.BadRequest(
                            $"{training.Name} failed on {failure.Holder}: {failure.Reason}", "mend that, then start it again");
                    }
                    folder.Unmark();
                }
                var result = Run(training, folder, progress, lease, stop);
                if (result is Result<TrainingState>.Failed(var faults) && !folder.IsDone && !HasLostParents(training)
                    && !faults.Any(fault => fault is Fault.Disk) && lease.IsHeld())
                {
                    WriteFailure(folder, faults);
                }
                return result;
            }
        });
    }

    /// <summary>Whether what it needs isn't there, though it was marked as done: then it is the marks that failed.</summary>
    private bool HasLostParents(Training training)
    {
        var lost = training.Parents.Select(parent => store.Training(parent.Of.Key)).Where(parent => !parent.IsDoneByNow).ToList();
        lost.ForEach(parent => parent.Unmark());
        if (lost.Count > 0) HasUnmarked = true;             // by any thread, for good
        return lost.Count > 0;
    }

    /// <summary>Writes down why a training failed, for others to see; what the disk refuses is told by the failure itself.</summary>
    private void WriteFailure(TrainingFolder folder, ImmutableArray<Fault> faults) => _ = Disk.Write(folder.Path, () =>
    {
        folder.WriteFailure(new StoredFailure(
            string.Join("; ", faults.Select(fault => fault.Describe())), Holder.OfProcess, clock.GetUtcNow()));
        return true;
    });

    /// <summary>Trains, or reuses the results if another process has trained it in the meantime.</summary>
    private Result<TrainingState> Run(
        Training training, TrainingFolder folder, TrainingProgress progress, Lease lease, CancellationToken stop)
    {
        lease.Progress = () => progress.State == TrainingState.Running ? new LeaseProgress(progress.Step, progress.StepsPerSecond) : null;
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(stop, lease.Lost);
        try
        {
            return IsDone(training, folder).Bind(done =>
                done ? TrainingState.Reused : Train(training, folder, progress, lease, ending.Token));
        }
        catch (OperationCanceledException) when (lease.Lost.IsCancellationRequested && !stop.IsCancellationRequested)
        {
            return TrainingState.Elsewhere;
        }
        catch (EngineException e)
        {
            return new Fault.EngineUnavailable(
                engine.Name,
                $"failed in {training.Name}: {Disk.Reason(e)}",
                "if memory ran out, use fewer jobs, a smaller batch or smaller layers");
        }
        catch (Exception e) when (Disk.IsAtFault(e))
        {
            // Who took it over may have tidied away what was being written here.
            _ = lease.IsHeld();
            var fault = Disk.Unwritable(folder.Path, e, RunAgain);
            return lease.Lost.IsCancellationRequested && !fault.TakesNothing ? TrainingState.Elsewhere : fault;
        }
    }

    private const string RunAgain = $"{Disk.CheckRightsAndSpace}, then run the same command again";

    private Result<bool> IsDone(Training training, TrainingFolder folder) => folder.Matches(training).Bind<bool>(done =>
        done && training.Cell.Mask is not null && folder.ReadResult() is Result<StoredResult>.Ok(var result)
            && _sources.Of(folder, result) is { } wrong
            ? wrong
            : done);

    private Result<TrainingState> Train(
        Training training, TrainingFolder folder, TrainingProgress progress, Lease lease, CancellationToken stop)
    {
        if (folder.IsDone && !folder.Missing(training).IsEmpty && LacksMomentsAlone(training, folder))
            return Complete(training, folder, progress, lease, stop);
        var writer = folder.Write(training, lease);
        var (checkpoint, damaged) = writer.Checkpoints.ReadNewest();
        if (checkpoint is not null && Lacking(training, checkpoint) is { } lacking)
        {
            // What is asked for now was not when it was written: only the start has it.
            writer.Checkpoints.Delete();
            progress.Note(new Fault.BadRequest(
                $"{training.Name} starts anew", $"its checkpoint lacks step {lacking}, which is needed now"));
            checkpoint = null;
        }
        using var file = new TrainingLog(folder.Log, continues: checkpoint is not null);
        var log = file.Lines;
        log.Information(
            "{Training}, seed {Seed}, key {Key}, engine {Engine} ({Description})",
            training.Label, training.Seed.Value, training.Key.Value, engine.Name, engine.Description);
        foreach (var fault in damaged)
        {
            log.Warning("{Fault}", fault.Describe());
            progress.Note(fault);
        }
        if (checkpoint is not null) log.Information("continues from step {Step}", checkpoint.State.Step);
        progress.Start(checkpoint?.State.Step ?? training.FirstStep);
        try
        {
            var result = maskOf(training, stop).Bind(mask => Train(training, mask, writer, checkpoint, progress, log, stop));
            if (result is Result<TrainingState>.Failed(var faults))
                foreach (var fault in faults) log.Error("{Fault}", fault.Describe());
            return result;
        }
        catch (OperationCanceledException)
        {
            log.Warning("stopped at step {Step} of {Steps}", progress.Step, training.Steps);
            throw;
        }
    }

    /// <summary>A step that should have been kept before a checkpoint and isn't in it; null if there is none.</summary>
    private static int? Lacking(Training training, Checkpoint checkpoint)
    {
        IEnumerable<int> wanted = [.. SnapshotSteps(training), .. training.KeptSteps];
        var there = checkpoint.Snapshots.Select(taken => taken.Step).Concat(checkpoint.Weights.Select(taken => taken.Step)).ToHashSet();
        foreach (var step in wanted.Order())
            if (step > training.FirstStep && step < checkpoint.State.Step && !there.Contains(step)) return step;
        return null;
    }

    private static ImmutableArray<int> SnapshotSteps(Training training) => training.KeepsSnapshots ? training.SnapshotSteps : [];

    private Result<TrainingState> Train(
        Training training, FoundMask found, TrainingWriter writer, Checkpoint? from, TrainingProgress progress, ILogger log,
        CancellationToken stop)
    {
        var (started, cell, mask) = (clock.GetUtcNow(), training.Cell, found.Mask);
        if (mask is not null)
        {
            var perLayer = mask.Layers.Select(layer => layer.KeptCount);
            log.Information("keeps {Kept} of {Total} weights: {Layers} per layer", mask.KeptCount, mask.Total, perLayer);
        }
        var snapshotSteps = SnapshotSteps(training);
        var isBayesian = training.Kind.IsBayesian();
        var snapshots = new SnapshotTaker(
            isBayesian ? [.. snapshotSteps.Union(training.KeptSteps).Order()] : [], from?.Snapshots ?? []);
        var weights = new WeightsTaker(cell.Net, isBayesian ? [] : training.KeptSteps, from?.Weights ?? []);
        var checkpoints = new CheckpointWriter(writer.Checkpoints, snapshots, weights, checkpointEvery, clock, fault =>
        {
            log.Warning("{Fault}", fault.Describe());
            progress.Note(fault);
        });
        return Run(training, mask, [progress, new LogWriter(log), snapshots, weights, checkpoints], from?.State, stop).Map(run =>
        {
            if (run.Posterior is { } final)
            {
                writer.Write(mask, run.Initial!, final);
                if (snapshotSteps.Length > 0)
                    writer.WriteSnapshots(snapshots.Taken.Where(taken => snapshotSteps.Contains(taken.Step)));
                foreach (var (step, at) in snapshots.Taken.Where(taken => training.KeptSteps.Contains(taken.Step)))
                    writer.WriteAt(step, at);
            }
            else
            {
                writer.Write(mask ?? Mask.All(cell.Net), run.Start!, run.Outcome);
                foreach (var (step, at) in weights.Taken.Where(taken => training.KeptSteps.Contains(taken.Step))) writer.WriteAt(step, at);
            }
            var steps = training.Steps - (from?.State.Step ?? training.FirstStep);
            return Finish(training, writer, found with { Mask = mask ?? Mask.All(cell.Net) }, run.Outcome, started, steps, log);
        });
    }

    /// <summary>A training that has run to its end.</summary>
    /// <param name="Start">What an ordinary net started from; null for a Bayesian one.</param>
    /// <param name="Initial">What a Bayesian net started from; null for an ordinary one.</param>
    /// <param name="Posterior">The distribution of a Bayesian net's weights at the end; null for an ordinary one.</param>
    private sealed record FinishedRun(
        TrainingOutcome Outcome, PointWeights? Start, PosteriorSnapshot? Initial, PosteriorSnapshot? Posterior);

    private Result<FinishedRun> Run(
        Training training, Mask? mask, ImmutableArray<ITrainingObserver> observers, LoopState? from, CancellationToken stop)
    {
        var cell = training.Cell;
        var split = Split.Create(training.Seed, data.Train.Count, cell.Validation);
        if (training.Kind.IsBayesian())
        {
            split = split with { Train = Subset.Of(training.Seed, split.Train, cell.Images) };
            var klFactor = cell.KlWeight / split.Train.Length;
            return starts.Bayesian(training).Bind(start =>
            {
                using var stepper = engine.Bayesian(Setup(training, start, mask, klFactor), data.Train);
                return TrainingLoop.Run(stepper, engine.Evaluate, Loop(training, klFactor, start: null), data, split, observers, stop, from)
                    .Map(outcome => new FinishedRun(outcome, null, start, stepper.Posterior()));
            });
        }
        return starts.Ordinary(training, mask).Bind(start =>
        {
            var setup = new OrdinarySetup(start, mask, cell.Optimizer, cell.Batch)
            {
                FreezesPruned = mask is not null && cell.Pruned != PrunedRule.Zero,
            };
            using var stepper = engine.Ordinary(setup, data.Train);
            var loop = Loop(training, klFactor: null, mask is null ? null : start);
            return TrainingLoop.Run(stepper, engine.Evaluate, loop, data, split, observers, stop, from)
                .Map(outcome => new FinishedRun(outcome, start, null, null));
        });
    }

    /// <summary>Whether what is done is whole but for steps at which it should have been kept.</summary>
    private static bool LacksMomentsAlone(Training training, TrainingFolder folder) =>
        folder.Matches(training.Keeping(training.KeepsSnapshots, [])) is Result<bool>.Ok(true);

    /// <summary>
    /// Trains a finished training again, up to the last step at which it should have been kept and wasn't: the bits are the same.
    /// </summary>
    private Result<TrainingState> Complete(
        Training training, TrainingFolder folder, TrainingProgress progress, Lease lease, CancellationToken stop)
    {
        var steps = folder.Missing(training);
        var isBayesian = training.Kind.IsBayesian();
        var snapshots = new SnapshotTaker(isBayesian ? steps : [], []);
        var weights = new WeightsTaker(training.Cell.Net, isBayesian ? [] : steps, []);
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(stop);
        progress.Start(training.FirstStep);
        return maskOf(training, stop).Bind<TrainingState>(found =>
        {
            try
            {
                var until = new Until(steps[^1], enough.Cancel);
                var run = Run(training, found.Mask, [progress, snapshots, weights, until], from: null, enough.Token);
                if (run is Result<FinishedRun>.Failed(var faults)) return faults;
            }
            catch (OperationCanceledException) when (!stop.IsCancellationRequested)
            {
                // Far enough.
            }
            var writer = folder.Write(training, lease);
            foreach (var (step, at) in snapshots.Taken) writer.WriteAt(step, at);
            foreach (var (step, at) in weights.Taken) writer.WriteAt(step, at);
            return writer.Amend().Map(isHeld => isHeld ? TrainingState.Trained : TrainingState.Elsewhere);
        });
    }

    private static BayesianSetup Setup(Training training, PosteriorSnapshot start, Mask? mask, double klFactor)
    {
        var cell = training.Cell;
        return new BayesianSetup(
            start,
            cell.Optimizer,
            cell.Batch,
            klFactor,
            cell.PriorScale,
            LayerPosterior.ScaleEpsilon,
            new NoiseSource.OfSeed(training.Seed, cell.Noise),
            mask)
        {
            StepsBefore = training.FirstStep,
        };
    }

    /// <param name="start">The weights that a ticket starts from.</param>
    private static LoopSettings Loop(Training training, double? klFactor, PointWeights? start)
    {
        var cell = training.Cell;
        var settings = new LoopSettings(training.Name, cell.Net, training.Seed, training.Steps, cell.Batch, cell.EvalEvery, klFactor)
        {
            FirstStep = training.FirstStep,
            Start = start,
        };
        return klFactor is null || cell.KlWeight <= 1
            ? settings
            : settings with { Hint = $"the KL weight of {cell.KlWeight:R} or the learning rate is the likely cause: try a tenth of them" };
    }

    private TrainingState Finish(
        Training training, TrainingWriter writer, FoundMask found, TrainingOutcome outcome, DateTimeOffset started, int steps, ILogger log)
    {
        var record = TrainingRecord.Of(training.Key, found.Mask!, outcome);
        var finished = clock.GetUtcNow();
        var version = typeof(TrainingRunner).Assembly.GetName().Version!.ToString(3);
        var plugin = training.Cell.Mask?.Strategy;
        var provenance = new Provenance(
            started,
            finished,
            steps / Math.Max((finished - started).TotalSeconds, 1e-3),
            Environment.MachineName,
            $"host {version}",
            RuntimeInformation.FrameworkDescription,
            $"{engine.Name}: {engine.Description}",
            plugin is null ? null : $"{plugin.Plugin} {plugin.PluginVersion} {plugin.PluginSha256}");
        if (!writer.Finish(record, outcome.Rows, provenance, found.ScoredFrom))
        {
            log.Warning("another process has taken it over, since this one seemed to be dead");
            return TrainingState.Elsewhere;
        }
        log.Information(
            "done: test accuracy {Last} at the last step, {EarlyStop} at the early stop (step {Step})",
            record.TestAccuracyLast, record.TestAccuracyEarlyStop, record.EarlyStopStep);
        return TrainingState.Trained;
    }
}
