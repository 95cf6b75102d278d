using System.IO.Enumeration;
using System.Security.Cryptography;

namespace Bnn.Store;

/// <summary>
/// The operations on files and folders that results are read and written with. The store uses no others, so a test's layer can let any one
/// of them fail.
/// </summary>
public class FileLayer
{
    /// <summary>The disk itself.</summary>
    public static FileLayer OfSystem { get; } = new();

    /// <summary>Opens a regular file for reading.</summary>
    /// <exception cref="IOException">It isn't a regular file, or the disk refuses it.</exception>
    public virtual Stream Open(string path) => InputFile.Open(path);

    /// <summary>Opens a file that is there, to read it and to write in it, while others do the same.</summary>
    public virtual Stream OpenToChange(string path) =>
        new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);

    /// <summary>Makes a file that isn't there yet.</summary>
    public virtual Stream Create(string path) => new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.Read);

    /// <summary>Whether there is something with this name.</summary>
    public virtual bool Exists(string path) => Path.Exists(path);

    /// <summary>The names of the files or folders in a folder; none where there is no such folder.</summary>
    public virtual IReadOnlyCollection<string> NamesIn(string folder, bool folders = false) => !Directory.Exists(folder)
        ? []
        : [
            .. new FileSystemEnumerable<string>(folder, (ref FileSystemEntry entry) => entry.FileName.ToString())
            {
                ShouldIncludePredicate = (ref FileSystemEntry entry) => entry.IsDirectory == folders,
            }];

    /// <summary>Writes what a created file has in memory to the disk.</summary>
    public virtual void Flush(Stream file)
    {
        if (file is FileStream onDisk) onDisk.Flush(flushToDisk: true);
    }

    /// <summary>Renames a file, over another one if there is one.</summary>
    public virtual void Move(string from, string to) => File.Move(from, to, overwrite: true);

    /// <summary>Deletes a file, if it is there.</summary>
    public virtual void Delete(string path) => File.Delete(path);

    /// <summary>Deletes a folder and all in it.</summary>
    public virtual void DeleteFolder(string path) => Directory.Delete(path, recursive: true);

    /// <summary>Deletes what has a file's name, even if it is a folder.</summary>
    public void Remove(string path)
    {
        if (Directory.Exists(path)) DeleteFolder(path);
        else Delete(path);
    }

    /// <summary>Makes a folder, and those above it, unless it is there.</summary>
    /// <returns>Whether it wasn't there.</returns>
    public virtual bool CreateFolder(string path)
    {
        if (Directory.Exists(path)) return false;
        Directory.CreateDirectory(path);
        if (Path.GetDirectoryName(path) is { } above) FlushFolder(above);
        return true;
    }

    /// <summary>
    /// Writes a folder's entries to the disk, where the system can: only then does a rename in it survive a loss of power.
    /// </summary>
    public virtual void FlushFolder(string path) => Posix.FlushFolder(path);

    /// <summary>Opens a lock file, which others can't open until it is closed; null while another process has it.</summary>
    public virtual IDisposable? TryLock(string path)
    {
        try
        {
            return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException e) when (e.HResult is LinuxBusy or MacBusy or WindowsBusy)
        {
            return null;
        }
    }

    /// <summary>Each system's code for "another process has the file": EAGAIN, EWOULDBLOCK, ERROR_SHARING_VIOLATION.</summary>
    private const int LinuxBusy = 11, MacBusy = 35, WindowsBusy = unchecked((int)0x80070020);

    /// <summary>Reads a file whole.</summary>
    /// <param name="most">Bytes that such a file can have.</param>
    /// <exception cref="IOException">It isn't a regular file, it is larger, or the disk refuses it.</exception>
    public byte[] ReadAll(string path, long most)
    {
        using var file = Open(path);
        if (file.Length > most) throw new IOException($"it has {file.Length} bytes, more than the {most} that such a file can have");
        var bytes = new byte[file.Length];
        file.ReadExactly(bytes);
        return bytes;
    }

    /// <summary>Size and SHA-256 of a file; null if there is none.</summary>
    public FileHash? HashOf(string path)
    {
        try
        {
            using var file = Open(path);
            var length = file.Length;
            return new FileHash(length, Convert.ToHexStringLower(SHA256.HashData(file)));
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }
}

/// <summary>What a file's content is known by.</summary>
/// <param name="Sha256">64 hex digits.</param>
public sealed record FileHash(long Bytes, string Sha256)
{
    public override string ToString() => $"{Bytes} bytes, SHA-256 {Sha256}";
}
