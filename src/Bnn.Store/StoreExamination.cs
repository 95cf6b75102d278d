using System.Collections.Immutable;
using Bnn.Core;

namespace Bnn.Store;

/// <summary>What a look at a whole results folder found.</summary>
/// <param name="Finished">Trainings that are done, the damaged ones included.</param>
/// <param name="Unfinished">Trainings that were begun and not ended; some may be under way.</param>
/// <param name="Unverified">Finished trainings and plans without hashes, written by an earlier version.</param>
/// <param name="Leftovers">Files that writers which were killed left; the next run deletes those in its way.</param>
/// <param name="Damaged">One fault for each file that isn't what was written.</param>
public sealed record StoreExamination(
    int Finished, int Unfinished, int Experiments, int Unverified, ImmutableArray<string> Leftovers, ImmutableArray<Fault> Damaged)
{
    /// <summary>Reads every file of a results folder but the logs and compares it with its hash.</summary>
    public static StoreExamination Of(ResultsStore store, CancellationToken stop)
    {
        var (finished, unfinished, unverified, experiments) = (0, 0, 0, 0);
        var damaged = new List<Fault>();
        var sources = new SourceCheck(store);
        foreach (var folder in store.Trainings())
        {
            stop.ThrowIfCancellationRequested();
            if (!folder.IsDone)
            {
                unfinished++;
                damaged.AddRange(folder.VerifyCheckpoints());
                continue;
            }
            finished++;
            damaged.AddRange(folder.Verify());
            if (folder.ReadResult() is not Result<StoredResult>.Ok(var stored)) continue;
            if (!stored.IsVerifiable) unverified++;
            if (sources.Of(folder, stored) is { } wrong) damaged.Add(wrong);
        }
        foreach (var folder in store.Experiments())
        {
            experiments++;
            if (folder.ReadPlan().ValueOr(damaged) is { IsVerifiable: false }) unverified++;
            damaged.AddRange(folder.VerifyExports());
        }
        ImmutableArray<string> leftovers = Directory.Exists(store.Root)
            ? [.. Directory.EnumerateFiles(store.Root, $"*{AtomicFile.Unfinished}", SearchOption.AllDirectories)
                .Order(StringComparer.Ordinal)]
            : [];
        return new StoreExamination(finished, unfinished, experiments, unverified, leftovers, [.. damaged.Distinct()]);
    }
}
