using System.Collections.Concurrent;
using System.Collections.Immutable;
using Bnn.Core;

namespace Bnn.Store;

/// <summary>
/// Compares what tickets' masks were found from with what their parents hold now: a ticket that was made from a damaged file stays wrong
/// when its parent has been trained again.
/// </summary>
public sealed class SourceCheck(ResultsStore store)
{
    private readonly ConcurrentDictionary<string, ImmutableSortedDictionary<string, FileHash>?> _known = new(StringComparer.Ordinal);

    /// <summary>Null if the sources agree, or can't be compared because the parent isn't there or has no hashes.</summary>
    public Fault.DamagedStore? Of(TrainingFolder folder, StoredResult ticket)
    {
        foreach (var source in ticket.ScoredFrom)
        {
            if (_known.GetOrAdd(source.Key, Files) is not { } files || !files.TryGetValue(source.File, out var now)) continue;
            if (now.Sha256 == source.Sha256) continue;
            return new Fault.DamagedStore(
                folder.Result, $"a mask found from {source.File} of {source.Key} (SHA-256 {now.Sha256})", $"one found from {source.Sha256}",
                TrainingFolder.Again);
        }
        return null;
    }

    private ImmutableSortedDictionary<string, FileHash>? Files(string key)
    {
        var folder = store.Training(new TrainingKey(key));
        return folder.IsDone ? folder.ReadResult().Match(stored => stored.Files, _ => null) : null;
    }
}
