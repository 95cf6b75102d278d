using System.Formats.Tar;
using System.IO.Compression;
using Bnn.Core;

namespace Bnn.TF;

/// <summary>
/// Extracts TensorFlow's library, and nothing else, from what can be downloaded: Google's libtensorflow tarball (.tar.gz), a tensorflow
/// or tensorflow-cpu wheel (.whl), SciSharp.TensorFlow.Redist (.nupkg), or an archive made of one of these.
/// </summary>
public static class LibraryArchive
{
    /// <summary>
    /// Limit of the unpacked size in bytes, above any library measured so far: an archive that declares more is refused before unpacking.
    /// </summary>
    public const long MostBytes = 4L << 30;

    private const string Fix = "download it again, or take another of those in docs/tensorflow.md";

    /// <summary>
    /// Unpacks into <paramref name="folder"/>, which is created. Paths inside the archive are ignored: files are placed there by their
    /// names alone.
    /// </summary>
    public static Result<IReadOnlyList<string>> Unpack(string archive, string folder)
    {
        try
        {
            using var file = File.OpenRead(archive);
            Span<byte> magic = stackalloc byte[2];
            var read = file.ReadAtLeast(magic, 2, throwOnEndOfStream: false);
            file.Position = 0;
            return (read, magic[0], magic[1]) switch
            {
                (2, (byte)'P', (byte)'K') => Zip(archive, file, folder),
                (2, 0x1F, 0x8B) => Tar(archive, file, folder),
                _ => Refuse(archive, "is neither a .tar.gz nor a .whl or .nupkg"),
            };
        }
        catch (Exception e) when (e is InvalidDataException or EndOfStreamException or FormatException)
        {
            return Refuse(archive, $"is damaged ({e.Message.TrimEnd('.')})");
        }
        catch (FileNotFoundException)
        {
            return Refuse(archive, "is not there");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return new Fault.Disk(
                folder, $"can't be written, or {archive} not read ({e.Message.TrimEnd('.')})", "check rights and free space");
        }
    }

    /// <summary>Whether a file of that name is TensorFlow's library or the part of it that is a separate file.</summary>
    private static bool IsLibrary(string name) =>
        name is "tensorflow.dll" or "tensorflow_cc.dll" or "tensorflow_framework.dll"
        || (name.StartsWith("libtensorflow", StringComparison.Ordinal)
            && (name.Contains(".so", StringComparison.Ordinal) || name.EndsWith(".dylib", StringComparison.Ordinal)));

    private static Result<IReadOnlyList<string>> Zip(string archive, Stream file, string folder)
    {
        using var zip = new ZipArchive(file, ZipArchiveMode.Read);
        var entries = zip.Entries.Where(entry => IsLibrary(entry.Name)).DistinctBy(entry => entry.Name).ToList();
        if (entries.Count == 0) return Refuse(archive, "holds no TensorFlow library");
        if (entries.Sum(entry => entry.Length) > MostBytes) return Refuse(archive, $"declares more than {MostBytes} bytes of library");
        Directory.CreateDirectory(folder);
        foreach (var entry in entries)
        {
            using var content = entry.Open();
            Copy(content, Path.Combine(folder, entry.Name), entry.Length);
        }
        return entries.ConvertAll(entry => Path.Combine(folder, entry.Name));
    }

    private static Result<IReadOnlyList<string>> Tar(string archive, Stream file, string folder)
    {
        using var tar = new TarReader(new GZipStream(file, CompressionMode.Decompress));
        var (names, links, bytes) = (new List<string>(), new List<(string Name, string Target)>(), 0L);
        while (tar.GetNextEntry() is { } entry)
        {
            var name = Path.GetFileName(entry.Name);
            if (!IsLibrary(name) || names.Contains(name)) continue;
            if (entry.EntryType is TarEntryType.SymbolicLink)
            {
                links.Add((name, Path.GetFileName(entry.LinkName)));
                continue;
            }
            if (entry.DataStream is null) continue;
            bytes += entry.Length;
            if (bytes > MostBytes) return Refuse(archive, $"declares more than {MostBytes} bytes of library");
            Directory.CreateDirectory(folder);
            Copy(entry.DataStream, Path.Combine(folder, name), entry.Length);
            names.Add(name);
        }
        if (names.Count == 0) return Refuse(archive, "holds no TensorFlow library");
        foreach (var (name, target) in links.Where(link => !names.Contains(link.Name)))
        {
            File.Delete(Path.Combine(folder, name));
            File.CreateSymbolicLink(Path.Combine(folder, name), target);        // a bare name: it stays inside the folder
            names.Add(name);
        }
        return names.ConvertAll(name => Path.Combine(folder, name));
    }

    /// <summary>Copies the declared number of bytes and not one more.</summary>
    private static void Copy(Stream content, string path, long length)
    {
        using var target = new FileStream(path, FileMode.Create, FileAccess.Write);
        var buffer = new byte[1 << 20];
        while (length > 0 && content.Read(buffer, 0, (int)Math.Min(buffer.Length, length)) is > 0 and var read)
        {
            target.Write(buffer, 0, read);
            length -= read;
        }
        if (length > 0) throw new EndOfStreamException($"{Path.GetFileName(path)} ends {length} bytes early");
    }

    private static Fault.EngineUnavailable Refuse(string archive, string reason) => new("tensorflow", $"{archive} {reason}", Fix);
}
