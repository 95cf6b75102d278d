using System.Collections.Concurrent;
using System.Collections.Immutable;
using Bnn.Core;
using Bnn.Store;
using Host.Plugins;

namespace Host.Experiments;

/// <summary>
/// Gathers what a strategy asked for, from the parents that the plan names. Posteriors and weights are read from the store, so that a
/// strategy sees the same whether or not the experiment was interrupted; gradients and activities at the start are computed once for each
/// start, and only if a strategy asks for them.
/// </summary>
public sealed class StrategyInputs(ResultsStore store, Dataset data, ITrainingEngine engine)
{
    private const Needs Probed = Needs.Gradients | Needs.Curvature | Needs.InputActivity;
    private readonly ConcurrentDictionary<Digest, Lazy<NetworkProbe>> _probes = new();
    private readonly ConcurrentDictionary<Digest, Lazy<PointWeights>> _curvatures = new();

    /// <summary>The input with what <paramref name="needs"/> asks for; a parent's damaged file is a fault that names it.</summary>
    /// <exception cref="InvalidOperationException">The plan gave the training no parent, or two, for something it needs.</exception>
    public Result<ScoringInput> Of(Training training, Needs needs)
    {
        var net = training.Cell.Net;
        var faults = new List<Fault>();
        var input = new ScoringInput(net, training.Seed);
        if (needs.HasFlag(Needs.Posterior))
        {
            var (initial, final) = Folder<Parent.Posterior>(training).ReadPosterior(net).ValueOr(faults);
            input = input with { Initial = initial, Final = final };
        }
        if (needs.HasFlag(Needs.Snapshots))
            input = input with { Snapshots = Folder<Parent.Snapshots>(training).ReadSnapshots(net).ValueOr(faults) };
        if (needs.HasFlag(Needs.DenseWeights))
        {
            var weights = Folder<Parent.Weights>(training).ReadWeights(net).ValueOr(faults);
            input = input with { DenseInitial = weights?.Initial, DenseFinal = weights?.Final };
        }
        if (faults.Count > 0) return faults.Distinct().ToImmutableArray();
        return (needs & ScoringTensors.AtStart) == Needs.Nothing ? input : WithStart(input, training, needs);
    }

    /// <summary>What the files that a training's mask is found from are known by.</summary>
    public Result<ImmutableArray<ScoredFile>> SourcesOf(Training training)
    {
        var faults = new List<Fault>();
        var sources = training.Parents.Select(parent => (parent.Of.Key, File: TrainingFolder.FileOf(parent))).Distinct()
            .Select(source => store.Training(source.Key).HashOf(source.File)
                .Map(hash => new ScoredFile(source.Key.Value, source.File, hash.Sha256)).ValueOr(faults))
            .ToList();
        return faults.Count > 0 ? faults.ToImmutableArray() : sources.OfType<ScoredFile>().ToImmutableArray();
    }

    private TrainingFolder Folder<T>(Training training)
        where T : Parent => training.Parents.OfType<T>().ToList() is [var parent]
            ? store.Training(parent.Of.Key)
            : throw new InvalidOperationException($"{training} has not exactly one parent of the kind {typeof(T).Name}");

    private ScoringInput WithStart(ScoringInput input, Training training, Needs needs)
    {
        var start = Initialisation.Posterior(training.Seed, training.Cell.Net).Means();
        if ((needs & Probed) == Needs.Nothing) return input with { Start = start };
        var name = Evidence.StartOf(training);
        var images = new Lazy<int[]>(() => Split.Create(training.Seed, data.Train.Count, training.Cell.Validation).Train);
        var probe = _probes.GetOrAdd(name, _ => new Lazy<NetworkProbe>(() => ProbeAt(start))).Value;
        return input with
        {
            Start = start,
            Probe = probe,
            HessianGradient = needs.HasFlag(Needs.Curvature)
                ? _curvatures.GetOrAdd(name, _ => new Lazy<PointWeights>(HessianGradient)).Value
                : null,
        };

        NetworkProbe ProbeAt(PointWeights weights) => engine.Probe(weights, data.Train, images.Value);

        PointWeights HessianGradient() => Curvature.TimesGradient(start, probe.Gradient, weights => ProbeAt(weights).Gradient);
    }
}
