using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Bnn.Core;

namespace Bnn.Store;

/// <summary>A tensor file's content.</summary>
/// <param name="Hash">The file's own: of all its bytes.</param>
public sealed record StoredTensors(
    IReadOnlyDictionary<string, NamedTensor> Tensors, ImmutableDictionary<string, string> Metadata, FileHash Hash);

/// <summary>
/// The safetensors format: eight bytes of header length, little-endian, a JSON header, then the tensors' bytes, one behind the other
/// without gaps. What is read is what the format allows and no more, and memory grows with the bytes that are there, not with what a header
/// says.
/// </summary>
public static class Safetensors
{
    private const int Alignment = 8, LengthSize = 8, MostAxes = 8;
    private const long LongestHead = 100_000_000;
    private const string Metadata = "__metadata__", SealName = "sha256", Type = "dtype", Shape = "shape", Offsets = "data_offsets";

    /// <summary>A header of a sealed file starts with this; the seal follows.</summary>
    private const string BeforeSeal = $"{{\"{Metadata}\":{{\"{SealName}\":\"";

    public static void Write(Stream stream, IReadOnlyList<NamedTensor> tensors)
    {
        WriteHead(stream, Head(tensors, []));
        foreach (var tensor in tensors) stream.Write(tensor.Content);
    }

    /// <summary>Writes a file that holds its own <see cref="Seal"/>.</summary>
    public static void WriteSealed(
        Stream stream, IReadOnlyList<NamedTensor> tensors, IEnumerable<KeyValuePair<string, string>> metadata)
    {
        var head = Head(tensors, [new(SealName, Seal.Open), .. metadata]);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Span<byte> length = stackalloc byte[LengthSize];
        BinaryPrimitives.WriteInt64LittleEndian(length, head.Length);
        hash.AppendData(length);
        hash.AppendData(head);
        foreach (var tensor in tensors) hash.AppendData(tensor.Content);
        Encoding.ASCII.GetBytes(Convert.ToHexStringLower(hash.GetHashAndReset()), head.AsSpan(BeforeSeal.Length));
        WriteHead(stream, head);
        foreach (var tensor in tensors) stream.Write(tensor.Content);
    }

    /// <summary>Reads a file that nothing says the hash of.</summary>
    public static Result<IReadOnlyDictionary<string, NamedTensor>> Read(string path) =>
        Read(FileLayer.OfSystem, path).Map(stored => stored.Tensors);

    /// <param name="expected">The file's hash, where it is known: then another content is damage even where the format allows it.</param>
    public static Result<StoredTensors> Read(FileLayer files, string path, FileHash? expected = null) => Read(path, () =>
    {
        using var file = files.Open(path);
        if (expected is not null && file.Length != expected.Bytes) throw new WrongContent($"{expected}", $"{file.Length} bytes");
        StoredTensors stored;
        try
        {
            stored = Read(file, isSealed: false);
        }
        catch (FormatException e) when (expected is not null && files.HashOf(path) is { } other && other != expected)
        {
            throw new WrongContent($"{expected}", $"{other} ({e.Message})");
        }
        return expected is null || stored.Hash == expected ? stored : throw new WrongContent($"{expected}", $"{stored.Hash}");
    });

    /// <summary>Reads a file that holds its own <see cref="Seal"/>.</summary>
    public static Result<StoredTensors> ReadSealed(FileLayer files, string path) => Read(path, () =>
    {
        using var file = files.Open(path);
        return Read(file, isSealed: true);
    });

    /// <inheritdoc cref="ReadSealed(FileLayer, string)"/>
    /// <param name="path">What the file is called in messages.</param>
    internal static Result<StoredTensors> ReadSealed(string path, Stream content) => Read(path, () => Read(content, isSealed: true));

    /// <summary>Reads a stream whose length is known.</summary>
    /// <exception cref="FormatException">It isn't a safetensors file, or its seal is broken; the message says where.</exception>
    public static StoredTensors Read(Stream stream, bool isSealed)
    {
        var room = stream.Length - LengthSize;
        if (room < 2) throw new FormatException($"{stream.Length} bytes are no header");
        var lengthBytes = new byte[LengthSize];
        stream.ReadExactly(lengthBytes);
        var length = BinaryPrimitives.ReadInt64LittleEndian(lengthBytes);
        if (length is < 2 or > LongestHead || length > room)
            throw new FormatException($"a header of {length} bytes in a file of {stream.Length}");
        var head = new byte[length];
        stream.ReadExactly(head);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(lengthBytes);
        var written = isSealed ? TakeSeal(head) : "";
        hash.AppendData(head);

        var (places, metadata) = ParseHead(head, room - length);
        var tensors = new Dictionary<string, NamedTensor>(StringComparer.Ordinal);
        foreach (var place in places) tensors.Add(place.Name, ReadTensor(stream, place, hash));
        var found = Convert.ToHexStringLower(hash.GetHashAndReset());
        return isSealed && found != written
            ? throw new FormatException($"its SHA-256 is {found}, not {written}")
            : new StoredTensors(tensors, metadata, new FileHash(stream.Length, found));
    }

    private static Result<StoredTensors> Read(string path, Func<StoredTensors> read)
    {
        try
        {
            return read();
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return Damaged(path, "the tensors of a finished training", "no such file");
        }
        catch (WrongContent e)
        {
            return Damaged(path, e.Expected, e.Message);
        }
        catch (FormatException e)
        {
            return Damaged(path, "the safetensors format", e.Message);
        }
        catch (EndOfStreamException)
        {
            return Damaged(path, "a file that stays as it is", "one that became shorter while it was read");
        }
        catch (Exception e) when (Disk.IsAtFault(e))
        {
            return Damaged(path, "a readable file", Disk.Reason(e));
        }
    }

    /// <summary>Replaces the digits of a header's seal by zeros; returns them.</summary>
    private static string TakeSeal(byte[] head)
    {
        if (head.Length < BeforeSeal.Length + Seal.Digits || !head.AsSpan().StartsWith(Encoding.ASCII.GetBytes(BeforeSeal)))
            throw new FormatException($"no {SealName} at the start of its header");
        var digits = head.AsSpan(BeforeSeal.Length, Seal.Digits);
        var text = Encoding.ASCII.GetString(digits);
        digits.Fill((byte)'0');
        return text;
    }

    private static NamedTensor ReadTensor(Stream stream, TensorPlace place, IncrementalHash hash)
    {
        if (place.IsFloats)
        {
            var values = new float[place.Count];
            Fill(MemoryMarshal.AsBytes(values.AsSpan()));
            return NamedTensor.Of(place.Name, place.Shape, values);
        }
        var bytes = new byte[place.Count];
        Fill(bytes);
        return NamedTensor.Of(place.Name, place.Shape, bytes);

        void Fill(Span<byte> content)
        {
            stream.ReadExactly(content);
            hash.AppendData(content);
        }
    }

    /// <summary>A tensor as the header has it.</summary>
    private sealed record TensorPlace(string Name, bool IsFloats, int[] Shape, int Count, long Begin, long End);

    /// <summary>The tensors in the order of their bytes, which must be <paramref name="body"/> in all.</summary>
    private static (List<TensorPlace> Places, ImmutableDictionary<string, string> Metadata) ParseHead(byte[] head, long body)
    {
        if (head[0] != '{') throw new FormatException("its header doesn't start with {");
        try
        {
            using var json = JsonDocument.Parse(head, new JsonDocumentOptions { AllowDuplicateProperties = false, MaxDepth = 3 });
            var metadata = ImmutableDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
            var places = new List<TensorPlace>();
            foreach (var entry in json.RootElement.EnumerateObject())
            {
                if (entry.Name != Metadata) places.Add(Place(entry));
                else foreach (var note in entry.Value.EnumerateObject()) metadata.Add(note.Name, Text(note));
            }
            places.Sort((a, b) => (a.Begin, a.End).CompareTo((b.Begin, b.End)));
            var end = 0L;
            foreach (var place in places)
            {
                if (place.Begin != end) throw new FormatException($"tensor {place.Name} starts at byte {place.Begin}, not {end}");
                end = place.End;
            }
            return end == body ? (places, metadata.ToImmutable()) : throw new FormatException($"{body} bytes of tensors, not {end}");
        }
        catch (JsonException e)
        {
            throw new FormatException($"its header is no JSON at byte {e.BytePositionInLine}", e);
        }
        catch (InvalidOperationException e)
        {
            throw new FormatException("its header has a value of another type", e);
        }
    }

    private static string Text(JsonProperty note) =>
        note.Value.GetString() ?? throw new FormatException($"its metadata {Short(note.Name)} is null");

    private static TensorPlace Place(JsonProperty entry)
    {
        if (entry.Value.EnumerateObject().Any(field => field.Name is not (Type or Shape or Offsets)))
            throw new FormatException($"tensor {entry.Name} has a field that is none of {Type}, {Shape}, {Offsets}");
        if (!entry.Value.TryGetProperty(Type, out var type) || !entry.Value.TryGetProperty(Shape, out var axes)
            || !entry.Value.TryGetProperty(Offsets, out var offsets))
            throw new FormatException($"tensor {entry.Name} lacks one of {Type}, {Shape}, {Offsets}");
        if (axes.GetArrayLength() > MostAxes || offsets.GetArrayLength() != 2)
            throw new FormatException($"tensor {entry.Name} has {axes.GetArrayLength()} axes and {offsets.GetArrayLength()} offsets");
        int[] shape = [.. axes.EnumerateArray().Select(size => (int)Whole(entry.Name, size, int.MaxValue))];
        var (begin, end) = (Whole(entry.Name, offsets[0], long.MaxValue), Whole(entry.Name, offsets[1], long.MaxValue));
        var isFloats = type.GetString() switch
        {
            "F32" => true,
            "U8" => false,
            var other => throw new FormatException($"tensor {entry.Name} is of type {other}, not F32 or U8"),
        };
        var count = Count(entry.Name, shape);
        if (end - begin != (isFloats ? sizeof(float) : 1) * (long)count)
            throw new FormatException($"tensor {entry.Name} of {count} elements has bytes {begin} to {end}");
        return new TensorPlace(entry.Name, isFloats, shape, count, begin, end);
    }

    private static int Count(string name, int[] shape)
    {
        var count = 1L;
        foreach (var size in shape)
        {
            count *= size;
            if (count > int.MaxValue) throw new FormatException($"tensor {name} has more than {int.MaxValue} elements");
        }
        return (int)count;
    }

    private static long Whole(string name, JsonElement number, long most) =>
        number.TryGetInt64(out var value) && value >= 0 && value <= most
        ? value
        : throw new FormatException($"tensor {name} has a size or an offset of {Short(number.GetRawText())}");

    private static string Short(string text) => text.Length > 40 ? text[..40] + "…" : text;

    private static void WriteHead(Stream stream, byte[] head)
    {
        Span<byte> length = stackalloc byte[LengthSize];
        BinaryPrimitives.WriteInt64LittleEndian(length, head.Length);
        stream.Write(length);
        stream.Write(head);
    }

    private static byte[] Head(IReadOnlyList<NamedTensor> tensors, ImmutableArray<KeyValuePair<string, string>> metadata)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream))
        {
            json.WriteStartObject();
            if (!metadata.IsEmpty)
            {
                json.WriteStartObject(Metadata);
                foreach (var (name, text) in metadata) json.WriteString(name, text);
                json.WriteEndObject();
            }
            var offset = 0L;
            foreach (var tensor in tensors)
            {
                json.WriteStartObject(tensor.Name);
                json.WriteString(Type, tensor.Floats is null ? "U8" : "F32");
                json.WriteStartArray(Shape);
                foreach (var size in tensor.Shape) json.WriteNumberValue(size);
                json.WriteEndArray();
                json.WriteStartArray(Offsets);
                json.WriteNumberValue(offset);
                json.WriteNumberValue(offset += tensor.Content.Length);
                json.WriteEndArray();
                json.WriteEndObject();
            }
            json.WriteEndObject();
        }
        while (stream.Length % Alignment != 0) stream.WriteByte((byte)' ');
        return stream.ToArray();
    }

    private static Fault.DamagedStore Damaged(string path, string expected, string found) =>
        new(path, expected, found, TrainingFolder.Again);

    /// <summary>The content is another than the one that was written.</summary>
    private sealed class WrongContent(string expected, string found) : Exception(found)
    {
        public string Expected => expected;
    }
}
