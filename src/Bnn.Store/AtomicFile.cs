using System.Security.Cryptography;
using System.Text;

namespace Bnn.Store;

/// <summary>Writes files that are there whole or not at all.</summary>
public static class AtomicFile
{
    /// <summary>What names of files end with that are still being written, or were when their writer was killed.</summary>
    public const string Unfinished = ".tmp";

    public static void Write(string path, string text) => Write(path, stream => stream.Write(Encoding.UTF8.GetBytes(text)));

    public static void Write(string path, Action<Stream> write) => Write(FileLayer.OfSystem, path, write);

    /// <inheritdoc cref="Write(FileLayer, string, Action{Stream})"/>
    public static FileHash Write(FileLayer files, string path, string text) =>
        Write(files, path, stream => stream.Write(Encoding.UTF8.GetBytes(text)));

    /// <summary>
    /// Writes under a temporary name that no other writer has, on this machine or another, flushes to the disk, renames, and flushes the
    /// folder.
    /// </summary>
    /// <returns>What was written.</returns>
    public static FileHash Write(FileLayer files, string path, Action<Stream> write)
    {
        var temporary = $"{path}.{Guid.NewGuid():n}{Unfinished}";
        try
        {
            FileHash hash;
            using (var file = files.Create(temporary))
            {
                using var hashing = new HashingStream(file);
                write(hashing);
                hash = hashing.Hash();
                files.Flush(file);
            }
            files.Move(temporary, path);
            files.FlushFolder(Path.GetDirectoryName(Path.GetFullPath(path))!);
            return hash;
        }
        catch
        {
            TryDelete(files, temporary);
            throw;
        }
    }

    /// <summary>Deletes what writers that were killed left in a folder in which nobody else is writing now.</summary>
    /// <param name="of">The file that was written, by its name; every one by default.</param>
    public static void DeleteUnfinished(FileLayer files, string folder, string of = "*")
    {
        foreach (var path in UnfinishedIn(folder, of)) TryDelete(files, path);
    }

    /// <summary>What is being written in a folder, or was left there.</summary>
    public static IEnumerable<string> UnfinishedIn(string folder, string of = "*") =>
        Directory.Exists(folder) ? Directory.EnumerateFiles(folder, $"{of}{Unfinished}") : [];

    /// <summary>What can't be deleted now is deleted by a later run; the fault that led here is the one to report.</summary>
    private static void TryDelete(FileLayer files, string path)
    {
        try
        {
            files.Delete(path);
        }
        catch (Exception e) when (Disk.IsAtFault(e))
        {
        }
    }

    /// <summary>Passes what is written on, and hashes it.</summary>
    private sealed class HashingStream(Stream file) : ForwardStream.Writer
    {
        private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        private long _length;

        public FileHash Hash() => new(_length, Convert.ToHexStringLower(_hash.GetHashAndReset()));

        public override void Write(ReadOnlySpan<byte> buffer)
        {
            _hash.AppendData(buffer);
            _length += buffer.Length;
            file.Write(buffer);
        }

        public override void Flush() => file.Flush();

        protected override void Dispose(bool disposing)
        {
            if (disposing) _hash.Dispose();
            base.Dispose(disposing);
        }
    }
}
