using System.Collections.Immutable;
using Bnn.Core;
using Bnn.Report;
using Bnn.TF;
using Host.Plugins;
using Host.Store;
using Serilog;
using RuntimeInformation = System.Runtime.InteropServices.RuntimeInformation;

namespace Host.Execution;

/// <summary>Does one training and keeps it, or finds that it is done already.</summary>
public sealed class TrainingRunner(ResultsStore store, Dataset data, ITrainingEngine engine, Scoring scoring, StrategyInputs inputs, TimeProvider clock)
{
    /// <summary>The state it ends in: trained now, or reused.</summary>
    public Result<TrainingState> Run(TrainingSpec training, TrainingProgress progress, CancellationToken stop)
    {
        var folder = store.Run(training.Key);
        try
        {
            using var held = Wait(folder, progress, stop);
            return folder.Matches(training).Bind(done => done ? TrainingState.Reused : Train(training, folder, progress, stop));
        }
        catch (TensorFlowException e)
        {
            return new Fault.EngineUnavailable(engine.Name, $"failed in {training.Label}, seed {training.Seed}: {e.Message.TrimEnd('.')}", "if memory ran out, take fewer --jobs, a smaller --batch or smaller --layers");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return new Fault.Disk(folder.Path, $"can't be written ({e.Message.TrimEnd('.')})", "check its rights and the free space, then run the same command again");
        }
    }

    private static IDisposable Wait(RunFolder folder, TrainingProgress progress, CancellationToken stop)
    {
        for (; ; stop.WaitHandle.WaitOne(TimeSpan.FromMilliseconds(200)))
        {
            stop.ThrowIfCancellationRequested();
            if (folder.TryLock() is { } held) return held;
            progress.State = TrainingState.Locked;
        }
    }

    private Result<TrainingState> Train(TrainingSpec training, RunFolder folder, TrainingProgress progress, CancellationToken stop)
    {
        AtomicFile.Write(folder.Config, training.Config);
        File.Delete(folder.Log);
        using var log = new LoggerConfiguration()
            .WriteTo.File(folder.Log, formatProvider: System.Globalization.CultureInfo.InvariantCulture, outputTemplate: "{Timestamp:HH:mm:ss.fff} {Level:u3} {Message:lj}{NewLine}{Exception}")
            .CreateLogger();
        log.Information("{Training}, seed {Seed}, key {Key}, engine {Engine} ({Description})", training.Label, training.Seed.Value, training.Key.Value, engine.Name, engine.Description);
        progress.State = TrainingState.Running;

        try
        {
            var result = training is TrainingSpec.Bayesian bayesian
                ? TrainBayesian(bayesian, folder, progress, log, stop)
                : TrainOrdinary(training, folder, progress, log, stop);
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

    private Result<TrainingState> TrainBayesian(TrainingSpec.Bayesian training, RunFolder folder, TrainingProgress progress, ILogger log, CancellationToken stop)
    {
        var started = clock.GetUtcNow();
        var split = SplitOf(training);
        var klFactor = training.KlWeight / split.Train.Length;
        var initial = Initialisation.Posterior(training.Seed, training.Shared.Net);
        using var stepper = engine.Bayesian(new BayesianSetup(initial, training.Shared.Optimizer, training.Shared.Batch, klFactor, training.PriorScale,
            LayerPosterior.ScaleEpsilon, new NoiseSource.OfSeed(training.Seed)), data.Train);
        var snapshots = new SnapshotTaker(training.KeepsSnapshots ? SnapshotTaker.StepsOf(training.Steps) : []);
        return TrainingLoop.Run(stepper, engine.Evaluate, Loop(training, klFactor), data, split, [snapshots, progress, new EvaluationLog(log)], stop).Map(outcome =>
        {
            ImmutableArray<NamedTensor> tensors = [.. Tensors.Of("initial", initial), .. Tensors.Of("final", stepper.Posterior())];
            AtomicFile.Write(folder.Posterior, stream => Safetensors.Write(stream, tensors));
            if (training.KeepsSnapshots)
                AtomicFile.Write(folder.Snapshots, stream => Safetensors.Write(stream, [.. snapshots.Taken.SelectMany(taken => Tensors.Of($"{RunFolder.StepPrefix}{taken.Step}", taken.Posterior))]));
            return Finish(training, folder, Mask.All(training.Shared.Net), outcome, started, plugin: null, log);
        });
    }

    private Result<TrainingState> TrainOrdinary(TrainingSpec training, RunFolder folder, TrainingProgress progress, ILogger log, CancellationToken stop)
    {
        var started = clock.GetUtcNow();
        var net = training.Shared.Net;
        var ticket = training as TrainingSpec.Ticket;
        return (ticket is null ? Mask.All(net) : MaskOf(ticket, stop)).Bind(mask =>
        {
            log.Information("keeps {Kept} of {Total} weights: {Layers} per layer", mask.KeptCount, mask.Total, mask.Layers.Select(layer => layer.KeptCount));
            var initial = Initialisation.Posterior(training.Seed, net).Means().Masked(mask);
            using var stepper = engine.Ordinary(
                new OrdinarySetup(initial, ticket is null ? null : mask, training.Shared.Optimizer, training.Shared.Batch), data.Train);
            return TrainingLoop.Run(stepper, engine.Evaluate, Loop(training, klFactor: null), data, SplitOf(training), [progress, new EvaluationLog(log)], stop).Map(outcome =>
            {
                ImmutableArray<NamedTensor> tensors = [.. Tensors.Of(mask), .. Tensors.Of("initial", initial),
                    .. outcome.EarlyStop is { } earlyStop ? Tensors.Of("earlystop", earlyStop) : [], .. Tensors.Of("final", outcome.Final)];
                AtomicFile.Write(folder.Weights, stream => Safetensors.Write(stream, tensors));
                return Finish(training, folder, mask, outcome, started, ticket?.Strategy, log);
            });
        });
    }

    private Split SplitOf(TrainingSpec training) => Split.Create(training.Seed, data.Train.Count, training.Shared.Validation);

    private static LoopSettings Loop(TrainingSpec training, double? klFactor)
    {
        var settings = new LoopSettings(
            $"{training.Label}, seed {training.Seed}", training.Shared.Net, training.Seed, training.Steps, training.Shared.Batch, training.Shared.EvalEvery, klFactor);
        return training is TrainingSpec.Bayesian { KlWeight: > 1 } bayesian
            ? settings with { Hint = $"the KL weight of {bayesian.KlWeight:R} (--kl-weight) or the learning rate (--lr) is the likely cause: try a tenth of them" }
            : settings with { Hint = "the learning rate (--lr) is the likely cause: try a tenth of it" };
    }

    private TrainingState Finish(
        TrainingSpec training, RunFolder folder, Mask mask, TrainingOutcome outcome, DateTimeOffset started, StrategyInfo? plugin, ILogger log)
    {
        var run = RunRecord.Of(training.Key, mask, outcome);
        var finished = clock.GetUtcNow();
        var version = typeof(TrainingRunner).Assembly.GetName().Version!.ToString(3);
        AtomicFile.Write(folder.Metrics, MetricsFile.Csv(outcome.Rows));
        AtomicFile.Write(folder.Result, ResultFile.Write(run, new Provenance(
            started, finished, training.Steps / Math.Max((finished - started).TotalSeconds, 1e-3), Environment.MachineName, $"host {version}",
            RuntimeInformation.FrameworkDescription, $"{engine.Name}: {engine.Description}",
            plugin is null ? null : $"{plugin.Plugin} {plugin.PluginVersion} {plugin.PluginSha256}")));
        log.Information("done: test accuracy {Last} at the last step, {EarlyStop} at the early stop (step {Step})", run.TestAccuracyLast, run.TestAccuracyEarlyStop, run.EarlyStopStep);
        return TrainingState.Trained;
    }

    private Result<Mask> MaskOf(TrainingSpec.Ticket ticket, CancellationToken stop)
    {
        var net = ticket.Shared.Net;
        return Criterion(ticket, ticket.Strategy, stop).Bind<Mask>(criterion => ticket.Cut switch
        {
            Cut.AtDensity cut => MaskSelection.AtDensity(net, criterion, ticket.Strategy.Keep, cut.Density, cut.Scope),
            Cut.AtThreshold cut => Threshold(net, criterion, ticket.Strategy, cut.Value),
            Cut.CountsOf cut => Criterion(ticket, cut.Reference, stop)
                .Bind(reference => Threshold(net, reference, cut.Reference, cut.Value))
                .Map(mask => MaskSelection.WithCounts(net, criterion, ticket.Strategy.Keep, [.. mask.Layers.Select(layer => layer.KeptCount)])),
            _ => throw new System.Diagnostics.UnreachableException(),
        });
    }

    private Result<IReadOnlyList<double[]>> Criterion(TrainingSpec.Ticket ticket, StrategyInfo strategy, CancellationToken stop) =>
        scoring.Criterion(strategy, () => inputs.Of(ticket, strategy.AllNeeds), ticket.Seed, stop);

    private static Result<Mask> Threshold(Architecture net, IReadOnlyList<double[]> criterion, StrategyInfo strategy, double value)
    {
        var mask = MaskSelection.AtThreshold(net, criterion, strategy.Keep, value);
        if (mask.KeptCount > 0) return mask;
        var (low, high) = (criterion.Min(layer => layer.Min()), criterion.Max(layer => layer.Max()));
        return new Fault.BadSetting("--threshold", $"{value:R}, which keeps no weight", $"a value that keeps some: {strategy.Label} runs from {low:R} to {high:R} here", "choose one between");
    }
}
