using Bnn.Core;
using Bnn.Tests;
using CsCheck;

namespace Bnn.Store.Tests;

/// <summary>A .npz file holds the tensors that were written, as NumPy reads them, and nothing that could differ the next time.</summary>
public sealed class NpzFileTests : IDisposable
{
    private readonly string _file = Path.GetTempFileName();

    private static readonly NamedTensor[] Some = [
        NamedTensor.Of("layer1.mask", [2, 3], (byte[])[1, 0, 1, 0, 0, 1]),
        NamedTensor.Of("final.layer1.weight", [2, 3], [1.5f, -0f, float.Epsilon, 1e-30f, float.MaxValue, -3]),
        NamedTensor.Of("final.layer1.bias", [3], [0f, 1, 2])];

    [Fact]
    public void Tensors_read_back_to_their_bits_in_their_order() =>
        Gen.Select(Gen.Int[0, 9].Array[0, 4], Gen.Bool, Gen.Int).Array[0, 4].Sample(kinds =>
        {
            NamedTensor[] tensors = [.. kinds.Select((kind, i) => Random($"tensor{i}", kind.Item1, kind.Item2, kind.Item3))];
            Write(tensors);
            var arrays = Npz.Read(_file);
            return arrays.Count == tensors.Length && arrays.Zip(tensors).All(pair =>
                pair.First.Name == pair.Second.Name && pair.First.Type == (pair.Second.Floats is null ? "|u1" : "<f4")
                && pair.First.Shape.SequenceEqual(pair.Second.Shape) && pair.Second.Content.SequenceEqual(pair.First.Bytes));
        }, iter: 50, threads: 1);

    [Fact]
    public void Equal_tensors_give_equal_bytes_that_hold_no_time()
    {
        Write(Some);
        var first = File.ReadAllBytes(_file);
        Write(Some);
        Assert.Equal(first, File.ReadAllBytes(_file));
        using var archive = System.IO.Compression.ZipFile.OpenRead(_file);
        Assert.All(archive.Entries, entry => Assert.Equal(new DateTime(1980, 1, 1), entry.LastWriteTime.DateTime));
    }

    [Fact]
    public void NumPy_reads_the_same()
    {
        Python.Needs("numpy");
        Write(Some);
        var lines = Python.Says(
            """
            import sys, numpy
            with numpy.load(sys.argv[1], allow_pickle=False) as file:
                for name in file.files:
                    print(name, file[name].dtype.str, file[name].shape, file[name].tobytes().hex())
            """, _file).TrimEnd().Split('\n');
        Assert.Equal(
            Some.Zip((string[])["|u1 (2, 3)", "<f4 (2, 3)", "<f4 (3,)"], (tensor, type) =>
                $"{tensor.Name} {type} {Convert.ToHexStringLower(tensor.Content)}"),
            lines);
    }

    public void Dispose() => File.Delete(_file);

    private static NamedTensor Random(string name, int[] shape, bool isFloats, int seed)
    {
        var bytes = new byte[shape.Aggregate(isFloats ? sizeof(float) : 1, (product, size) => product * size)];
        new Random(seed).NextBytes(bytes);
        return isFloats
            ? NamedTensor.Of(name, shape, System.Runtime.InteropServices.MemoryMarshal.Cast<byte, float>(bytes).ToArray())
            : NamedTensor.Of(name, shape, bytes);
    }

    private void Write(NamedTensor[] tensors)
    {
        using var stream = File.Create(_file);
        NpzFile.Write(stream, tensors);
    }
}
