using Bnn.Core;
using Bnn.Store;
using Host.Plugins;

namespace Host.Experiments;

/// <summary>What does the trainings of a prepared experiment in a results folder: engine, data, plugins and store put together.</summary>
internal sealed class ExperimentTrainer : IDisposable
{
    private readonly Scoring _scoring;

    /// <param name="isDone">Whether a training is done, as far as is known; for those that aren't, plugins have to be there.</param>
    /// <param name="respects">Failures of others that aren't tried again; by default each is, once.</param>
    public ExperimentTrainer(
        PreparedExperiment experiment, ResultsStore store, Func<Training, bool> isDone,
        Func<TrainingKey, StoredFailure, bool>? respects = null)
    {
        var (plan, data, engine, plugins) = experiment;
        _scoring = new Scoring(plugins, experiment.Values.Get(RunSettings.PluginTimeout), store.Root);
        _scoring.Secure(plan.Trainings.Where(training => !isDone(training)));
        var masks = new MaskMaker(_scoring, new StrategyInputs(store, data, engine));
        Runner = new TrainingRunner(
            store, data, engine, masks.Of, new Starts(store), experiment.Values.Get(RunSettings.CheckpointEvery), TimeProvider.System)
        {
            Respects = respects ?? ((_, _) => false),
        };
        Measures = new LaterMeasures(store, engine, data, experiment.Second);
    }

    public TrainingRunner Runner { get; }

    public LaterMeasures Measures { get; }

    public void Dispose() => _scoring.Dispose();
}
