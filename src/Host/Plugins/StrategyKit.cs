using System.Collections.Immutable;
using Bnn.Core;

namespace Host.Plugins;

/// <summary>One thing that was looked at, and what was wrong with it; an empty fault if nothing.</summary>
public sealed record KitFinding(string What, string Wrong);

/// <summary>What every strategy must do, tried in children on a small made-up network.</summary>
public sealed class StrategyKit : IDisposable
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(30);
    private static readonly ImmutableArray<decimal> Densities = [1m, 0.5m, 0.2m, 0.1m, 0.05m, 0.01m];
    private static readonly Architecture Net = new([300, 200, 100, 10]);
    private readonly string _folder = Directory.CreateTempSubdirectory("host-check-").FullName;

    /// <summary>Every finding for one strategy; those after a failure that makes them pointless are left out.</summary>
    public IEnumerable<KitFinding> Of(FoundStrategy strategy, CancellationToken stop)
    {
        var input = MadeUp(new Seed(1));
        var (first, time) = Ask(strategy, input, stop);
        yield return new KitFinding("makes an instance and scores every layer with finite numbers", Trouble(first));
        if (first is not Result<IReadOnlyList<double[]>>.Ok(var criterion)) yield break;
        var (second, _) = Ask(strategy, input, stop);
        yield return new KitFinding("gives the same scores in another process", second is Result<IReadOnlyList<double[]>>.Ok(var again) && Same(criterion, again) ? "" : Or(Trouble(second), "other scores"));
        var (scrutinised, _) = Ask(strategy, input, stop, scrutiny: true);
        yield return new KitFinding("gives the same scores for layers in another order, and leaves its input alone", Trouble(scrutinised));
        yield return new KitFinding("its masks nest over densities with exact counts", Nesting(criterion, strategy.Info.Keep));
        var (level, _) = Ask(strategy, AllEqual(new Seed(2)), stop);
        yield return new KitFinding("handles weights that are all equal", level is Result<IReadOnlyList<double[]>>.Ok(var flat) ? Nesting(flat, strategy.Info.Keep) : Trouble(level));
        yield return new KitFinding(string.Create(System.Globalization.CultureInfo.InvariantCulture, $"time per million weights: about {time / Net.Weights * 1e6:0} ms"), "");
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private (Result<IReadOnlyList<double[]>> Scores, double Ms) Ask(FoundStrategy strategy, ScoringInput input, CancellationToken stop, bool scrutiny = false)
    {
        var arguments = strategy.Info.Parameters.Select(parameter => new NamedValue(parameter.Name, parameter.Default));
        var info = strategy.Info with { Arguments = [.. arguments] };
        using var worker = new StrategyWorker(strategy, info, Timeout, _folder);
        var other = info.Parameters.Any(parameter => parameter.Kind == ParameterKind.Strategy) ? Enumerable.Range(0, Net.Layers.Length).Select(l => Values(input.Seed, 90 + l, Net.Layers[l].Weights).Select(v => (double)v).ToArray()).ToList() : null;

        // Twice in one child, unless it is looked at closely: the first time also loads and compiles.
        var name = Digest.Of(info.Label);
        var scores = worker.Score(name, input, other, stop, scrutiny);
        if (!scrutiny && scores is Result<IReadOnlyList<double[]>>.Ok) scores = worker.Score(name, input, other, stop);
        return (scores, worker.ElapsedMs);
    }

    private static string Nesting(IReadOnlyList<double[]> criterion, Keep keep)
    {
        Mask? larger = null;
        foreach (var density in Densities.Select(value => Density.Create(value).OrThrow()))
        {
            var mask = MaskSelection.AtDensity(Net, criterion, keep, density, MaskScope.Global);
            if (mask.KeptCount != Net.Weights - MaskSelection.PrunedCount((double)density.Sparsity, Net.Weights)) return $"at density {density} {mask.KeptCount} weights are kept";
            if (larger is not null && mask.Layers.Zip(larger.Layers).Any(pair => pair.First.Kept.Zip(pair.Second.Kept).Any(kept => kept.First > kept.Second))) return $"at density {density} a weight is kept that a higher density prunes";
            larger = mask;
        }
        return "";
    }

    private static string Trouble(Result<IReadOnlyList<double[]>> scores) =>
        scores.Match(_ => "", faults => string.Join("; ", faults.Select(fault => fault is Fault.StrategyFailed failed ? failed.Reason : fault.Describe())));

    private static string Or(string text, string other) => text.Length > 0 ? text : other;

    private static bool Same(IReadOnlyList<double[]> a, IReadOnlyList<double[]> b) => a.Zip(b).All(pair => pair.First.AsSpan().SequenceEqual(pair.Second));

    /// <summary>Random numbers wherever a strategy may look.</summary>
    private static ScoringInput MadeUp(Seed seed)
    {
        PosteriorSnapshot Posterior(int which) => new([.. Net.Layers.Select((shape, l) => new LayerPosterior(
            shape, Values(seed, 10 * which + l, shape.Weights), [.. Values(seed, 10 * which + l + 100, shape.Weights).Select(v => v - 3)], new float[shape.Outputs]))]);
        PointWeights Weights(int which) => new([.. Net.Layers.Select((shape, l) => new LayerWeights(shape, Values(seed, 10 * which + l, shape.Weights), new float[shape.Outputs]))]);
        return new ScoringInput(Net, seed)
        {
            Initial = Posterior(0),
            Final = Posterior(1),
            Snapshots = [.. Enumerable.Range(1, 9).Select(k => (k * 100, Posterior(k)))],
            DenseInitial = Weights(2),
            DenseFinal = Weights(3),
            Start = Weights(4),
            Probe = new NetworkProbe(Weights(5), [.. Net.Layers.Select((shape, l) => Array.ConvertAll(Values(seed, 60 + l, shape.Inputs), Math.Abs))]),
            HessianGradient = Weights(7),
        };
    }

    /// <summary>The same with one number for all weights.</summary>
    private static ScoringInput AllEqual(Seed seed)
    {
        PosteriorSnapshot Posterior() => new([.. Net.Layers.Select(shape => new LayerPosterior(shape, Level(shape.Weights, 0.1f), Level(shape.Weights, -3f), new float[shape.Outputs]))]);
        PointWeights Weights() => new([.. Net.Layers.Select(shape => new LayerWeights(shape, Level(shape.Weights, 0.1f), new float[shape.Outputs]))]);
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
