using System.Collections.Concurrent;
using System.Collections.Immutable;
using Bnn.Core;

namespace Host.Plugins;

/// <summary>What a strategy may see of the trainings it needs; null for what it didn't ask for.</summary>
public sealed record ScoringInput(Architecture Net, Seed Seed)
{
    public PosteriorSnapshot? Initial { get; init; }

    public PosteriorSnapshot? Final { get; init; }

    public ImmutableArray<(int Step, PosteriorSnapshot Posterior)> Snapshots { get; init; } = [];

    public PointWeights? DenseInitial { get; init; }

    public PointWeights? DenseFinal { get; init; }

    public PointWeights? Start { get; init; }

    public NetworkProbe? Probe { get; init; }

    public PointWeights? HessianGradient { get; init; }

    /// <summary>The mask of the round before; null in the first round, where nothing is pruned.</summary>
    public Mask? Kept { get; init; }
}

/// <summary>
/// Asks strategies for their criteria, each in a child process of its own that lives as long as the experiment. .NET can't stop a call
/// that hangs inside a process, and a stack overflow or an exit ends the whole process; a child can be ended, and only its own strategy is
/// lost.
/// </summary>
public sealed class Scoring : IDisposable
{
    private readonly PluginCatalog _plugins;
    private readonly TimeSpan _timeout;
    private readonly PluginSnapshots _snapshots;
    private readonly ConcurrentDictionary<StrategyInfo, StrategyWorker> _workers = new();

    /// <param name="timeout">How long one strategy may take to score once.</param>
    /// <param name="results">The results folder, in which scratch files are made.</param>
    public Scoring(PluginCatalog plugins, TimeSpan timeout, string results)
    {
        (_plugins, _timeout) = (plugins, timeout);
        Scratch.RemoveLeftoversOf(results);
        HostBuild.Remember();
        _snapshots = new PluginSnapshots(() => Scratch.InResults(results));
    }

    /// <summary>
    /// Copies the plugins that trainings will need, before anything is trained: what happens to the plugins' files later doesn't matter
    /// then. One that can't be copied is reported where its strategy is asked.
    /// </summary>
    public void Secure(IEnumerable<Training> trainings)
    {
        var strategies = trainings
            .Select(training => training.Cell.Mask)
            .OfType<MaskRecipe>()
            .SelectMany(mask => mask.Reference is { } reference ? [mask.Strategy, reference] : (StrategyInfo[])[mask.Strategy])
            .SelectMany(strategy => strategy.Of is { } of ? [strategy, of] : (StrategyInfo[])[strategy]);
        foreach (var strategy in strategies.DistinctBy(strategy => strategy.Name)) _ = _snapshots.Of(_plugins[strategy]);
    }

    /// <summary>
    /// The raw criterion per layer, [inputs, outputs], or what the strategy did wrong. Trainings whose masks are found from the same
    /// evidence share one answer.
    /// </summary>
    /// <param name="training">The training that needs a mask.</param>
    /// <param name="previous">The mask of the round before; null in the first.</param>
    /// <param name="input">What the strategy may see; called only if it has to score.</param>
    public Result<IReadOnlyList<double[]>> Criterion(
        Training training, StrategyInfo strategy, Mask? previous, Func<Result<ScoringInput>> input, CancellationToken stop)
    {
        var worker = _workers.GetOrAdd(strategy, info => new StrategyWorker(_plugins[info], info, _timeout, _snapshots));
        var scores = Evidence.ScoresOf(training, strategy, previous);
        lock (worker)
        {
            if (worker.Known(scores) is { } known) return known;
            return input().Bind(given => strategy.Of is not { } of
                ? worker.Score(scores, given, other: null, stop)
                : Criterion(training, of, previous, () => given, stop).Bind(other =>
                    worker.Score(scores, given, WorstWherePruned(HighestStay(other, of.Keep), previous), stop)));
        }
    }

    public void Dispose()
    {
        foreach (var worker in _workers.Values) worker.Dispose();
        _snapshots.Dispose();
    }

    private static IReadOnlyList<double[]> HighestStay(IReadOnlyList<double[]> criterion, Keep keep) =>
        keep == Keep.Highest ? criterion : [.. criterion.Select(layer => Array.ConvertAll(layer, value => -value))];

    /// <summary>The criterion with the worst that a weight which is left has at those that are pruned, whatever was scored there.</summary>
    private static IReadOnlyList<double[]> WorstWherePruned(IReadOnlyList<double[]> criterion, Mask? previous)
    {
        if (previous is null) return criterion;
        var worst = double.PositiveInfinity;
        for (var l = 0; l < criterion.Count; l++)
            for (var i = 0; i < criterion[l].Length; i++)
                if (previous.Layers[l].Kept[i] != 0) worst = Math.Min(worst, criterion[l][i]);
        if (double.IsPositiveInfinity(worst)) worst = 0;            // nothing is left
        return [.. criterion.Select((layer, l) => layer.Select((value, i) => previous.Layers[l].Kept[i] != 0 ? value : worst).ToArray())];
    }
}
