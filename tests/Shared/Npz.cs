using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;
using System.Text.RegularExpressions;

namespace Bnn.Tests;

/// <summary>An array of a .npz file: its type as NumPy writes it, its shape, its bytes.</summary>
public sealed record NpyArray(string Name, string Type, int[] Shape, byte[] Bytes);

/// <summary>A .npz file, read by its public description: a zip archive of .npy files of version 1.0.</summary>
public static partial class Npz
{
    public static List<NpyArray> Read(string path)
    {
        using var archive = ZipFile.OpenRead(path);
        return [.. archive.Entries.Select(entry =>
        {
            Assert.Equal(entry.Length, entry.CompressedLength);
            Assert.EndsWith(".npy", entry.FullName, StringComparison.Ordinal);
            using var content = new MemoryStream();
            using (var file = entry.Open()) file.CopyTo(content);
            return Array(entry.FullName[..^4], content.ToArray());
        })];
    }

    private static NpyArray Array(string name, byte[] content)
    {
        Assert.Equal([0x93, (byte)'N', (byte)'U', (byte)'M', (byte)'P', (byte)'Y', 1, 0], content[..8]);
        var body = 10 + BinaryPrimitives.ReadUInt16LittleEndian(content.AsSpan(8));
        Assert.Equal(0, body % 64);                    // so that values lie where they can be mapped
        Assert.Equal((byte)'\n', content[body - 1]);
        var head = Head().Match(Encoding.ASCII.GetString(content, 10, body - 11));
        Assert.True(head.Success);
        int[] shape = [.. head.Groups["shape"].Value.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .Select(int.Parse)];
        Assert.True(shape.Length != 1 || head.Groups["shape"].Value.EndsWith(','), "a number in brackets is no tuple");
        return new NpyArray(name, head.Groups["type"].Value, shape, content[body..]);
    }

    [GeneratedRegex(@"^\{'descr': '(?<type>[^']+)', 'fortran_order': False, 'shape': \((?<shape>[0-9, ]*)\), \} *$")]
    private static partial Regex Head();
}
