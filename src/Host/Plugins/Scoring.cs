using System.Collections.Concurrent;
using System.Collections.Immutable;
using Bnn.Core;

namespace Host.Plugins;

/// <summary>What a strategy may see of the trainings it needs; null where nobody asked.</summary>
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
/// Asks strategies for their criteria, each in a child of its own that lives as long as the run. .NET can't stop a call that hangs inside a process, and
/// a stack overflow or an exit takes the process along; a child can be ended, and costs its own strategy only.
/// </summary>
/// <param name="timeout">How long one strategy may take to score once.</param>
public sealed class Scoring(PluginCatalog plugins, TimeSpan timeout) : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("host-scoring-").FullName;
    private readonly ConcurrentDictionary<StrategyInfo, StrategyWorker> _workers = new();

    /// <summary>
    /// The raw criterion per layer, [inputs, outputs], or what the strategy did wrong. Asked once for all trainings whose masks are found from the same.
    /// </summary>
    /// <param name="training">Whose mask is to be found.</param>
    /// <param name="input">What the strategy may see; asked for only if it has to score.</param>
    public Result<IReadOnlyList<double[]>> Criterion(
        Training training, StrategyInfo strategy, Func<Result<ScoringInput>> input, CancellationToken stop)
    {
        var (worker, scores) = (_workers.GetOrAdd(strategy, info => new StrategyWorker(plugins[info], info, timeout, _folder)), Evidence.ScoresOf(training, strategy));
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
