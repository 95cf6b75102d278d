using System.Collections.Immutable;
using System.IO.Compression;
using System.Security.Cryptography;
using Bnn.Core;

namespace Bnn.Store;

/// <summary>A folder with four IDX files, raw or gzip.</summary>
public static class IdxFolder
{
    private const string Fix = "give a folder with the four files of MNIST or a similar data set, raw or .gz,";
    private const int LargestFirstBuffer = 1 << 26;

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
        try
        {
            using var file = File.OpenRead(path);
            using var content = IsGzip(file) ? new GZipStream(file, CompressionMode.Decompress) : (Stream)file;
            var head = new byte[IdxFormat.HeaderLength(rank)];
            var headRead = content.ReadAtLeast(head, head.Length, throwOnEndOfStream: false);
            return IdxFormat.ParseHeader(path, head.AsSpan(0, headRead), rank).Bind(header => ReadBody(path, content, head, header));
        }
        catch (InvalidDataException e)
        {
            return new Fault.BadData(path, 0, "a whole gzip stream", Disk.Reason(e), "fetch the file again");
        }
        catch (Exception e) when (Disk.IsAtFault(e))
        {
            return new Fault.MissingData(path, "a readable file", $"{Disk.Reason(e)}; check it and its rights");
        }
    }

    private static bool IsGzip(FileStream file)
    {
        Span<byte> magic = stackalloc byte[2];
        var read = file.ReadAtLeast(magic, 2, throwOnEndOfStream: false);
        file.Position = 0;
        return read == 2 && magic[0] == 0x1F && magic[1] == 0x8B;
    }

    /// <summary>
    /// Reads as many bytes as the header declares and at most one more. Memory grows with what is read, not with what is declared.
    /// </summary>
    private static Result<IdxFile> ReadBody(string path, Stream content, byte[] head, IdxHeader header)
    {
        var wanted = header.BodyLength + 1;
        using var body = new MemoryStream((int)Math.Min(header.BodyLength, LargestFirstBuffer));
        var chunk = new byte[1 << 20];
        while (wanted > 0 && content.Read(chunk, 0, (int)Math.Min(chunk.Length, wanted)) is > 0 and var read)
        {
            body.Write(chunk, 0, (int)Math.Min(read, header.BodyLength - body.Length));
            wanted -= read;
        }
        return IdxFormat.CheckBody(path, header, header.BodyLength + 1 - wanted).Map(_ =>
        {
            var bytes = body.Capacity == body.Length ? body.GetBuffer() : body.ToArray();
            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            hash.AppendData(head);
            hash.AppendData(bytes);
            return new IdxFile(path, header, bytes, Convert.ToHexStringLower(hash.GetHashAndReset()));
        });
    }
}
