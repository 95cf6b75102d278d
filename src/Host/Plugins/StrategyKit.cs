using System.Collections.Immutable;
using System.Globalization;
using Bnn.Core;
using Scores = Bnn.Core.Result<System.Collections.Generic.IReadOnlyList<double[]>>;

namespace Host.Plugins;

/// <summary>One thing that was checked.</summary>
/// <param name="Wrong">What is wrong with it; null if nothing is.</param>
public sealed record KitFinding(string What, string? Wrong);

/// <summary>Checks what every strategy must do, in child processes on a small made-up network.</summary>
public sealed class StrategyKit : IDisposable
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(30);
    private static readonly ImmutableArray<decimal> Densities = [1m, 0.5m, 0.2m, 0.1m, 0.05m, 0.01m];
    private static readonly Architecture Net = new([300, 200, 100, 10]);
    private readonly PluginSnapshots _snapshots = new(Scratch.InTemporary);

    /// <summary>Why nothing could be found out, if the disk is the reason.</summary>
    public Fault? Trouble { get; private set; }

    /// <summary>Every finding for one strategy; those after a failure that makes them pointless are left out.</summary>
    public IEnumerable<KitFinding> Of(FoundStrategy strategy, CancellationToken stop)
    {
        var (input, keep) = (MadeUp(new Seed(1)), strategy.Info.Keep);
        var (first, time) = Ask(strategy, input, stop);
        yield return new KitFinding("makes an instance and scores every layer with finite numbers", Wrong(first));
        if (first is not Scores.Ok(var criterion)) yield break;
        var (second, _) = Ask(strategy, input, stop);
        yield return new KitFinding("gives the same scores in another process", Difference(criterion, second));
        var (scrutinised, _) = Ask(strategy, input, stop, scrutiny: true);
        yield return new KitFinding(
            "gives the same scores for layers in another order, and leaves its input alone", Wrong(scrutinised));
        yield return new KitFinding("its masks nest over densities with exact counts", Nesting(criterion, keep));
        var (level, _) = Ask(strategy, AllEqual(new Seed(2)), stop);
        yield return new KitFinding(
            "handles weights that are all equal", level is Scores.Ok(var flat) ? Nesting(flat, keep) : Wrong(level));
        var milliseconds = (time / Net.Weights * 1e6).ToString("0", CultureInfo.InvariantCulture);
        yield return new KitFinding($"time per million weights: about {milliseconds} ms", null);
    }

    public void Dispose() => _snapshots.Dispose();

    private (Scores Scores, double Ms) Ask(
        FoundStrategy strategy, ScoringInput input, CancellationToken stop, bool scrutiny = false)
    {
        var arguments = strategy.Info.Parameters.Select(parameter => new NamedValue(parameter.Name, parameter.Default));
        var info = strategy.Info with { Arguments = [.. arguments] };
        using var worker = new StrategyWorker(strategy, info, Timeout, _snapshots);
        var refersToAnother = info.Parameters.Any(parameter => parameter.Kind == ParameterKind.Strategy);
        var other = refersToAnother ? OtherCriterion(input.Seed) : null;

        // Twice in one child, unless it is scrutinised: the first time includes loading and compiling.
        var name = Digest.Of(info.Label);
        var scores = worker.Score(name, input, other, stop, scrutiny);
        if (!scrutiny && scores is Scores.Ok) scores = worker.Score(name, input, other, stop);
        if (scores is Scores.Failed([not Fault.StrategyFailed and var trouble])) Trouble ??= trouble;
        return (scores, worker.ElapsedMs);
    }

    /// <summary>What is wrong with the masks of a criterion, from the highest density to the lowest; null if nothing is.</summary>
    private static string? Nesting(IReadOnlyList<double[]> criterion, Keep keep)
    {
        Mask? larger = null;
        foreach (var density in Densities.Select(value => Density.Create(value).OrThrow()))
        {
            var mask = MaskSelection.AtDensity(Net, criterion, keep, density, MaskScope.Global);
            var pruned = MaskSelection.PrunedCount((double)density.Sparsity, Net.Weights);
            if (mask.KeptCount != Net.Weights - pruned) return $"at density {density} {mask.KeptCount} weights are kept";
            if (larger is not null && !IsWithin(mask, larger))
                return $"at density {density} a weight is kept that a higher density prunes";
            larger = mask;
        }
        return null;
    }

    private static bool IsWithin(Mask mask, Mask larger) => mask.Layers.Zip(larger.Layers)
        .All(layers => layers.First.Kept.Zip(layers.Second.Kept).All(kept => kept.First <= kept.Second));

    /// <summary>What went wrong when a strategy was asked; null if nothing did.</summary>
    private static string? Wrong(Scores scores)
    {
        return scores.Match<string?>(_ => null, faults => string.Join("; ", faults.Select(Reason)));

        static string Reason(Fault fault) => fault is Fault.StrategyFailed failed ? failed.Reason : fault.Describe();
    }

    private static string? Difference(IReadOnlyList<double[]> criterion, Scores scores)
    {
        if (scores is not Scores.Ok(var again)) return Wrong(scores);
        var isSame = criterion.Zip(again).All(layers => layers.First.AsSpan().SequenceEqual(layers.Second));
        return isSame ? null : "other scores";
    }

    private static double[][] OtherCriterion(Seed seed) =>
        [.. Net.Layers.Select((shape, l) => Array.ConvertAll(Values(seed, 90 + l, shape.Weights), value => (double)value))];

    /// <summary>Random numbers in everything that a strategy may look at.</summary>
    private static ScoringInput MadeUp(Seed seed)
    {
        float[] Rho(int purpose, int count) => Array.ConvertAll(Values(seed, purpose, count), value => value - 3);
        LayerPosterior LayerPosterior(LayerShape shape, int purpose) =>
            new(shape, Values(seed, purpose, shape.Weights), Rho(purpose + 100, shape.Weights), new float[shape.Outputs]);
        LayerWeights LayerWeights(LayerShape shape, int purpose) =>
            new(shape, Values(seed, purpose, shape.Weights), new float[shape.Outputs]);
        PosteriorSnapshot Posterior(int which) => new([.. Net.Layers.Select((shape, l) => LayerPosterior(shape, 10 * which + l))]);
        PointWeights Weights(int which) => new([.. Net.Layers.Select((shape, l) => LayerWeights(shape, 10 * which + l))]);
        float[] Activity(LayerShape shape, int l) => Array.ConvertAll(Values(seed, 60 + l, shape.Inputs), Math.Abs);
        return new ScoringInput(Net, seed)
        {
            Initial = Posterior(0),
            Final = Posterior(1),
            Snapshots = [.. Enumerable.Range(1, 9).Select(k => (k * 100, Posterior(k)))],
            DenseInitial = Weights(2),
            DenseFinal = Weights(3),
            Start = Weights(4),
            Probe = new NetworkProbe(Weights(5), [.. Net.Layers.Select(Activity)]),
            HessianGradient = Weights(7),
        };
    }

    /// <summary>The same with one number for all weights.</summary>
    private static ScoringInput AllEqual(Seed seed)
    {
        LayerPosterior LayerPosterior(LayerShape shape) =>
            new(shape, Level(shape.Weights, 0.1f), Level(shape.Weights, -3f), new float[shape.Outputs]);
        LayerWeights LayerWeights(LayerShape shape) => new(shape, Level(shape.Weights, 0.1f), new float[shape.Outputs]);
        PosteriorSnapshot Posterior() => new([.. Net.Layers.Select(LayerPosterior)]);
        PointWeights Weights() => new([.. Net.Layers.Select(LayerWeights)]);
        return new ScoringInput(Net, seed)
        {
            Initial = Posterior(),
            Final = Posterior(),
            Snapshots = [.. Enumerable.Range(1, 9).Select(k => (k * 100, Posterior()))],
            DenseInitial = Weights(),
            DenseFinal = Weights(),
            Start = Weights(),
            Probe = new NetworkProbe(Weights(), [.. Net.Layers.Select(shape => Level(shape.Inputs, 1f))]),
            HessianGradient = Weights(),
        };
    }

    private static float[] Values(Seed seed, int purpose, int length)
    {
        var values = new float[length];
        NormalDraws.FillRow(seed.Stream(StreamName.StrategyRandom, purpose), step: 0, row: 0, values);
        return values;
    }

    private static float[] Level(int length, float value)
    {
        var values = new float[length];
        values.AsSpan().Fill(value);
        return values;
    }
}
