using System.Buffers.Binary;
using System.IO.Compression;
using Bnn.Core;

namespace Bnn.Store.Tests;

public sealed class IdxFolderTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("idx-test-").FullName;

    /// <summary>
    /// Every way to cut a gzip file short, and every bit of its trailer, is noticed; any other bit too, unless it changes no content.
    /// </summary>
    [Fact]
    public void No_part_of_a_gzip_file_can_be_lost_or_changed()
    {
        WriteSmall();
        var path = Path.Combine(_folder, "t10k-labels-idx1-ubyte.gz");
        var sound = File.ReadAllBytes(path);
        Assert.IsType<Result<Dataset>.Ok>(IdxFolder.Load(_folder));
        for (var length = 0; length < sound.Length; length++) Refused(sound[..length]);
        for (var bit = 8 * (sound.Length - 8); bit < 8 * sound.Length; bit++) Refused(WithBit(sound, bit));
        for (var bit = 0; bit < 8 * (sound.Length - 8); bit++)
        {
            File.WriteAllBytes(path, WithBit(sound, bit));
            if (IdxFolder.Load(_folder) is Result<Dataset>.Ok(var data)) Assert.Equal([0, 1], data.Test.Labels);
        }
        foreach (var more in (byte[][])[[0], [0x1F], [0x1F, 0x8B], [1, 2, 3], new byte[100], sound[..^1]]) Refused([.. sound, .. more]);

        void Refused(byte[] packed)
        {
            File.WriteAllBytes(path, packed);
            Assert.IsType<Result<Dataset>.Failed>(IdxFolder.Load(_folder));
        }
    }

    /// <summary>Beyond 64 MiB a body is counted before it is read.</summary>
    [Theory, InlineData(true), InlineData(false)]
    public void A_large_file_is_read_whole(bool gzip)
    {
        WriteSmall();
        const int Images = 70_000, Size = 32;
        foreach (var file in Directory.EnumerateFiles(_folder, "train-*").ToList()) File.Delete(file);
        var pixels = new byte[Images * Size * Size];
        for (var i = 0; i < pixels.Length; i += 9973) pixels[i] = (byte)(i / 9973);
        Write("train-images-idx3-ubyte", [.. Words(0x803, Images, Size, Size), .. pixels], gzip);
        Write("train-labels-idx1-ubyte", [.. Words(0x801, Images), .. Enumerable.Range(0, Images).Select(i => (byte)(i % 2))], gzip);
        Write("t10k-images-idx3-ubyte", [.. Words(0x803, 2, Size, Size), .. new byte[2 * Size * Size]], gzip: true);
        var data = IdxFolder.Load(_folder).OrThrow();
        Assert.True(data.Train.Pixels.SequenceEqual(pixels));
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private void WriteSmall()
    {
        Write("train-images-idx3-ubyte", [.. Words(0x803, 4, 2, 2), .. Enumerable.Range(0, 16).Select(i => (byte)i)]);
        Write("train-labels-idx1-ubyte", [.. Words(0x801, 4), 0, 1, 0, 1]);
        Write("t10k-images-idx3-ubyte", [.. Words(0x803, 2, 2, 2), .. new byte[8]]);
        Write("t10k-labels-idx1-ubyte", [.. Words(0x801, 2), 0, 1]);
    }

    private void Write(string name, byte[] content, bool gzip = true)
    {
        using var file = File.Create(Path.Combine(_folder, gzip ? $"{name}.gz" : name));
        using var packed = gzip ? new GZipStream(file, CompressionLevel.Fastest) : (Stream)file;
        packed.Write(content);
    }

    private static byte[] WithBit(byte[] bytes, int bit)
    {
        var changed = bytes.ToArray();
        changed[bit / 8] ^= (byte)(1 << bit % 8);
        return changed;
    }

    private static byte[] Words(params int[] words)
    {
        var bytes = new byte[4 * words.Length];
        for (var i = 0; i < words.Length; i++) BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(4 * i), words[i]);
        return bytes;
    }
}
