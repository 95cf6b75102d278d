using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Text.Json;
using Bnn.Contract;
using Bnn.Core;
using Host.Store;

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
/// <param name="timeout">How long one strategy may take for one seed.</param>
public sealed class Scoring(PluginCatalog plugins, TimeSpan timeout) : IDisposable
{
    /// <summary>What a child's managed heap may take, unless a network is so large that its tensors need more.</summary>
    private const long MemoryLimit = 2L << 30;

    private const long MemoryPerWeight = 200;
    private readonly string _folder = Directory.CreateTempSubdirectory("host-scoring-").FullName;
    private readonly ConcurrentDictionary<StrategyInfo, Worker> _workers = new();

    /// <summary>The raw criterion per layer, [inputs, outputs], or what the strategy did wrong. Asked once a strategy and seed, whatever the densities.</summary>
    public Result<IReadOnlyList<double[]>> Criterion(StrategyInfo strategy, Func<Result<ScoringInput>> input, Seed seed, CancellationToken stop)
    {
        var worker = _workers.GetOrAdd(strategy, info => new Worker(plugins[info], info, timeout, _folder));
        lock (worker)
        {
            if (worker.Known(seed) is { } known) return known;
            return input().Bind(given => strategy.Of is not { } of
                ? worker.Score(given, other: null, stop)
                : Criterion(of, () => given, seed, stop).Bind(other => worker.Score(given, HighestStay(other, of.Keep), stop)));
        }
    }

    public void Dispose()
    {
        foreach (var worker in _workers.Values) worker.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private static IReadOnlyList<double[]> HighestStay(IReadOnlyList<double[]> criterion, Keep keep) =>
        keep == Keep.Highest ? criterion : [.. criterion.Select(layer => Array.ConvertAll(layer, value => -value))];

    /// <summary>A strategy's child and what it has said.</summary>
    private sealed class Worker(FoundStrategy found, StrategyInfo info, TimeSpan timeout, string folder) : IDisposable
    {
        private readonly Dictionary<Seed, Result<IReadOnlyList<double[]>>> _known = [];
        private ChildProcess? _child;
        private Fault? _dead;

        public Result<IReadOnlyList<double[]>>? Known(Seed seed)
        {
            if (_known.GetValueOrDefault(seed) is { } known) return known;
            return _dead is null ? null : (Result<IReadOnlyList<double[]>>)_dead;
        }

        public Result<IReadOnlyList<double[]>> Score(ScoringInput input, IReadOnlyList<double[]>? other, CancellationToken stop)
        {
            var name = Path.Combine(folder, $"{RunKey.Of(info.Label)}-{input.Seed}");
            var (inputFile, otherFile, outputFile) = ($"{name}.safetensors", $"{name}.other", $"{name}.criterion");
            AtomicFile.Write(inputFile, stream => Safetensors.Write(stream, ScoringTensors.Of(input, info.Needs)));
            if (other is not null) CriterionFile.Write(otherFile, other);
            var request = new ScoreRequest(
                found.Path, found.TypeName, info.Name, info.Arguments.ToDictionary(argument => argument.Name, argument => argument.Value, StringComparer.Ordinal), input.Seed.Value,
                [.. input.Net.Sizes], [.. input.Snapshots.Select(snapshot => snapshot.Step)], inputFile, other is null ? null : otherFile, outputFile);

            _child ??= new ChildProcess(ChildProcess.ScoreCommand, Math.Max(MemoryLimit, MemoryPerWeight * input.Net.Weights));
            _child.Send(JsonSerializer.Serialize(request));
            var result = _child.Answer(timeout, stop) is { } answer
                ? Read(JsonSerializer.Deserialize<WorkerAnswer>(answer)!.Reason, input, outputFile)
                : Dead();
            _known[input.Seed] = result;
            foreach (var file in (string[])[inputFile, otherFile, outputFile]) File.Delete(file);
            return result;
        }

        public void Dispose() => _child?.Dispose();

        private Result<IReadOnlyList<double[]>> Read(string reason, ScoringInput input, string file) => reason.Length > 0
            ? Failed(reason)
            : CriterionFile.Read(file, [.. input.Net.Layers.Select(shape => shape.Weights)]);

        /// <summary>The child died or hangs: it isn't asked again in this run, for another seed would cost as much.</summary>
        private Fault.StrategyFailed Dead()
        {
            var reason = _child!.Ending() ?? $"gave no answer within {timeout.TotalSeconds:0.###} s (--plugin-timeout)";
            _child.Dispose();
            _child = null;
            var fault = Failed(reason);
            _dead = fault;
            return fault;
        }

        private Fault.StrategyFailed Failed(string reason) =>
            new(info.Label, found.Path, reason, "its tickets are missing, the others are not touched; mend the strategy and run the same command again");
    }
}
