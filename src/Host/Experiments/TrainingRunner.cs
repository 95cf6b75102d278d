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
/// <param name="checkpointEvery">Time after which a training's state is kept again, in case that the process ends.</param>
public sealed class TrainingRunner(
    ResultsStore store, Dataset data, ITrainingEngine engine, MaskSource maskOf, TimeSpan checkpointEvery, TimeProvider clock) : ITrainer
{
    private readonly SourceCheck _sources = new(store);

    public Result<bool> IsDone(Training training)
    {
        var folder = store.Training(training.Key);
        return IsDone(training, folder).Map(done =>
        {
            if (done) folder.Tidy();
            return done;
        });
    }

    public Result<IDisposable?> TryClaim(Training training)
    {
        var folder = store.Training(training.Key);
        return Disk.Write(folder.Path, folder.TryClaim, RunAgain);
    }

    /// <summary>Trains, or reuses the results if another process has trained it in the meantime.</summary>
    public Result<TrainingState> Run(Training training, TrainingProgress progress, CancellationToken stop)
    {
        var folder = store.Training(training.Key);
        try
        {
            return IsDone(training, folder).Bind(done => done ? TrainingState.Reused : Train(training, folder, progress, stop));
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
            return Disk.Unwritable(folder.Path, e, RunAgain);
        }
    }

    private const string RunAgain = $"{Disk.CheckRightsAndSpace}, then run the same command again";

    private Result<bool> IsDone(Training training, TrainingFolder folder) => folder.Matches(training).Bind<bool>(done =>
        done && training.Cell.Mask is not null && folder.ReadResult() is Result<StoredResult>.Ok(var result)
            && _sources.Of(folder, result) is { } wrong
            ? wrong
            : done);

    private Result<TrainingState> Train(Training training, TrainingFolder folder, TrainingProgress progress, CancellationToken stop)
    {
        var writer = folder.Write(training);
        var (checkpoint, damaged) = writer.Checkpoints.ReadNewest();
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
        progress.Start(checkpoint?.State.Step ?? 0);
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
        var split = Split.Create(training.Seed, data.Train.Count, cell.Validation);
        var start = Initialisation.Posterior(training.Seed, cell.Net);
        var snapshots = new SnapshotTaker(
            training.KeepsSnapshots ? SnapshotTaker.StepsOf(training.Steps) : [], from?.Snapshots ?? []);
        var checkpoints = new CheckpointWriter(writer.Checkpoints, snapshots, checkpointEvery, clock, fault =>
        {
            log.Warning("{Fault}", fault.Describe());
            progress.Note(fault);
        });
        double? klFactor = training.Kind.IsBayesian() ? cell.KlWeight / split.Train.Length : null;
        using var stepper = Stepper(training, start, mask, klFactor);
        return TrainingLoop.Run(
            stepper, engine.Evaluate, Loop(training, klFactor), data, split, [progress, new LogWriter(log), snapshots, checkpoints], stop,
            from?.State).Map(outcome =>
        {
            if (stepper is IBayesianStepper bayesian)
            {
                writer.Write(mask, start, bayesian.Posterior());
                if (snapshots.Moments.Count > 0) writer.WriteSnapshots(snapshots.Taken);
            }
            else
            {
                writer.Write(mask ?? Mask.All(cell.Net), start.Means(), outcome);
            }
            var steps = training.Steps - (from?.State.Step ?? 0);
            return Finish(training, writer, found with { Mask = mask ?? Mask.All(cell.Net) }, outcome, started, steps, log);
        });
    }

    private IStepper Stepper(Training training, PosteriorSnapshot start, Mask? mask, double? klFactor)
    {
        var cell = training.Cell;
        if (klFactor is not { } factor)
            return engine.Ordinary(new OrdinarySetup(start.Means(), mask, cell.Optimizer, cell.Batch), data.Train);
        var setup = new BayesianSetup(
            start,
            cell.Optimizer,
            cell.Batch,
            factor,
            cell.PriorScale,
            LayerPosterior.ScaleEpsilon,
            new NoiseSource.OfSeed(training.Seed),
            mask);
        return engine.Bayesian(setup, data.Train);
    }

    private static LoopSettings Loop(Training training, double? klFactor)
    {
        var cell = training.Cell;
        var settings = new LoopSettings(training.Name, cell.Net, training.Seed, training.Steps, cell.Batch, cell.EvalEvery, klFactor);
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
        writer.Finish(record, outcome.Rows, provenance, found.ScoredFrom);
        log.Information(
            "done: test accuracy {Last} at the last step, {EarlyStop} at the early stop (step {Step})",
            record.TestAccuracyLast, record.TestAccuracyEarlyStop, record.EarlyStopStep);
        return TrainingState.Trained;
    }
}
