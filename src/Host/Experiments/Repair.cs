using System.Collections.Immutable;
using System.Text.Json;
using Bnn.Core;
using Bnn.Store;

namespace Host.Experiments;

/// <summary>A training that was deleted, and why.</summary>
public sealed record DeletedTraining(TrainingKey Key, string Name, ImmutableArray<Fault> Why);

/// <summary>
/// Deletes a plan's damaged trainings and what was made from them, so that they are trained again. A ticket of another plan stays if it is
/// known to have been made from the undamaged file.
/// </summary>
public static class Repair
{
    /// <returns>What was deleted, or what prevented it.</returns>
    public static Result<ImmutableArray<DeletedTraining>> Run(ResultsStore store, Plan plan) => Run(store, plan.Trainings);

    /// <summary>The same for some trainings.</summary>
    public static Result<ImmutableArray<DeletedTraining>> Run(ResultsStore store, IEnumerable<Training> trainings)
    {
        var planned = trainings.ToDictionary(training => training.Key.Value, StringComparer.Ordinal);
        var sources = new SourceCheck(store);
        var doomed = new Dictionary<string, ImmutableArray<Fault>>(StringComparer.Ordinal);
        foreach (var key in planned.Keys)
        {
            var folder = store.Training(new TrainingKey(key));
            if (folder.IsDone && Faults(folder, sources) is { IsEmpty: false } faults) doomed[key] = faults;
        }
        if (doomed.Count == 0) return ImmutableArray<DeletedTraining>.Empty;
        AddDescendants(store, planned, doomed);
        return Delete(store, doomed, key => planned.TryGetValue(key, out var training) ? training.Name : "of another experiment");
    }

    private static ImmutableArray<Fault> Faults(TrainingFolder folder, SourceCheck sources)
    {
        var faults = folder.Verify();
        return faults.IsEmpty && folder.ReadResult() is Result<StoredResult>.Ok(var stored) && sources.Of(folder, stored) is { } wrong
            ? [wrong]
            : faults;
    }

    private static void AddDescendants(
        ResultsStore store, Dictionary<string, Training> planned, Dictionary<string, ImmutableArray<Fault>> doomed)
    {
        var children = store.Trainings().Where(folder => folder.IsDone)
            .SelectMany(folder => ParentsOf(folder).Select(parent => (Parent: parent, Child: folder)))
            .ToLookup(pair => pair.Parent, pair => pair.Child, StringComparer.Ordinal);
        var open = new Queue<string>(doomed.Keys);
        while (open.TryDequeue(out var parent))
        {
            foreach (var child in children[parent])
            {
                if (doomed.ContainsKey(child.Key)) continue;
                if (!planned.ContainsKey(child.Key) && IsOfUndamaged(store, parent, child)) continue;
                doomed[child.Key] = [];
                open.Enqueue(child.Key);
            }
        }
    }

    /// <summary>The keys that a training's config names as what its mask was found from.</summary>
    private static IEnumerable<string> ParentsOf(TrainingFolder folder)
    {
        if (folder.ReadConfig() is not Result<string>.Ok(var config)) return [];
        using var json = JsonDocument.Parse(config);
        return json.RootElement.TryGetProperty("needs", out var needs)
            ? [.. needs.EnumerateArray().Select(need => need.GetString()!.Split('@')[0])]
            : [];
    }

    /// <summary>Whether the child's own record says that it saw its parent's files as the parent's record has them.</summary>
    private static bool IsOfUndamaged(ResultsStore store, string parent, TrainingFolder child) =>
        store.Training(new TrainingKey(parent)).ReadResult() is Result<StoredResult>.Ok({ Files: { } known })
        && child.ReadResult() is Result<StoredResult>.Ok({ Files: not null } stored)
        && stored.ScoredFrom.Where(source => source.Key == parent)
            .All(source => known.TryGetValue(source.File, out var hash) && hash.Sha256 == source.Sha256);

    private static Result<ImmutableArray<DeletedTraining>> Delete(
        ResultsStore store, Dictionary<string, ImmutableArray<Fault>> doomed, Func<string, string> nameOf)
    {
        var (deleted, faults) = (ImmutableArray.CreateBuilder<DeletedTraining>(), new List<Fault>());
        foreach (var (text, why) in doomed)
        {
            var key = new TrainingKey(text);
            var folder = store.Training(key);
            var isLeased = Disk.Write(folder.Path, () =>
            {
                using var lease = folder.TryLease();
                if (lease is not null) folder.Delete();
                return lease is not null;
            }).ValueOr(faults);
            if (isLeased) deleted.Add(new DeletedTraining(key, nameOf(text), why));
            else if (faults.Count == 0)
                faults.Add(new Fault.BadRequest($"{folder.Path} is held by another process", "repair when nothing else runs there"));
        }
        return faults.Count > 0 ? faults.ToImmutableArray() : deleted.ToImmutable();
    }
}
