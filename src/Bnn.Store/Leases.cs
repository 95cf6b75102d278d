using System.Collections.Immutable;

namespace Bnn.Store;

/// <summary>How often the holder of a lease says that it lives, and when others take it for dead.</summary>
/// <param name="Beat">Time between two words of the holder.</param>
/// <param name="Patience">Time for which a lease of another machine must not change, as the one sees it who wants it.</param>
public sealed record LeasePace(TimeSpan Beat, TimeSpan Patience)
{
    /// <summary>Words in the time after which one is taken for dead: so many may come late or be lost on a shared disk.</summary>
    private const int Words = 8;

    /// <summary>Others may have less patience than this process.</summary>
    private static readonly TimeSpan LongestBeat = TimeSpan.FromSeconds(15);

    public static LeasePace Default { get; } = Of(Words * LongestBeat);

    public static LeasePace Of(TimeSpan patience) => new(patience / Words < LongestBeat ? patience / Words : LongestBeat, patience);
}

/// <summary>
/// Who may write where: one holder at a time, among the threads, processes and machines that share a results folder. What is leased has a
/// name; for a training it is its key.
/// </summary>
/// <remarks>
/// <para>A holder has two things: a lock, which the system lets go by itself when the process dies but which other machines may not see;
/// and a file that only one can make, with the holder's name and a line that it writes anew every few seconds.</para>
/// <para>On one machine the lock and the process's number decide at once. A lease of another machine is taken over when its file hasn't
/// changed for <see cref="LeasePace.Patience"/>, as seen by the one who looks: no two clocks are compared. Who was taken for dead and isn't
/// notices it with its next word, and in any case before it commits (<see cref="Lease.IsHeld"/>). Until then both may do the same work,
/// with the same bits.</para>
/// </remarks>
public sealed class Leases(FileLayer files, string folder, string locks, Holder own, LeasePace pace, TimeProvider clock)
{
    /// <summary>How long a file may be empty between its making and its first line.</summary>
    private static readonly TimeSpan ToWrite = TimeSpan.FromSeconds(2);

    private static readonly TimeSpan LongestWrites = TimeSpan.FromMinutes(1), Glance = TimeSpan.FromMilliseconds(50);

    /// <summary>Each system's code for "there is such a file": EEXIST, ERROR_FILE_EXISTS.</summary>
    private const int Exists = 17, WindowsExists = unchecked((int)0x80070050);

    private readonly Lock _gate = new();
    private readonly List<Lease> _held = [];

    /// <summary>What others' leases looked like when they were first seen so, and when that was.</summary>
    private readonly Dictionary<string, (LeaseRecord? Lease, long Since)> _seen = new(StringComparer.Ordinal);

    /// <summary>When holders of what is wanted here last gave a sign of life that was seen.</summary>
    private readonly Dictionary<string, long> _alive = new(StringComparer.Ordinal);
    private ITimer? _timer;
    private ImmutableHashSet<string>? _found;
    private bool _hasFolders;

    /// <summary>Makes the folders that leases are in.</summary>
    public void CreateFolders()
    {
        if (_hasFolders) return;
        files.CreateFolder(locks);
        files.CreateFolder(folder);
        _hasFolders = true;
    }

    /// <summary>The right to write what has this name, until it is disposed of; null while another has it.</summary>
    public Lease? TryTake(string name)
    {
        CreateFolders();
        var held = files.TryLock(LockOf(name));
        try
        {
            var lease = Take(name, held);
            if (lease is null) held?.Dispose();
            return lease;
        }
        catch
        {
            held?.Dispose();
            throw;
        }
    }

    /// <summary>
    /// The same, waiting while another has it, which it should for no more than a few writes, and until one that died with it is known to
    /// have.
    /// </summary>
    /// <exception cref="IOException">Others have had it for a minute longer than that takes.</exception>
    public Lease Take(string name)
    {
        for (var began = clock.GetTimestamp(); ;)
        {
            if (TryTake(name) is { } lease) return lease;
            var longest = pace.Patience + LongestWrites;
            if (clock.GetElapsedTime(began) > longest)
                throw new IOException($"others have held {PathOf(name)} for {longest.TotalSeconds:0} s");
            Thread.Sleep(Glance);
        }
    }

    /// <summary>Whether someone else has it now. Makes no file and keeps nothing.</summary>
    public bool IsTaken(string name)
    {
        using var held = files.Exists(LockOf(name)) ? files.TryLock(LockOf(name)) : null;
        if (held is null && files.Exists(LockOf(name))) return true;
        return Read(name) is { } there && !(there.Lease is { } lease && IsLeftHere(name, lease, held is not null));
    }

    /// <summary>
    /// Whether another holder has lately given a sign of life while this one wanted what it has: its lock is held here, or its file has
    /// changed.
    /// </summary>
    public bool IsAlive(string name)
    {
        lock (_gate) return _alive.TryGetValue(name, out var at) && clock.GetElapsedTime(at) < pace.Patience;
    }

    /// <summary>Every lease that can be read now, by name; those of holders that are dead are among them.</summary>
    public ImmutableSortedDictionary<string, LeaseRecord> All() =>
        Names().Select(name => (name, Lease: LeaseOf(name))).Where(found => found.Lease is not null)
            .ToImmutableSortedDictionary(found => found.name, found => found.Lease!, StringComparer.Ordinal);

    private LeaseRecord? LeaseOf(string name)
    {
        try
        {
            return Read(name)?.Lease;
        }
        catch (Exception e) when (Disk.IsAtFault(e))
        {
            return null;                        // one that only its holder may read
        }
    }

    /// <summary>Whether a holder is known to be dead: a process of this machine that is gone.</summary>
    public bool IsKnownDead(LeaseRecord lease) => lease.Holder.Started.Length > 0 && IsLeftHere(lease);

    /// <summary>When a lease was last written, by the file system's clock; null where there is none.</summary>
    public DateTimeOffset? WrittenAt(string name) =>
        new FileInfo(PathOf(name)) is { Exists: true } file ? new DateTimeOffset(file.LastWriteTimeUtc) : null;

    /// <summary>Whether there was a lease of this name when that was first asked of any.</summary>
    internal bool WasThere(string name) => (_found ??= [.. Names()]).Contains(name);

    private IReadOnlyCollection<string> Names() => files.NamesIn(folder);

    private string PathOf(string name) => Path.Combine(folder, name);

    private string LockOf(string name) => Path.Combine(locks, name);

    /// <param name="held">The lock; null where another has it, or did when its machine died.</param>
    private Lease? Take(string name, IDisposable? held)
    {
        var record = new LeaseRecord(Guid.NewGuid().ToString("n"), own, clock.GetUtcNow(), LeaseFile.Beat(0, null));
        if (held is not null && Create(name, record)) return Hold(name, record, held);
        if (Read(name) is not { } there)
        {
            if (held is null) Lives(name);
            return null;
        }
        if (!IsLeft(name, there.Lease, held is not null)) return null;
        // As short a time as can be after the last look: another may have taken it over in between.
        if (Read(name)?.Lease is var now && now != there.Lease) return null;
        files.Delete(PathOf(name));
        return Create(name, record) ? Hold(name, record, held) : null;
    }

    private Lease Hold(string name, LeaseRecord record, IDisposable? held)
    {
        var lease = new Lease(this, name, record.Id, held);
        lock (_gate)
        {
            _seen.Remove(name);
            _alive.Remove(name);
            _held.Add(lease);
            _timer ??= clock.CreateTimer(_ => Beat(), null, pace.Beat, pace.Beat);
        }
        return lease;
    }

    /// <summary>Makes the file; false if there is one.</summary>
    private bool Create(string name, LeaseRecord record)
    {
        Stream file;
        try
        {
            file = files.Create(PathOf(name));
        }
        catch (IOException e) when (e.HResult is Exists or WindowsExists)
        {
            return false;
        }
        try
        {
            using (file) file.Write(LeaseFile.Write(record));
            return true;
        }
        catch (Exception e) when (Disk.IsAtFault(e))
        {
            files.Delete(PathOf(name));
            throw;
        }
    }

    private sealed record Found(LeaseRecord? Lease);

    /// <summary>What is there; null if nothing is.</summary>
    private Found? Read(string name)
    {
        try
        {
            using var file = files.Open(PathOf(name));
            return new Found(LeaseFile.Parse(LeaseFile.ReadAll(file)));
        }
        catch (Exception e) when (IsGone(e))
        {
            return null;
        }
    }

    private static bool IsGone(Exception e) =>
        e is FileNotFoundException or DirectoryNotFoundException || (e is IOException && e.HResult == Disk.Stale);

    /// <summary>Whether its holder is dead, as far as can be told.</summary>
    private bool IsLeft(string name, LeaseRecord? lease, bool hasLock)
    {
        if (lease is not null && lease.Holder.IsBeside(own))
        {
            var isLeft = hasLock && IsLeftHere(name, lease, hasLock);
            if (!isLeft) Lives(name);
            return isLeft;
        }
        lock (_gate)
        {
            var isKnown = _seen.TryGetValue(name, out var seen);
            if (!isKnown || seen.Lease != lease)
            {
                // One that was last looked at long ago may have died since then.
                if (isKnown && clock.GetElapsedTime(seen.Since) < pace.Patience) _alive[name] = clock.GetTimestamp();
                _seen[name] = (lease, clock.GetTimestamp());
                return false;
            }
            return clock.GetElapsedTime(seen.Since) >= (lease is null ? Min(ToWrite, pace.Patience) : pace.Patience);
        }
    }

    /// <summary>
    /// Whether a lock that this has is refused to others. Then a process that lives and hasn't got it only couldn't delete its lease.
    /// </summary>
    private bool LocksExclude(string name)
    {
        using var second = files.TryLock(LockOf(name));
        return second is null;
    }

    private void Lives(string name)
    {
        lock (_gate) _alive[name] = clock.GetTimestamp();
    }

    /// <param name="hasLock">Whether this has the lock of what is leased.</param>
    private bool IsLeftHere(string name, LeaseRecord lease, bool hasLock) =>
        IsLeftHere(lease) || (hasLock && lease.Holder.IsBeside(own) && LocksExclude(name));

    /// <summary>
    /// Whether a lease whose lock nobody has is one that a process of this machine left: it is dead, or it is this one, which couldn't
    /// delete it.
    /// </summary>
    private bool IsLeftHere(LeaseRecord lease) =>
        lease.Holder.IsBeside(own) && (lease.Holder == own ? !IsHeldByThis(lease) : !lease.Holder.IsRunningHere());

    private bool IsHeldByThis(LeaseRecord lease)
    {
        lock (_gate) return _held.Exists(held => held.Id == lease.Id);
    }

    private static TimeSpan Min(TimeSpan one, TimeSpan other) => one < other ? one : other;

    /// <summary>Says for each lease that its holder lives.</summary>
    private void Beat()
    {
        Lease[] held;
        lock (_gate) held = [.. _held];
        foreach (var lease in held) Beat(lease);
    }

    private void Beat(Lease lease)
    {
        try
        {
            using var file = files.OpenToChange(PathOf(lease.Name));
            var content = LeaseFile.ReadAll(file);
            if (LeaseFile.Parse(content)?.Id != lease.Id)
            {
                lease.Lose();
                return;
            }
            file.Position = LeaseFile.PlaceOfBeat(content);
            file.Write(LeaseFile.BeatLine(lease.NextBeat()));
        }
        catch (Exception e) when (IsGone(e))
        {
            lease.Lose();
        }
        catch (Exception e) when (Disk.IsAtFault(e))
        {
            // The next word may be written; if none is, another takes over.
        }
    }

    /// <summary>Whether a lease's file still says so. Where the disk doesn't let it be read, it isn't.</summary>
    internal bool Holds(Lease lease)
    {
        try
        {
            if (Read(lease.Name)?.Lease?.Id == lease.Id) return true;
        }
        catch (Exception e) when (Disk.IsAtFault(e))
        {
            return false;
        }
        lease.Lose();
        return false;
    }

    internal void Release(Lease lease)
    {
        lock (_gate)
        {
            if (!_held.Remove(lease)) return;
            if (_held.Count == 0)
            {
                _timer?.Dispose();
                _timer = null;
            }
        }
        // What refuses once may be an accident. After that, the next one who wants it finds that its holder is gone.
        if (!TryDelete(lease)) TryDelete(lease);
    }

    private bool TryDelete(Lease lease)
    {
        try
        {
            if (Read(lease.Name)?.Lease?.Id == lease.Id) files.Delete(PathOf(lease.Name));
            return true;
        }
        catch (Exception e) when (Disk.IsAtFault(e))
        {
            return false;
        }
    }
}

/// <summary>The right to write what has a name, until it is disposed of.</summary>
public sealed class Lease : IDisposable
{
    private readonly Leases _leases;
    private readonly IDisposable? _lock;
    private readonly CancellationTokenSource _lost = new();
    private long _beats;

    internal Lease(Leases leases, string name, string id, IDisposable? held) => (_leases, Name, Id, _lock) = (leases, name, id, held);

    public string Name { get; }

    internal string Id { get; }

    /// <summary>Cancelled when another has taken it over, since this process seemed to be dead.</summary>
    public CancellationToken Lost => _lost.Token;

    /// <summary>Says how far the work is, for whoever looks at the lease.</summary>
    public Func<LeaseProgress?> Progress { get; set; } = () => null;

    /// <summary>Looks whether it is still held: before what was done is committed.</summary>
    public bool IsHeld() => !_lost.IsCancellationRequested && _leases.Holds(this);

    public void Dispose()
    {
        _leases.Release(this);
        _lock?.Dispose();
    }

    internal void Lose() => _lost.Cancel();

    internal string NextBeat() => LeaseFile.Beat(++_beats, Progress());
}
