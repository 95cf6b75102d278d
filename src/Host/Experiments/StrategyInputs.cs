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

    /// <summary>
    /// Starts whose gradients are remembered. All strategies of a seed share them, and seeds come one after the other: a grid over many
    /// needs no memory for those that are done.
    /// </summary>
    private const int StartsKnown = 16;

    private readonly BoundedCache<Digest, Lazy<NetworkProbe>> _probes = new(StartsKnown);
    private readonly BoundedCache<Digest, Lazy<PointWeights>> _curvatures = new(StartsKnown);
    private readonly Lazy<bool[]> _live = new(data.Train.LiveInputs);

    /// <summary>The input with what <paramref name="needs"/> asks for; a parent's damaged file is a fault that names it.</summary>
    /// <param name="previous">The mask of the round before; null in the first.</param>
    /// <exception cref="InvalidOperationException">The plan gave the training no parent, or two, for something it needs.</exception>
    public Result<ScoringInput> Of(Training training, Needs needs, Mask? previous)
    {
        var net = training.Cell.Net;
        var faults = new List<Fault>();
        var input = new ScoringInput(net, training.Seed) { Kept = previous };
        if (needs.HasFlag(Needs.Posterior))
        {
            var (parent, folder) = Source<Parent.Posterior>(training);
            var (initial, final) = folder.ReadPosterior(net).ValueOr(faults);
            if (parent.Step is { } step) final = folder.ReadPosteriorAt(step, net).ValueOr(faults);
            input = input with { Initial = initial, Final = final };
        }
        if (needs.HasFlag(Needs.Snapshots))
            input = input with { Snapshots = Source<Parent.Snapshots>(training).Folder.ReadSnapshots(net).ValueOr(faults) };
        if (needs.HasFlag(Needs.DenseWeights))
        {
            var weights = Source<Parent.Weights>(training).Folder.ReadWeights(net).ValueOr(faults);
            input = input with { DenseInitial = weights?.Initial, DenseFinal = weights?.Final };
        }
        if (faults.Count > 0) return faults.Distinct().ToImmutableArray();
        return (needs & ScoringTensors.AtStart) == Needs.Nothing ? input : WithStart(input, training, needs);
    }

    /// <summary>The mask of the round before, which a parent was trained with.</summary>
    public Result<Mask> PreviousMask(Training training)
    {
        var (parent, folder) = Source<Parent.MaskOf>(training);
        return folder.ReadMask(parent.Of.Kind, training.Cell.Net);
    }

    /// <summary>What a control makes of a mask.</summary>
    public Mask Transformed(MaskTransform transform, Training training, Mask mask) =>
        transform.Apply(training.Seed, mask, transform == MaskTransform.LiveInputs ? _live.Value : null);

    /// <summary>What the files that a training's mask, and what it starts from, are taken from are known by.</summary>
    public Result<ImmutableArray<ScoredFile>> SourcesOf(Training training)
    {
        var faults = new List<Fault>();
        var sources = training.Parents
            .SelectMany(parent => TrainingFolder.FilesOf(parent).Select(file => (parent.Of.Key, File: file)))
            .Distinct()
            .Select(source => store.Training(source.Key).HashOf(source.File)
                .Map(hash => new ScoredFile(source.Key.Value, source.File, hash.Sha256)).ValueOr(faults))
            .ToList();
        return faults.Count > 0 ? faults.ToImmutableArray() : sources.OfType<ScoredFile>().ToImmutableArray();
    }

    private (T Parent, TrainingFolder Folder) Source<T>(Training training)
        where T : Parent => training.Parents.OfType<T>().ToList() is [var parent]
            ? (parent, store.Training(parent.Of.Key))
            : throw new InvalidOperationException($"{training} has not exactly one parent of the kind {typeof(T).Name}");

    /// <summary>
    /// Adds what is computed at the start, with the mask of the round before. What is computed without a mask is remembered: all
    /// strategies of a seed share it.
    /// </summary>
    private ScoringInput WithStart(ScoringInput input, Training training, Needs needs)
    {
        var start = Starts.Own(training);
        if ((needs & Probed) == Needs.Nothing) return input with { Start = start };
        var at = input.Kept is { } kept ? start.Masked(kept) : start;
        var name = Evidence.StartOf(training);
        var images = new Lazy<int[]>(() => Split.Create(training.Seed, data.Train.Count, training.Cell.Validation).Train);
        var probe = input.Kept is null ? _probes.Get(name, () => new Lazy<NetworkProbe>(() => ProbeAt(at))).Value : ProbeAt(at);
        return input with
        {
            Start = start,
            Probe = probe,
            HessianGradient = !needs.HasFlag(Needs.Curvature)
                ? null
                : input.Kept is null
                    ? _curvatures.Get(name, () => new Lazy<PointWeights>(HessianGradient)).Value
                    : HessianGradient(),
        };

        NetworkProbe ProbeAt(PointWeights weights) => engine.Probe(weights, data.Train, images.Value);

        PointWeights HessianGradient() => Curvature.TimesGradient(at, probe.Gradient, weights => ProbeAt(weights).Gradient);
    }
}
