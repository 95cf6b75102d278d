using System.Collections.Immutable;
using Bnn.Core;

namespace Bnn.Store;

/// <summary>Writes a training's files, each whole or not at all, and remembers what they are known by for result.json.</summary>
public sealed class TrainingWriter
{
    private readonly FileLayer _files;
    private readonly TrainingFolder _folder;
    private readonly Lease _lease;
    private readonly Dictionary<string, FileHash> _written = new(StringComparer.Ordinal);

    internal TrainingWriter(FileLayer files, TrainingFolder folder, Training training, Lease lease)
    {
        (_files, _folder, _lease) = (files, folder, lease);
        Write(TrainingFolder.ConfigName, training.Config);
        Checkpoints = new CheckpointFiles(files, folder.Path, training);
    }

    /// <summary>Where the training continues if it is stopped.</summary>
    public CheckpointFiles Checkpoints { get; }

    /// <summary>The posterior before and after a Bayesian training, and its mask.</summary>
    public void Write(Mask? mask, PosteriorSnapshot initial, PosteriorSnapshot final) => Write(TrainingFolder.PosteriorName, [
        .. mask is null ? [] : Tensors.Of(mask),
        .. Tensors.Of(Moment.Initial, mask is null ? initial : initial.Masked(mask)), .. Tensors.Of(Moment.Final, final)]);

    /// <summary>The posterior after some steps.</summary>
    public void WriteSnapshots(IEnumerable<(int Step, PosteriorSnapshot Posterior)> snapshots) => Write(
        TrainingFolder.SnapshotsName, [.. snapshots.SelectMany(taken => Tensors.Of(Moment.After(taken.Step), taken.Posterior))]);

    /// <summary>The posterior at a step, in a file of its own.</summary>
    public void WriteAt(int step, PosteriorSnapshot posterior) => Write(
        TrainingFolder.NameAt(TrainingKind.Bayesian, step), [.. Tensors.Of(Moment.After(step), posterior)]);

    /// <summary>An ordinary net's weights at a step, in a file of its own.</summary>
    public void WriteAt(int step, PointWeights weights) => Write(
        TrainingFolder.NameAt(TrainingKind.Dense, step), [.. Tensors.Of(Moment.After(step), weights)]);

    /// <summary>An ordinary net's mask and its weights: initial, at the early stop if there was one, and final.</summary>
    /// <param name="initial">The weights that it started from, those at pruned places included.</param>
    public void Write(Mask mask, PointWeights initial, TrainingOutcome outcome) => Write(TrainingFolder.WeightsName, [
        .. Tensors.Of(mask), .. Tensors.Of(Moment.Initial, initial),
        .. outcome.EarlyStop is { } earlyStop ? Tensors.OfEarlyStop(earlyStop) : [], .. Tensors.Of(Moment.Final, outcome.Final)]);

    /// <summary>Writes metrics.csv and, last of all, result.json; then the checkpoints have served.</summary>
    /// <returns>False if another has taken the training over: then it is the one that says what is done.</returns>
    public bool Finish(
        TrainingRecord record, ImmutableArray<MetricsRow> rows, Provenance provenance, ImmutableArray<ScoredFile> scoredFrom)
    {
        Write(TrainingFolder.MetricsName, MetricsFile.Csv(rows));
        foreach (var name in _folder.PossibleTensors().Where(name => !_written.ContainsKey(name)))
            _files.Delete(_folder.In(name));        // of an earlier attempt that had more to keep
        var result = ResultFile.Write(record, provenance, _written.ToImmutableSortedDictionary(StringComparer.Ordinal), scoredFrom);
        if (!_lease.IsHeld()) return false;
        AtomicFile.Write(_files, _folder.Result, result);
        Checkpoints.Delete();
        _folder.Finished();
        return true;
    }

    /// <summary>Adds the files that were written to what a finished training is known by.</summary>
    /// <returns>False if another has taken the training over.</returns>
    public Result<bool> Amend() => _folder.ReadResultText()
        .Bind(content => ResultFile.WithFiles(_folder.Result, content, _written))
        .Map(text =>
        {
            if (!_lease.IsHeld()) return false;
            AtomicFile.Write(_files, _folder.Result, text);
            return true;
        });

    private void Write(string name, string text) => _written[name] = AtomicFile.Write(_files, _folder.In(name), text);

    private void Write(string name, ImmutableArray<NamedTensor> tensors) =>
        _written[name] = AtomicFile.Write(_files, _folder.In(name), stream => Safetensors.Write(stream, tensors));
}
