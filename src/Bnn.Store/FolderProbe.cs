namespace Bnn.Store;

/// <summary>What a folder for results can do, tried out.</summary>
/// <param name="Path">The folder, which need not be there yet.</param>
/// <param name="FileSystem">The kind of file system, as the system calls it.</param>
/// <param name="FreeBytes">Space that this user may fill.</param>
/// <param name="Locks">Whether a file that is open for writing is refused to others.</param>
public sealed record FolderProbe(string Path, string FileSystem, long FreeBytes, bool Locks)
{
    /// <summary>File systems on which a lock of one machine may be unknown to another.</summary>
    private static readonly string[] Shared =
        ["nfs", "nfs4", "cifs", "smb", "smb2", "smbfs", "fuse.sshfs", "lustre", "gpfs", "beegfs", "9p"];

    /// <summary>Whether other machines may see the same files.</summary>
    public bool IsShared => Shared.Contains(FileSystem, StringComparer.OrdinalIgnoreCase);

    /// <summary>Writes, renames, locks and deletes small files in the folder, or in the nearest one above it that is there.</summary>
    /// <exception cref="IOException">The disk refuses one of them.</exception>
    /// <exception cref="UnauthorizedAccessException">The rights don't suffice.</exception>
    public static FolderProbe Of(string path)
    {
        var existing = path;
        while (!Directory.Exists(existing)) existing = System.IO.Path.GetDirectoryName(existing)!;
        var probe = System.IO.Path.Combine(existing, $".host-probe-{Guid.NewGuid():n}");
        var files = FileLayer.OfSystem;
        try
        {
            AtomicFile.Write(files, probe, "probe");
            bool locks;
            using (files.TryLock(probe))
            {
                using var second = files.TryLock(probe);
                locks = second is null;
            }
            var drive = new DriveInfo(existing);
            return new FolderProbe(path, drive.DriveFormat, drive.AvailableFreeSpace, locks);
        }
        finally
        {
            files.Delete(probe);
        }
    }
}
