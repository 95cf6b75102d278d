using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text.Json;
using Bnn.Core;

namespace Bnn.Store;

/// <summary>The safetensors format: eight bytes of header length, little-endian, a JSON header, then the tensors' bytes.</summary>
public static class Safetensors
{
    private const int Alignment = 8;
    private const long LongestHead = 100_000_000;

    public static void Write(Stream stream, IReadOnlyList<NamedTensor> tensors)
    {
        var head = Head(tensors);
        Span<byte> length = stackalloc byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(length, head.Length);
        stream.Write(length);
        stream.Write(head);
        foreach (var tensor in tensors) stream.Write(tensor.Content);
    }

    public static Result<IReadOnlyDictionary<string, NamedTensor>> Read(string path)
    {
        try
        {
            var bytes = File.ReadAllBytes(path);
            if (bytes.Length < 8) return Damaged(path, "eight bytes of header length", $"{bytes.Length} bytes");
            var length = BinaryPrimitives.ReadInt64LittleEndian(bytes);
            if (length is < 2 or > LongestHead || length > bytes.Length - 8)
                return Damaged(path, "a header within the file", $"a header of {length} bytes in {bytes.Length}");
            using var head = JsonDocument.Parse(bytes.AsMemory(8, (int)length));
            var body = bytes.AsMemory(8 + (int)length);
            var tensors = new Dictionary<string, NamedTensor>(StringComparer.Ordinal);
            foreach (var entry in head.RootElement.EnumerateObject().Where(entry => entry.Name != "__metadata__"))
                tensors.Add(entry.Name, Tensor(entry, body));
            return tensors;
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return Damaged(path, "the tensors of a finished training", "no such file");
        }
        catch (Exception e) when (IsOfFormat(e))
        {
            return Damaged(path, "the safetensors format", Disk.Reason(e));
        }
        catch (Exception e) when (Disk.IsAtFault(e))
        {
            return Disk.Unreadable(path, e);
        }
    }

    /// <summary>Whether an exception says that the file's content is wrong, rather than the code.</summary>
    private static bool IsOfFormat(Exception e) =>
        e is JsonException or FormatException or InvalidOperationException or KeyNotFoundException or ArgumentException;

    private static byte[] Head(IReadOnlyList<NamedTensor> tensors)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream))
        {
            json.WriteStartObject();
            var offset = 0L;
            foreach (var tensor in tensors)
            {
                json.WriteStartObject(tensor.Name);
                json.WriteString("dtype", tensor.Floats is null ? "U8" : "F32");
                json.WriteStartArray("shape");
                foreach (var size in tensor.Shape) json.WriteNumberValue(size);
                json.WriteEndArray();
                json.WriteStartArray("data_offsets");
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

    private static NamedTensor Tensor(JsonProperty entry, ReadOnlyMemory<byte> body)
    {
        var shape = entry.Value.GetProperty("shape").EnumerateArray().Select(size => size.GetInt32()).ToArray();
        var (begin, end) = (entry.Value.GetProperty("data_offsets")[0].GetInt32(), entry.Value.GetProperty("data_offsets")[1].GetInt32());
        var content = body.Span[begin..end];
        var count = shape.Aggregate(1, (product, size) => checked(product * size));
        return entry.Value.GetProperty("dtype").GetString() switch
        {
            "F32" when content.Length == 4 * count => NamedTensor.Of(entry.Name, shape, MemoryMarshal.Cast<byte, float>(content).ToArray()),
            "U8" when content.Length == count => NamedTensor.Of(entry.Name, shape, content.ToArray()),
            var type => throw new FormatException($"tensor {entry.Name} of type {type} and {count} elements has {content.Length} bytes"),
        };
    }

    private static Fault.DamagedStore Damaged(string path, string expected, string found) =>
        new(path, expected, found, TrainingFolder.Again);
}
