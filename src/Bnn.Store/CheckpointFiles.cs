using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using Bnn.Core;

namespace Bnn.Store;

/// <summary>Where a training can continue.</summary>
/// <param name="Snapshots">The posteriors that were kept so far on the way of a Bayesian net.</param>
public sealed record Checkpoint(LoopState State, ImmutableArray<(int Step, PosteriorSnapshot Posterior)> Snapshots)
{
    /// <summary>The weights that were kept so far on the way of an ordinary net.</summary>
    public ImmutableArray<(int Step, PointWeights Weights)> Weights { get; init; } = [];
}

/// <summary>
/// The checkpoints of a training that is under way: the two latest, each a sealed safetensors file with everything that it continues from.
/// They are gone when the training is done.
/// </summary>
public sealed class CheckpointFiles(FileLayer files, string folder, Training training)
{
    private const int Kept = 2;
    private const string Prefix = "checkpoint-", Suffix = ".safetensors";
    private const string State = "state.", Best = "best", Rows = "metrics.csv";
    private const string Key = "key", Step = "step", StepperSteps = "stepper_steps", SumNll = "sum_nll", SumKl = "sum_kl",
        SumCount = "sum_count", BestStep = "best_step", BestNll = "best_nll";

    /// <summary>The training's folder.</summary>
    public string Folder => folder;

    /// <summary>Writes a checkpoint; the oldest ones go.</summary>
    public void Write(Checkpoint checkpoint)
    {
        var (state, best) = (checkpoint.State, checkpoint.State.Best);
        NamedTensor[] tensors = [
            .. state.Stepper.Tensors.Select(tensor => tensor with { Name = State + tensor.Name }),
            .. best is null ? [] : Tensors.Of(Best, best.Weights),
            .. checkpoint.Snapshots.SelectMany(taken => Tensors.Of(Moment.After(taken.Step), taken.Posterior)),
            .. checkpoint.Weights.SelectMany(taken => Tensors.Of(Moment.After(taken.Step), taken.Weights)),
            BytesOf(Rows, MetricsFile.Csv(state.Rows))];
        List<KeyValuePair<string, string>> notes = [
            new(Key, training.Key.Value), new(Step, Text(state.Step)), new(StepperSteps, Text(state.Stepper.Steps)),
            new(SumNll, Text(state.Sums.Nll)), new(SumKl, Text(state.Sums.Kl)), new(SumCount, Text(state.Sums.Count))];
        if (best is not null) notes.AddRange([new(BestStep, Text(best.Step)), new(BestNll, Text(best.Nll))]);
        AtomicFile.Write(files, PathOf(state.Step), stream => Safetensors.WriteSealed(stream, tensors, notes));
        foreach (var (path, _) in All().Skip(Kept)) files.Remove(path);
    }

    /// <summary>The newest checkpoint that is whole, and those newer ones that are damaged, which are deleted.</summary>
    public (Checkpoint? Newest, ImmutableArray<Fault> Damaged) ReadNewest()
    {
        var damaged = ImmutableArray.CreateBuilder<Fault>();
        foreach (var (path, step) in All())
        {
            switch (Safetensors.ReadSealed(files, path).Bind(stored => Parse(path, step, stored)))
            {
                case Result<Checkpoint>.Ok(var checkpoint):
                    return (checkpoint, damaged.ToImmutable());
                case Result<Checkpoint>.Failed(var faults):
                    damaged.AddRange(faults.Select(WithoutHarm));
                    files.Remove(path);
                    break;
            }
        }
        return (null, damaged.ToImmutable());
    }

    /// <summary>Deletes them all: the training is done.</summary>
    public void Delete()
    {
        foreach (var (path, _) in All()) files.Remove(path);
    }

    /// <summary>The checkpoints in a training's folder, the newest first.</summary>
    internal static IEnumerable<string> In(string folder) => All(folder).Select(file => file.Path);

    /// <summary>Their steps, the newest first.</summary>
    internal static ImmutableArray<int> StepsIn(string folder) => [.. All(folder).Select(file => file.Step)];

    /// <summary>What is wrong with the checkpoints in a training's folder, as far as that shows without its settings.</summary>
    internal static ImmutableArray<Fault> Verify(FileLayer files, string folder, string key)
    {
        var faults = new List<Fault>();
        foreach (var (path, step) in All(folder))
        {
            var found = Safetensors.ReadSealed(files, path).Bind<StoredTensors>(stored => Stranger(stored, key, step) is { } stranger
                ? new Fault.DamagedStore(path, $"a checkpoint of {key} at step {step}", stranger, "")
                : stored);
            // The training may be under way, and this one gone by now.
            if (Path.Exists(path)) found.ValueOr(faults, WithoutHarm);
        }
        return [.. faults];
    }

    private List<(string Path, int Step)> All() => All(folder);

    private static List<(string Path, int Step)> All(string folder) => !Directory.Exists(folder) ? [] : [
        .. Directory.EnumerateFileSystemEntries(folder, $"{Prefix}*{Suffix}")
            .Select(path => (Path: path, Step: StepOf(System.IO.Path.GetFileName(path))))
            .Where(file => file.Step >= 0)
            .OrderByDescending(file => file.Step)];

    private static Fault WithoutHarm(Fault fault) => fault is Fault.DamagedStore store
        ? store with { Fix = "nothing to do: the one before it, or the start, is continued from" }
        : fault;

    /// <summary>What a checkpoint is, where it isn't the one that its place says; null if it is.</summary>
    private static string? Stranger(StoredTensors stored, string key, int step)
    {
        if (stored.Metadata.GetValueOrDefault(Key) is var own && own != key) return $"one of {own ?? "nothing"}";
        return stored.Metadata.GetValueOrDefault(Step) is var at && at != Text(step) ? $"one at step {at ?? "none"}" : null;
    }

    private string PathOf(int step) => System.IO.Path.Combine(folder, $"{Prefix}{Text(step)}{Suffix}");

    private static int StepOf(string name)
    {
        var digits = name.AsSpan(Prefix.Length, name.Length - Prefix.Length - Suffix.Length);
        return int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var step) ? step : -1;
    }

    /// <summary>A checkpoint from a stream's bytes.</summary>
    /// <param name="path">What the file is called in messages.</param>
    /// <param name="step">The step in its name.</param>
    public Result<Checkpoint> Parse(string path, int step, Stream content) =>
        Safetensors.ReadSealed(path, content).Bind(stored => Parse(path, step, stored));

    private Result<Checkpoint> Parse(string path, int step, StoredTensors stored)
    {
        try
        {
            var notes = stored.Metadata;
            if (Stranger(stored, training.Key.Value, step) is { } stranger) throw new FormatException(stranger);
            if (step > training.Steps) throw new FormatException($"a checkpoint behind step {training.Steps}");
            var (net, cell) = (training.Cell.Net, training.Cell);
            var layout = cell.Kind.IsBayesian()
                ? StateLayout.Bayesian(net.Layers, cell.Optimizer)
                : StateLayout.Ordinary(net.Layers, cell.Optimizer);
            var reader = new TensorReader(stored.Tensors, net);
            ImmutableArray<NamedTensor> state = [.. layout.Places.Select(place => NamedTensor.Of(
                place.Name, [.. place.Shape], reader.Floats(State + place.Name, [.. place.Shape])))];
            var best = notes.ContainsKey(BestStep) ? new BestWeights(Whole(BestStep), Number(BestNll), reader.Weights(Best)) : null;
            var steps = stored.Tensors.Keys
                .Select(name => Moment.TryParseStep(name.Split('.')[0], out var taken) ? taken : 0)
                .Where(taken => taken > 0)
                .Distinct()
                .Order()
                .ToList();
            ImmutableArray<(int, PosteriorSnapshot)> snapshots = cell.Kind.IsBayesian()
                ? [.. steps.Select(taken => (taken, reader.Posterior(Moment.After(taken).ToString())))]
                : [];
            ImmutableArray<(int, PointWeights)> weights = cell.Kind.IsBayesian()
                ? []
                : [.. steps.Select(taken => (taken, reader.Weights(Moment.After(taken).ToString())))];
            var rows = reader.Bytes(Rows);
            reader.End();
            return MetricsFile.Parse(Encoding.UTF8.GetString(rows), path).Map(parsed => new Checkpoint(
                new LoopState(
                    step, parsed, new LossSums(Number(SumNll), Number(SumKl), Whole(SumCount)), best,
                    new StepperState(Whole(StepperSteps), state)),
                snapshots)
            { Weights = weights });

            string Note(string name) => notes.TryGetValue(name, out var text) ? text : throw new FormatException($"no {name}");

            int Whole(string name) => int.Parse(Note(name), NumberStyles.None, CultureInfo.InvariantCulture);

            double Number(string name) => double.Parse(Note(name), NumberStyles.Float, CultureInfo.InvariantCulture);
        }
        catch (Exception e) when (e is FormatException or OverflowException)
        {
            return new Fault.DamagedStore(path, $"a checkpoint of {training.Name}", e.Message, "");
        }
    }

    private static NamedTensor BytesOf(string name, string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        return NamedTensor.Of(name, [bytes.Length], bytes);
    }

    private static string Text(IFormattable number) => number.ToString("R", CultureInfo.InvariantCulture);

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
