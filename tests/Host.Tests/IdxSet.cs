using System.Buffers.Binary;
using System.IO.Compression;

namespace Host.Tests;

/// <summary>Images in which the brighter band of rows gives the class, as four IDX files.</summary>
public sealed class IdxSet(int size = 6, int classes = 3, int train = 300, int test = 90)
{
    public const string TrainImages = "train-images-idx3-ubyte", TrainLabels = "train-labels-idx1-ubyte",
        TestImages = "t10k-images-idx3-ubyte", TestLabels = "t10k-labels-idx1-ubyte";

    public static readonly string[] Names = [TrainImages, TrainLabels, TestImages, TestLabels];

    /// <summary>Head and body of a file.</summary>
    public byte[] this[string name] => name switch
    {
        TrainImages => [.. Head(0x803, train, size, size), .. Images(train, seed: 1)],
        TrainLabels => [.. Head(0x801, train), .. Labels(train)],
        TestImages => [.. Head(0x803, test, size, size), .. Images(test, seed: 2)],
        TestLabels => [.. Head(0x801, test), .. Labels(test)],
        _ => throw new ArgumentOutOfRangeException(nameof(name), name, "none of the four"),
    };

    public static byte[] Head(params int[] words)
    {
        var head = new byte[4 * words.Length];
        for (var i = 0; i < words.Length; i++) BinaryPrimitives.WriteInt32BigEndian(head.AsSpan(4 * i), words[i]);
        return head;
    }

    public void WriteTo(string folder, bool gzip)
    {
        Directory.CreateDirectory(folder);
        foreach (var name in Names)
            File.WriteAllBytes(Path.Combine(folder, gzip ? $"{name}.gz" : name), gzip ? Packed(this[name]) : this[name]);
    }

    /// <param name="megabytesMore">Zeros that follow the content.</param>
    public static byte[] Packed(byte[] content, int megabytesMore = 0)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest))
        {
            gzip.Write(content);
            for (var i = 0; i < megabytesMore; i++) gzip.Write(new byte[1 << 20]);
        }
        return packed.ToArray();
    }

    private byte[] Labels(int count) => [.. Enumerable.Range(0, count).Select(i => (byte)(i % classes))];

    private byte[] Images(int count, int seed)
    {
        var random = new Random(seed);
        byte Pixel(int label, int row) => row * classes / size == label && random.NextDouble() < 0.5
            ? (byte)random.Next(100, 256)
            : random.NextDouble() < 0.4 ? (byte)random.Next(0, 160) : (byte)0;
        return [
            .. from label in Labels(count)
               from row in Enumerable.Range(0, size)
               from column in Enumerable.Range(0, size)
               select Pixel(label, row)];
    }
}
