using System.Buffers.Binary;
using System.Text.Json;

namespace Host.Tests;

/// <summary>A tensor as the file describes it.</summary>
public sealed record Tensor(string Type, int[] Shape, byte[] Bytes)
{
    public float[] Floats => [.. Bytes.Chunk(4).Select(bytes => BinaryPrimitives.ReadSingleLittleEndian(bytes))];

    public uint[] Bits => [.. Bytes.Chunk(4).Select(bytes => BinaryPrimitives.ReadUInt32LittleEndian(bytes))];
}

/// <summary>A safetensors file, read by its public description: head length, JSON head, then the tensors without a gap.</summary>
public sealed class TensorFile
{
    private readonly Dictionary<string, Tensor> _tensors = [];

    public IEnumerable<string> Names => _tensors.Keys;

    public Tensor this[string name] => _tensors[name];

    public static TensorFile Read(string path)
    {
        var bytes = File.ReadAllBytes(path);
        var length = (int)BinaryPrimitives.ReadUInt64LittleEndian(bytes);
        Assert.Equal(0, length % 8);        // so that float32 lies where it can be mapped
        using var head = JsonDocument.Parse(bytes.AsMemory(8, length));
        var (file, position) = (new TensorFile(), 0);
        foreach (var entry in head.RootElement.EnumerateObject().Where(entry => entry.Name != "__metadata__"))
        {
            var offsets = entry.Value.GetProperty("data_offsets").EnumerateArray().Select(offset => offset.GetInt32()).ToArray();
            Assert.Equal(position, offsets[0]);
            position = offsets[1];
            file._tensors.Add(entry.Name, new Tensor(
                entry.Value.GetProperty("dtype").GetString()!,
                [.. entry.Value.GetProperty("shape").EnumerateArray().Select(size => size.GetInt32())],
                bytes[(8 + length + offsets[0])..(8 + length + offsets[1])]));
        }
        Assert.Equal(bytes.Length, 8 + length + position);
        return file;
    }
}
