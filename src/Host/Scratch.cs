using Bnn.Core;
using Bnn.Store;

namespace Host;

/// <summary>
/// A private folder for files that nobody needs once this process has ended. Its owner holds a file beside it open for as long as it lives:
/// a folder whose owner's file can be taken was left by a process that was killed, whatever its process id was. Only folders of this
/// machine are looked at: what another one holds open may be free to take here.
/// </summary>
public sealed class Scratch : IDisposable
{
    /// <summary>The folder in a results folder in which a run's are made, so that a run needs no other disk than its results'.</summary>
    public const string FolderName = ".scratch";

    private const string Prefix = "host-scratch-", OwnerSuffix = ".owner";

    /// <summary>Of this machine, in the names of its folders; those of earlier versions have none.</summary>
    private static readonly string Machine = $"{Digest.Of(Holder.OfProcess.Host).Value}-";

    /// <summary>The pause after each is a millisecond longer than the one before it.</summary>
    private const int Attempts = 20;
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    private readonly FileStream _owner;

    private Scratch(string path, FileStream owner) => (Path, _owner) = (path, owner);

    public string Path { get; }

    /// <summary>A folder below <see cref="FolderName"/> of a results folder.</summary>
    public static Result<Scratch> InResults(string results) => Make(
        System.IO.Path.Combine(results, FolderName),
        makesParent: true,
        $"{Disk.CheckRightsAndSpace}, or give another folder for results");

    /// <summary>A folder in the system's folder for temporary files.</summary>
    public static Result<Scratch> InTemporary()
    {
        var temporary = System.IO.Path.GetTempPath();
        RemoveLeftovers(temporary);
        return Make(temporary, makesParent: false, "set TMPDIR to a folder that can be written");
    }

    /// <summary>Removes what killed processes left in a results folder; silent where that can't be done.</summary>
    public static void RemoveLeftoversOf(string results)
    {
        var parent = System.IO.Path.Combine(results, FolderName);
        RemoveLeftovers(parent);
        RemoveIfEmpty(parent);
    }

    /// <summary>The folders that killed processes left in a results folder. Changes nothing.</summary>
    public static IEnumerable<string> LeftoversOf(string results)
    {
        var parent = System.IO.Path.Combine(results, FolderName);
        return Disk.Write<List<string>>(parent, () => [.. NamesIn(parent).Keys.Where(IsOrphaned).Order(StringComparer.Ordinal)])
            .Match(found => found, _ => []);
    }

    /// <summary>Removes one of them. False if its owner lives.</summary>
    /// <exception cref="IOException">The disk refuses it; or <see cref="UnauthorizedAccessException"/>.</exception>
    public static bool RemoveLeftover(string path)
    {
        if (!IsOrphaned(path)) return false;
        RemoveIfOrphaned(path, Directory.Exists(path));
        if (Directory.Exists(path)) throw new IOException("a file in it can't be deleted");
        RemoveIfEmpty(System.IO.Path.GetDirectoryName(path)!);
        return true;
    }

    private static bool IsOrphaned(string path)
    {
        try
        {
            if (!File.Exists(path + OwnerSuffix)) return true;
            using var free = Own(path + OwnerSuffix, FileMode.Open);
            return true;
        }
        catch (Exception e) when (Disk.IsAtFault(e))
        {
            return false;
        }
    }

    public void Dispose()
    {
        Remove(Path, _owner);
        var parent = System.IO.Path.GetDirectoryName(Path)!;
        if (System.IO.Path.GetFileName(parent) == FolderName) RemoveIfEmpty(parent);
    }

    private static Result<Scratch> Make(string parent, bool makesParent, string fix)
    {
        for (var attempt = 1; ; attempt++)
        {
            var path = System.IO.Path.Combine(parent, Prefix + Machine + Guid.NewGuid().ToString("n"));
            try
            {
                if (makesParent && Directory.Exists(System.IO.Path.GetDirectoryName(parent))) Directory.CreateDirectory(parent);
                var owner = Own(path + OwnerSuffix, FileMode.CreateNew);
                if (!File.Exists(owner.Name))                       // taken for a leftover before it was held
                {
                    owner.Dispose();
                    throw new IOException("another process removed it");
                }
                try
                {
                    if (OperatingSystem.IsWindows()) Directory.CreateDirectory(path);
                    else Directory.CreateDirectory(path, OwnerOnly);
                    return new Scratch(path, owner);
                }
                catch
                {
                    Remove(path, owner);
                    throw;
                }
            }
            catch (Exception e) when (Disk.IsAtFault(e))
            {
                // Another process may have removed the empty parent, or taken the new owner's file for a leftover.
                if (attempt == Attempts)
                    return new Fault.Disk(parent, $"no folder for scratch files can be made there ({Disk.Reason(e)})", fix);
                Thread.Sleep(attempt);
            }
        }
    }

    private static void RemoveLeftovers(string parent)
    {
        try
        {
            foreach (var (path, hasFolder) in NamesIn(parent)) RemoveIfOrphaned(path, hasFolder);
        }
        catch (Exception e) when (Disk.IsAtFault(e))
        {
            // It isn't this process's folder to tidy.
        }
    }

    /// <summary>This machine's scratch folders by path, each with whether it is there or only its owner's file.</summary>
    private static Dictionary<string, bool> NamesIn(string parent)
    {
        if (!Directory.Exists(parent)) return [];
        var entries = Directory.EnumerateFileSystemEntries(parent, Prefix + "*").Where(IsOfThisMachine).ToHashSet(StringComparer.Ordinal);
        return entries
            .Select(entry => entry.EndsWith(OwnerSuffix, StringComparison.Ordinal) ? entry[..^OwnerSuffix.Length] : entry)
            .Distinct(StringComparer.Ordinal)
            .ToDictionary(path => path, entries.Contains, StringComparer.Ordinal);
    }

    private static bool IsOfThisMachine(string path)
    {
        var name = System.IO.Path.GetFileName(path)[Prefix.Length..];
        return !name.Contains('-', StringComparison.Ordinal) || name.StartsWith(Machine, StringComparison.Ordinal);
    }

    private static void RemoveIfOrphaned(string path, bool hasFolder)
    {
        try
        {
            // An owner's file is made anew only where its folder is there already: before that, the owner would take it for its own.
            Remove(path, Own(path + OwnerSuffix, hasFolder ? FileMode.OpenOrCreate : FileMode.Open));
        }
        catch (Exception e) when (Disk.IsAtFault(e))
        {
            // Its owner lives, it is gone already, or it belongs to somebody else.
        }
    }

    private static FileStream Own(string file, FileMode mode) => new(file, mode, FileAccess.ReadWrite, FileShare.None);

    /// <summary>
    /// Removes a folder, then its owner's file while that is still held, so that nobody takes hold of a file that is gone. Windows can't
    /// delete what is open, and there opening and holding are one.
    /// </summary>
    private static void Remove(string path, FileStream owner)
    {
        Try(() =>
        {
            if (Directory.Exists(path)) Directory.Delete(path, recursive: true);
            if (!OperatingSystem.IsWindows()) File.Delete(owner.Name);
        });
        owner.Dispose();
        if (OperatingSystem.IsWindows()) Try(() => File.Delete(owner.Name));
    }

    private static void RemoveIfEmpty(string folder) => Try(() =>
    {
        if (Directory.Exists(folder)) Directory.Delete(folder);
    });

    /// <summary>What can't be removed now is removed by the next run.</summary>
    private static void Try(Action work)
    {
        try
        {
            work();
        }
        catch (Exception e) when (Disk.IsAtFault(e))
        {
            // See above.
        }
    }
}
