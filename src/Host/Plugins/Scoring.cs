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
}

/// <summary>
/// Asks strategies for their criteria, each in a child process of its own that lives as long as the experiment. .NET can't stop a call
/// that hangs inside a process, and a stack overflow or an exit ends the whole process; a child can be ended, and only its own strategy is
/// lost.
/// </summary>
/// <param name="timeout">How long one strategy may take to score once.</param>
public sealed class Scoring(PluginCatalog plugins, TimeSpan timeout) : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("host-scoring-").FullName;
    private readonly ConcurrentDictionary<StrategyInfo, StrategyWorker> _workers = new();

    /// <summary>
    /// The raw criterion per layer, [inputs, outputs], or what the strategy did wrong. Trainings whose masks are found from the same
    /// evidence share one answer.
    /// </summary>
    /// <param name="training">The training that needs a mask.</param>
    /// <param name="input">What the strategy may see; called only if it has to score.</param>
    public Result<IReadOnlyList<double[]>> Criterion(
        Training training, StrategyInfo strategy, Func<Result<ScoringInput>> input, CancellationToken stop)
    {
        var worker = _workers.GetOrAdd(strategy, info => new StrategyWorker(plugins[info], info, timeout, _folder));
        var scores = Evidence.ScoresOf(training, strategy);
        lock (worker)
        {
            if (worker.Known(scores) is { } known) return known;
            return input().Bind(given => strategy.Of is not { } of
                ? worker.Score(scores, given, other: null, stop)
                : Criterion(training, of, () => given, stop).Bind(other => worker.Score(scores, given, HighestStay(other, of.Keep), stop)));
        }
    }

    public void Dispose()
    {
        foreach (var worker in _workers.Values) worker.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private static IReadOnlyList<double[]> HighestStay(IReadOnlyList<double[]> criterion, Keep keep) =>
        keep == Keep.Highest ? criterion : [.. criterion.Select(layer => Array.ConvertAll(layer, value => -value))];
}
