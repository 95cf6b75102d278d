using System.Collections.Immutable;
using System.Diagnostics;
using System.Security.Cryptography;
using Bnn.Core;

namespace Bnn.Store;

/// <summary>A folder with four IDX files, raw or gzip.</summary>
public static class IdxFolder
{
    private const string Fix = "give a folder with the four files of MNIST or a similar data set, raw or .gz,";

    /// <summary>
    /// Bodies of up to 48 MiB, such as that of MNIST, are read at once; for longer ones it is checked first that they are there. What is
    /// read beside them stays, all together, below the 64 MiB that a header may cost.
    /// </summary>
    private const int LongestUncounted = 48 << 20;

    private static readonly ImmutableArray<(string Name, int Rank)> Files = [
        ("train-images-idx3-ubyte", IdxFormat.ImageRank), ("train-labels-idx1-ubyte", IdxFormat.LabelRank),
        ("t10k-images-idx3-ubyte", IdxFormat.ImageRank), ("t10k-labels-idx1-ubyte", IdxFormat.LabelRank)];

    public static Result<Dataset> Load(string folder) =>
        ReadFiles(folder).Bind(files => Dataset.Create(files[0], files[1], files[2], files[3]));

    /// <summary>Reads and checks each file by itself; the faults of all files are returned together.</summary>
    public static Result<ImmutableArray<IdxFile>> ReadFiles(string folder)
    {
        if (folder.Length == 0) return new Fault.BadSetting("data", "nothing", "a folder", Fix);
        if (File.Exists(folder)) return new Fault.BadSetting("data", $"{folder}, which is a file", "a folder", Fix);
        if (!Directory.Exists(folder)) return new Fault.MissingData(folder, "a folder with four IDX files", Fix);
        var faults = new List<Fault>();
        var files = Files.Select(file => Find(folder, file.Name).Bind(path => Read(path, file.Rank)).ValueOr(faults)).ToArray();
        return faults.Count > 0 ? faults.ToImmutableArray() : files.Select(file => file!).ToImmutableArray();
    }

    /// <summary>Finds a file by its usual name, with a hyphen or a dot before "idx", raw or .gz; raw first.</summary>
    private static Result<string> Find(string folder, string name)
    {
        var dotted = name.Replace("-idx", ".idx", StringComparison.Ordinal);
        string[] candidates = [name, dotted, name + ".gz", dotted + ".gz"];
        return candidates.Select(candidate => Path.Combine(folder, candidate)).FirstOrDefault(File.Exists) is { } path
            ? path
            : new Fault.MissingData(Path.Combine(folder, name), $"the file {name} or {name}.gz", Fix);
    }

    private static Result<IdxFile> Read(string path, int rank)
    {
        if (Posix.NotAFile(path) is { } other)
            return new Fault.MissingData(path, "a file", Fix) { Found = other };
        try
        {
            using var file = InputFile.Open(path);
            using var content = Content(file);
            var start = new byte[ForeignFile.Length];
            var read = content.ReadAtLeast(start, start.Length, throwOnEndOfStream: false);
            return IdxFormat.ParseHeader(path, start.AsSpan(0, read), rank).Bind(header =>
                Present(file, header).Bind(_ => ReadBody(path, content, start.AsSpan(0, read), header)));
        }
        catch (DamagedGzipException e)
        {
            return new Fault.BadData(path, 0, "a whole gzip stream", e.Message, e.Fix);
        }
        catch (OutOfMemoryException)
        {
            return new Fault.BadData(
                path, 0, "data that memory can hold", "more than that", "use a smaller data set, or a machine with more memory");
        }
        catch (Exception e) when (Disk.IsAtFault(e))
        {
            return new Fault.MissingData(path, "a readable file", "check it and its rights") { Found = Disk.Reason(e) };
        }
    }

    /// <summary>What the file holds, unpacked.</summary>
    private static Stream Content(FileStream file)
    {
        Span<byte> magic = stackalloc byte[2];
        var read = file.ReadAtLeast(magic, 2, throwOnEndOfStream: false);
        file.Position = 0;
        return read == 2 && magic[0] == 0x1F && magic[1] == 0x8B ? new WholeGzip(file) : file;
    }

    /// <summary>
    /// Checks that a long body is there before memory is taken for it: a packed one is unpacked once for that, no further than declared.
    /// </summary>
    private static Result<IdxHeader> Present(FileStream file, IdxHeader header)
    {
        if (header.BodyLength <= LongestUncounted) return header;
        using var again = InputFile.Open(file.Name);
        using var content = Content(again);
        if (content == again) return IdxFormat.CheckBody(file.Name, header, Math.Min(again.Length - header.Length, header.BodyLength + 1));
        var (chunk, left) = (new byte[1 << 20], header.Length + header.BodyLength + 1);
        while (left > 0 && content.Read(chunk, 0, (int)Math.Min(chunk.Length, left)) is > 0 and var read) left -= read;
        return IdxFormat.CheckBody(file.Name, header, header.BodyLength + 1 - left);
    }

    /// <summary>Reads as many bytes as the header declares, and tries one more.</summary>
    /// <param name="start">The file's first bytes, which were read already.</param>
    private static Result<IdxFile> ReadBody(string path, Stream content, ReadOnlySpan<byte> start, IdxHeader header)
    {
        var body = new byte[header.BodyLength];
        var head = start[..header.Length];
        var known = start[header.Length..];
        if (known.Length > body.Length)
            return IdxFormat.CheckBody(path, header, known.Length).Map<IdxFile>(_ => throw new UnreachableException());
        known.CopyTo(body);
        var rest = body.AsSpan(known.Length);
        var read = (long)known.Length + content.ReadAtLeast(rest, rest.Length, throwOnEndOfStream: false);
        if (read == body.Length && content.ReadByte() >= 0) read++;
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(head);
        hash.AppendData(body);
        var sha256 = Convert.ToHexStringLower(hash.GetHashAndReset());
        return IdxFormat.CheckBody(path, header, read).Map(_ => new IdxFile(path, header, body, sha256));
    }
}
