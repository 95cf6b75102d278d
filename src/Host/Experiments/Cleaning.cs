using System.Collections.Immutable;
using Bnn.Core;
using Bnn.Store;

namespace Host.Experiments;

/// <summary>What can be deleted from a results folder: nothing that an experiment needs.</summary>
/// <param name="What">"training" or "scratch".</param>
/// <param name="Path">Its folder.</param>
/// <param name="Why">Why it is left alone; empty for what is deleted.</param>
public sealed record Leftover(string What, string Path, long Bytes, string Why);

/// <summary>
/// Finds what no experiment of a results folder refers to: trainings that no plan names and no planned training was made from, and scratch
/// folders of processes that were killed. What is a link, or lies behind one, isn't the folder's own and is left alone.
/// </summary>
public sealed class Cleaning(ResultsStore store)
{
    public const string Training = "training", ScratchFiles = "scratch";

    private const string InUse = "in use by a running process", Link = "a link: what it leads to isn't this folder's";

    private HashSet<string> _named = [];
    private ImmutableArray<(string Path, DateTime Written, long Bytes)> _plans = [];

    /// <summary>What there is to delete, and what of it is left alone and why. Changes nothing.</summary>
    /// <returns>The faults of plans that can't be read, if there are any: nobody knows what those refer to.</returns>
    public Result<ImmutableArray<Leftover>> Find()
    {
        var faults = new List<Fault>();
        ReadPlans(faults);
        return faults.Count > 0
            ? faults.ToImmutableArray()
            : (ImmutableArray<Leftover>)[.. Trainings(), .. ScratchFolders()];
    }

    /// <summary>Deletes what was found.</summary>
    /// <param name="faults">Gets what the disk refuses.</param>
    /// <returns>The same leftovers; those that are there still with the reason.</returns>
    public ImmutableArray<Leftover> Delete(IEnumerable<Leftover> found, List<Fault> faults) =>
        [.. found.Select(leftover => leftover.Why.Length > 0 ? leftover : leftover with { Why = WhyNotDeleted(leftover, faults) })];

    private IEnumerable<Leftover> Trainings()
    {
        var isBehindLink = IsLink(Path.GetDirectoryName(store.Training(new TrainingKey(new string('0', Digest.Digits))).Path)!);
        foreach (var folder in store.Trainings().Where(folder => TrainingKey.IsKey(folder.Key) && !_named.Contains(folder.Key)))
        {
            var why = isBehindLink || IsLink(folder.Path) ? Link : folder.IsLeased ? InUse : "";
            yield return new Leftover(Training, folder.Path, Disk.SizeOf(folder.Path), why);
        }
    }

    private IEnumerable<Leftover> ScratchFolders() => IsLink(Path.Combine(store.Root, Scratch.FolderName))
        ? []
        : Scratch.LeftoversOf(store.Root).Select(path => new Leftover(ScratchFiles, path, Disk.SizeOf(path), IsLink(path) ? Link : ""));

    private string WhyNotDeleted(Leftover leftover, List<Fault> faults)
    {
        var refused = new List<Fault>();
        var why = Disk.Write(leftover.Path, () => leftover.What == Training
            ? DeleteTraining(store.Training(new TrainingKey(Path.GetFileName(leftover.Path))), refused)
            : Scratch.RemoveLeftover(leftover.Path) ? "" : InUse).ValueOr(refused);
        faults.AddRange(refused);
        return why ?? "couldn't be deleted";
    }

    /// <summary>While nobody else has it, and unless a plan that was written in the meantime names it.</summary>
    private string? DeleteTraining(TrainingFolder folder, List<Fault> faults)
    {
        if (IsLink(folder.Path)) return Link;
        if (!Directory.Exists(folder.Path)) return "";
        using var lease = folder.TryLease();
        if (lease is null) return InUse;
        if (!PlansNow().SequenceEqual(_plans)) ReadPlans(faults);
        if (faults.Count > 0) return null;
        if (_named.Contains(folder.Key)) return "an experiment names it now";
        folder.Delete();
        return "";
    }

    private void ReadPlans(List<Fault> faults)
    {
        _plans = PlansNow();
        _named = StoredTrainings.Experiments(store, faults).SelectMany(named => named.Experiment.Trainings)
            .SelectMany(training => training.Parents.Select(parent => parent.Key).Append(training.Key))
            .Select(key => key.Value)
            .ToHashSet(StringComparer.Ordinal);
    }

    private ImmutableArray<(string Path, DateTime Written, long Bytes)> PlansNow() => [
        .. from folder in store.Experiments()
           let plan = new FileInfo(folder.Plan)
           where plan.Exists
           select (plan.FullName, plan.LastWriteTimeUtc, plan.Length)];

    private static bool IsLink(string path) => new DirectoryInfo(path).LinkTarget is not null;
}
