using System.Text.Json;
using Bnn.Core;
using Bnn.Store;

namespace Host.Plugins;

/// <summary>A strategy's child process and the scores it has given.</summary>
internal sealed class StrategyWorker(FoundStrategy found, StrategyInfo info, TimeSpan timeout, string folder) : IDisposable
{
    /// <summary>Limit of a child's managed heap in bytes, unless a network is so large that its tensors need more.</summary>
    private const long MemoryLimit = 2L << 30;

    private const long MemoryPerWeight = 200;
    private readonly Dictionary<Digest, Result<IReadOnlyList<double[]>>> _known = [];
    private ChildProcess? _child;
    private Fault? _dead;

    /// <summary>The earlier answer; null if it wasn't asked. A strategy whose child died isn't asked again.</summary>
    /// <param name="scores">The scores' name (<see cref="Evidence.ScoresOf"/>).</param>
    public Result<IReadOnlyList<double[]>>? Known(Digest scores)
    {
        if (_known.GetValueOrDefault(scores) is { } known) return known;
        return _dead is null ? null : (Result<IReadOnlyList<double[]>>)_dead;
    }

    /// <summary>How long the latest scoring took inside the child, in milliseconds.</summary>
    public double ElapsedMs { get; private set; }

    /// <summary>Asks the child for the criterion of every layer.</summary>
    /// <param name="scores">The name that they are remembered by.</param>
    /// <param name="other">Criterion of the strategy that it refers to, turned so that the highest are kept.</param>
    /// <param name="scrutiny">Whether to check that the order of layers doesn't matter and that the input isn't changed.</param>
    public Result<IReadOnlyList<double[]>> Score(
        Digest scores, ScoringInput input, IReadOnlyList<double[]>? other, CancellationToken stop, bool scrutiny = false)
    {
        var name = Path.Combine(folder, scores.Value);
        var (inputFile, otherFile, outputFile) = ($"{name}.safetensors", $"{name}.other", $"{name}.criterion");
        AtomicFile.Write(inputFile, stream => Safetensors.Write(stream, ScoringTensors.Of(input, info.Needs)));
        if (other is not null) CriterionFile.Write(otherFile, other);
        var request = new ScoreRequest(
            found.Path,
            found.TypeName,
            info.Name,
            info.Arguments.ToDictionary(argument => argument.Name, argument => argument.Value, StringComparer.Ordinal),
            input.Seed.Value,
            [.. input.Net.Sizes],
            [.. input.Snapshots.Select(snapshot => snapshot.Step)],
            inputFile,
            other is null ? null : otherFile,
            outputFile,
            scrutiny);

        _child ??= new ChildProcess(ChildProcess.ScoreCommand, Math.Max(MemoryLimit, MemoryPerWeight * input.Net.Weights));
        _child.Send(JsonSerializer.Serialize(request));
        var result = _child.Answer(timeout, stop) is { } answer
            ? Read(JsonSerializer.Deserialize<WorkerAnswer>(answer)!, input, outputFile)
            : Dead();
        _known[scores] = result;
        foreach (var file in (string[])[inputFile, otherFile, outputFile]) File.Delete(file);
        return result;
    }

    public void Dispose() => _child?.Dispose();

    private Result<IReadOnlyList<double[]>> Read(WorkerAnswer answer, ScoringInput input, string file)
    {
        ElapsedMs = answer.ElapsedMs;
        return answer.Reason is { } reason
            ? Failed(reason)
            : CriterionFile.Read(file, [.. input.Net.Layers.Select(shape => shape.Weights)]);
    }

    /// <summary>
    /// The fault of a child that died or hangs. The strategy isn't asked again in this experiment: another seed would cost as much time.
    /// </summary>
    private Fault.StrategyFailed Dead()
    {
        var reason = _child!.Ending() ?? $"gave no answer within {timeout.TotalSeconds:0.###} s (--plugin-timeout)";
        _child.Dispose();
        _child = null;
        var fault = Failed(reason);
        _dead = fault;
        return fault;
    }

    private Fault.StrategyFailed Failed(string reason) => new(
        info.Label,
        found.Path,
        reason,
        "its tickets are missing, the others are not affected; fix the strategy and run the same command again");
}
