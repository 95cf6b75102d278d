using System.Collections.Immutable;
using System.Globalization;
using Bnn.Core;
using Bnn.Store;
using Serilog;
using RuntimeInformation = System.Runtime.InteropServices.RuntimeInformation;

namespace Host.Experiments;

/// <summary>Finds a training's mask: null for a whole net, faults where its strategy failed.</summary>
public delegate Result<Mask?> MaskSource(Training training, CancellationToken stop);

/// <summary>Does one training and stores its results, or finds that it is done already.</summary>
/// <param name="maskOf">Asked once, before the first step.</param>
public sealed class TrainingRunner(
    ResultsStore store, Dataset data, ITrainingEngine engine, MaskSource maskOf, TimeProvider clock) : ITrainer
{
    private const string LogLine = "{Timestamp:HH:mm:ss.fff} {Level:u3} {Message:lj}{NewLine}{Exception}";

    public Result<bool> IsDone(Training training) => store.Training(training.Key).Matches(training);

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
            return folder.Matches(training).Bind(done => done ? TrainingState.Reused : Train(training, folder, progress, stop));
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

    private Result<TrainingState> Train(Training training, TrainingFolder folder, TrainingProgress progress, CancellationToken stop)
    {
        AtomicFile.Write(folder.Config, training.Config);
        File.Delete(folder.Log);
        using var log = new LoggerConfiguration()
            .WriteTo.File(folder.Log, formatProvider: CultureInfo.InvariantCulture, outputTemplate: LogLine)
            .CreateLogger();
        log.Information(
            "{Training}, seed {Seed}, key {Key}, engine {Engine} ({Description})",
            training.Label, training.Seed.Value, training.Key.Value, engine.Name, engine.Description);
        progress.State = TrainingState.Running;
        try
        {
            var result = maskOf(training, stop).Bind(mask => Train(training, mask, folder, progress, log, stop));
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
        Training training, Mask? mask, TrainingFolder folder, TrainingProgress progress, ILogger log, CancellationToken stop)
    {
        var (started, cell) = (clock.GetUtcNow(), training.Cell);
        if (mask is not null)
        {
            var perLayer = mask.Layers.Select(layer => layer.KeptCount);
            log.Information("keeps {Kept} of {Total} weights: {Layers} per layer", mask.KeptCount, mask.Total, perLayer);
        }
        var split = Split.Create(training.Seed, data.Train.Count, cell.Validation);
        var start = Initialisation.Posterior(training.Seed, cell.Net);
        var snapshots = new SnapshotTaker(training.KeepsSnapshots ? SnapshotTaker.StepsOf(training.Steps) : []);
        double? klFactor = training.Kind.IsBayesian() ? cell.KlWeight / split.Train.Length : null;
        using var stepper = Stepper(training, start, mask, klFactor);
        return TrainingLoop.Run(
            stepper, engine.Evaluate, Loop(training, klFactor), data, split, [progress, new LogWriter(log), snapshots], stop).Map(outcome =>
        {
            if (stepper is IBayesianStepper bayesian) Keep(folder, mask, start, bayesian.Posterior(), snapshots);
            else Keep(folder, mask ?? Mask.All(cell.Net), start.Means(), outcome);
            return Finish(training, folder, mask ?? Mask.All(cell.Net), outcome, started, log);
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

    private static void Keep(TrainingFolder folder, Mask? mask, PosteriorSnapshot initial, PosteriorSnapshot final, SnapshotTaker snapshots)
    {
        ImmutableArray<NamedTensor> tensors = [
            .. mask is null ? [] : Tensors.Of(mask),
            .. Tensors.Of(Moment.Initial, mask is null ? initial : initial.Masked(mask)), .. Tensors.Of(Moment.Final, final)];
        AtomicFile.Write(folder.Posterior, stream => Safetensors.Write(stream, tensors));
        if (snapshots.Moments.Count == 0) return;
        ImmutableArray<NamedTensor> taken = [.. snapshots.Taken.SelectMany(taken => Tensors.Of(Moment.After(taken.Step), taken.Posterior))];
        AtomicFile.Write(folder.Snapshots, stream => Safetensors.Write(stream, taken));
    }

    private static void Keep(TrainingFolder folder, Mask mask, PointWeights initial, TrainingOutcome outcome)
    {
        ImmutableArray<NamedTensor> tensors = [
            .. Tensors.Of(mask), .. Tensors.Of(Moment.Initial, initial.Masked(mask)),
            .. outcome.EarlyStop is { } earlyStop ? Tensors.OfEarlyStop(earlyStop) : [], .. Tensors.Of(Moment.Final, outcome.Final)];
        AtomicFile.Write(folder.Weights, stream => Safetensors.Write(stream, tensors));
    }

    private TrainingState Finish(
        Training training, TrainingFolder folder, Mask mask, TrainingOutcome outcome, DateTimeOffset started, ILogger log)
    {
        var record = TrainingRecord.Of(training.Key, mask, outcome);
        var finished = clock.GetUtcNow();
        var version = typeof(TrainingRunner).Assembly.GetName().Version!.ToString(3);
        var plugin = training.Cell.Mask?.Strategy;
        var provenance = new Provenance(
            started,
            finished,
            training.Steps / Math.Max((finished - started).TotalSeconds, 1e-3),
            Environment.MachineName,
            $"host {version}",
            RuntimeInformation.FrameworkDescription,
            $"{engine.Name}: {engine.Description}",
            plugin is null ? null : $"{plugin.Plugin} {plugin.PluginVersion} {plugin.PluginSha256}");
        AtomicFile.Write(folder.Metrics, MetricsFile.Csv(outcome.Rows));
        AtomicFile.Write(folder.Result, ResultFile.Write(record, provenance));
        log.Information(
            "done: test accuracy {Last} at the last step, {EarlyStop} at the early stop (step {Step})",
            record.TestAccuracyLast, record.TestAccuracyEarlyStop, record.EarlyStopStep);
        return TrainingState.Trained;
    }
}
