using System.Text.Json;
using Bnn.Core;
using Bnn.Store;

namespace Host.Plugins;

/// <summary>A strategy's child process and the scores it has given.</summary>
internal sealed class StrategyWorker(FoundStrategy found, StrategyInfo info, TimeSpan timeout, PluginSnapshots snapshots) : IDisposable
{
    /// <summary>Limit of a child's managed heap in bytes, unless a network is so large that its tensors need more.</summary>
    private const long HeapLimit = 2L << 30;

    private const long HeapPerWeight = 200;

    /// <summary>
    /// Answers that are remembered, of first rounds and of later ones: those of later rounds are asked for by the few trainings of one
    /// round, those of first rounds by all that share a seed and a posterior. Each has eight bytes for every weight.
    /// </summary>
    private const int FirstRoundsKnown = 8, RoundsKnown = 4;

    private readonly Dictionary<Digest, Result<IReadOnlyList<double[]>>> _known = [];
    private readonly Queue<Digest> _ofFirstRounds = new(), _ofRounds = new();
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
        Digest scores, ScoringInput input, IReadOnlyList<double[]>? other, CancellationToken stop, bool scrutiny = false) =>
        snapshots.Of(found).Bind(plugin => snapshots.Folder().Bind(folder =>
        {
            var files = new ScoreFiles(Path.Combine(folder, scores.Value));
            try
            {
                return Ask(plugin, files, scores, input, other, stop, scrutiny);
            }
            catch (Exception e) when (Disk.IsAtFault(e))
            {
                return Disk.Unwritable(folder, e);
            }
            finally
            {
                files.Delete();
            }
        }));

    public void Dispose() => _child?.Dispose();

    private Result<IReadOnlyList<double[]>> Ask(
        string plugin,
        ScoreFiles files,
        Digest scores,
        ScoringInput input,
        IReadOnlyList<double[]>? other,
        CancellationToken stop,
        bool scrutiny)
    {
        AtomicFile.Write(files.Input, stream => Safetensors.Write(stream, ScoringTensors.Of(input, info.Needs)));
        if (other is not null) CriterionFile.Write(files.Other, other);
        var request = new ScoreRequest(
            plugin,
            found.TypeName,
            info.Name,
            info.Arguments.ToDictionary(argument => argument.Name, argument => argument.Value, StringComparer.Ordinal),
            input.Seed.Value,
            [.. input.Net.Sizes],
            [.. input.Snapshots.Select(snapshot => snapshot.Step)],
            files.Input,
            other is null ? null : files.Other,
            files.Output,
            scrutiny);
        if (_child is null && HostBuild.Replaced() is { } replaced) return replaced;
        _child ??= new ChildProcess(ChildProcess.ScoreCommand, Math.Max(HeapLimit, HeapPerWeight * input.Net.Weights));
        _child.Send(JsonSerializer.Serialize(request));
        var result = _child.Answer(timeout, stop) is { } answer
            ? Read(WorkerAnswer.Parse(answer), input, files.Output)
            : Dead();

        // What the disk refused may be asked again: the next try can succeed.
        if (result is not Result<IReadOnlyList<double[]>>.Failed([Fault.Disk])) Remember(scores, result, isOfRound: input.Kept is not null);
        return result;
    }

    private void Remember(Digest scores, Result<IReadOnlyList<double[]>> result, bool isOfRound)
    {
        _known[scores] = result;
        var (order, most) = isOfRound ? (_ofRounds, RoundsKnown) : (_ofFirstRounds, FirstRoundsKnown);
        order.Enqueue(scores);
        if (order.Count > most) _known.Remove(order.Dequeue());
    }

    private Result<IReadOnlyList<double[]>> Read(WorkerAnswer answer, ScoringInput input, string file)
    {
        ElapsedMs = answer.ElapsedMs;
        if (answer is { DiskFailed: true, Reason: { } trouble })
            return new Fault.Disk(Path.GetDirectoryName(file)!, trouble, Disk.CheckRightsAndSpace);
        if (answer.Reason is { } reason) return Failed(reason);
        int[] counts = [.. input.Net.Layers.Select(shape => shape.Weights)];
        if (new FileInfo(file) is not { Exists: true } written || written.Length != sizeof(double) * counts.Sum(count => (long)count))
            return Failed("answered without its scores");
        var criterion = CriterionFile.Read(file, counts);
        return IsFiniteWhereKept(criterion, input.Kept) ? criterion : Failed("gave scores that are no numbers");
    }

    private static bool IsFiniteWhereKept(IReadOnlyList<double[]> criterion, Mask? kept)
    {
        for (var l = 0; l < criterion.Count; l++)
            for (var i = 0; i < criterion[l].Length; i++)
                if (!double.IsFinite(criterion[l][i]) && (kept is null || kept.Layers[l].Kept[i] != 0)) return false;
        return true;
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

/// <summary>The files of one request, with a common beginning of their names.</summary>
internal sealed record ScoreFiles(string Name)
{
    public string Input => $"{Name}.safetensors";

    public string Other => $"{Name}.other";

    public string Output => $"{Name}.criterion";

    /// <summary>Removes them; the folder goes with the run, so one that stays doesn't stay for long.</summary>
    public void Delete()
    {
        foreach (var file in (string[])[Input, Other, Output])
        {
            try
            {
                File.Delete(file);
            }
            catch (Exception e) when (Disk.IsAtFault(e))
            {
                // See above.
            }
        }
    }
}
