using System.Buffers.Binary;
using System.Text;
using Bnn.Core;

namespace Bnn.Store.Tests;

/// <summary>A tensor file is read when it is what the format allows, and only then.</summary>
public sealed class SafetensorsTests : IDisposable
{
    private const string A = "\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}";
    private static readonly Architecture Net = new([2, 2]);
    private readonly string _file = Path.GetTempFileName();

    [Fact]
    public void What_was_written_reads_back()
    {
        NamedTensor[] tensors = [NamedTensor.Of("a", [2, 1], [1f, -0f]), NamedTensor.Of("b", [3], (byte[])[1, 0, 1])];
        using (var stream = File.Create(_file)) Safetensors.Write(stream, tensors);
        var read = Safetensors.Read(_file).OrThrow();
        Assert.Equal(["a", "b"], read.Keys.Order());
        Assert.True(tensors[0].Content.SequenceEqual(read["a"].Content));
        Assert.Equal(tensors[1].Bytes, read["b"].Bytes);
        Assert.Equal([2, 1], read["a"].Shape);
    }

    [Fact]
    public void A_sealed_file_has_its_notes_and_no_byte_of_it_can_change()
    {
        using (var stream = File.Create(_file))
            Safetensors.WriteSealed(stream, [NamedTensor.Of("a", [2], [1f, 2f])], [new("step", "7")]);
        Assert.Equal("7", Safetensors.ReadSealed(FileLayer.OfSystem, _file).OrThrow().Metadata["step"]);
        var content = File.ReadAllBytes(_file);
        for (var i = 0; i < content.Length; i++)
        {
            content[i] ^= 1;
            File.WriteAllBytes(_file, content);
            Assert.IsType<Result<StoredTensors>.Failed>(Safetensors.ReadSealed(FileLayer.OfSystem, _file));
            content[i] ^= 1;
        }
    }

    public static TheoryData<string, int> Heads => new()
    {
        { $"{{{A}}}", 9 }, { $"{{{A}}}", 7 }, { $"{{{A}}}", 0 },                               // trailing bytes, missing bytes
        { $"{{{A},{A}}}", 8 },                                                                  // a name twice
        { "{}", 8 }, { "[]", 0 }, { "null", 0 }, { "{", 0 }, { " {}", 0 }, { "", 0 }, { "\0\0", 0 },
        { "{\"a\":1}", 0 }, { "{\"a\":null}", 0 }, { "{\"a\":{}}", 0 }, { "{\"a\":[]}", 0 },
        { Tensor("F32", "[2]", "[0,4]"), 4 }, { Tensor("F32", "[1]", "[0,8]"), 8 },             // sizes that don't fit the shape
        { Tensor("F32", "[2]", "[4,12]"), 12 }, { Tensor("F32", "[2]", "[8,0]"), 8 },           // a gap, an end before the start
        { Tensor("F32", "[2]", "[-8,0]"), 8 }, { Tensor("F32", "[-2]", "[0,8]"), 8 }, { Tensor("F32", "[-1,-2]", "[0,8]"), 8 },
        { Tensor("F32", "[1.5]", "[0,6]"), 6 }, { Tensor("F32", "[\"2\"]", "[0,8]"), 8 }, { Tensor("F32", "2", "[0,8]"), 8 },
        { Tensor("F32", "[2]", "[0]"), 8 }, { Tensor("F32", "[2]", "[0,8,8]"), 8 }, { Tensor("F32", "[2]", "8"), 8 },
        { Tensor("F32", "[65536,65536]", "[0,17179869184]"), 8 }, { Tensor("F32", "[4294967296,4294967296]", "[0,0]"), 0 },
        { Tensor("F32", "[1073741825]", "[0,4294967300]"), 8 }, { Tensor("F32", "[9223372036854775807]", "[0,8]"), 8 },
        { Tensor("F32", "[99999999999999999999]", "[0,8]"), 8 }, { Tensor("F32", "[2]", "[0,99999999999999999999]"), 8 },
        { Tensor("F32", "[1,1,1,1,1,1,1,1,2]", "[0,8]"), 8 },
        { Tensor("F64", "[1]", "[0,8]"), 8 }, { Tensor("BF16", "[4]", "[0,8]"), 8 }, { Tensor("f32", "[2]", "[0,8]"), 8 },
        { "{\"a\":{\"dtype\":7,\"shape\":[2],\"data_offsets\":[0,8]}}", 8 },
        { "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8],\"more\":1}}", 8 },
        { $"{{{A},\"b\":{{\"dtype\":\"U8\",\"shape\":[4],\"data_offsets\":[4,8]}}}}", 8 },         // an overlap
        { $"{{{A},\"b\":{{\"dtype\":\"U8\",\"shape\":[4],\"data_offsets\":[12,16]}}}}", 16 },      // a gap
        { $"{{{A},\"b\":{{\"dtype\":\"U8\",\"shape\":[4],\"data_offsets\":[0,4]}}}}", 8 },
        { "{\"__metadata__\":1}", 0 }, { "{\"__metadata__\":{\"a\":1}}", 0 }, { "{\"__metadata__\":{\"a\":null}}", 0 },
        { $"{{{A}}} x", 8 }, { $"{{{A}}}{{}}", 8 }, { $"{{{A},}}", 8 }, { $"{{/* */{A}}}", 8 },
        { "{\"a\":{\"dtype\":\"F32\",\"shape\":[[[[2]]]],\"data_offsets\":[0,8]}}", 8 },
    };

    [Theory, MemberData(nameof(Heads))]
    public void Another_header_or_body_than_the_format_has_is_damage(string head, int body)
    {
        Write(head, body);
        Assert.IsType<Fault.DamagedStore>(Assert.Single(
            Assert.IsType<Result<IReadOnlyDictionary<string, NamedTensor>>.Failed>(Safetensors.Read(_file)).Faults));
    }

    [Theory, InlineData(-1L), InlineData(0L), InlineData(1L), InlineData(1L << 40), InlineData(long.MaxValue), InlineData(100_000_001L)]
    public void A_length_that_the_file_doesn_t_have_is_damage_and_costs_no_memory(long length)
    {
        Write($"{{{A}}}", 8, length);
        var before = GC.GetAllocatedBytesForCurrentThread();
        Assert.IsType<Result<IReadOnlyDictionary<string, NamedTensor>>.Failed>(Safetensors.Read(_file));
        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 1 << 20);
    }

    [Theory, InlineData("{}", 0), InlineData("{}   ", 0), InlineData("{\"__metadata__\":{\"a\":\"b\"}}", 0), InlineData($"{{{A}}}", 8)]
    public void What_the_format_allows_is_read(string head, int body)
    {
        Write(head, body);
        Safetensors.Read(_file).OrThrow();
    }

    [Fact]
    public void A_posterior_must_have_the_net_s_tensors_and_no_others()
    {
        var posterior = new PosteriorSnapshot([new LayerPosterior(Net.Layers[0], [1, 2, 3, 4], [1, 2, 3, 4], [1, 2])]);
        NamedTensor[] right = [.. Tensors.Of(Moment.Initial, posterior), .. Tensors.Of(Moment.Final, posterior)];
        Assert.Equal([1f, 2, 3, 4], Tensors.PosteriorFile(ByName(right), Net).Final.Layers[0].Mu);
        Refused("no tensor final.layer1.rho", right.Where(tensor => tensor.Name != "final.layer1.rho"));
        Refused("7 tensors, not 6", right.Append(NamedTensor.Of("more", [1], [1f])));
        Refused("initial.layer1.mu is [4], not [2, 2]", With(NamedTensor.Of("initial.layer1.mu", [4], [1f, 2, 3, 4])));
        Refused("initial.layer1.mu is [4, 1], not", With(NamedTensor.Of("initial.layer1.mu", [4, 1], [1f, 2, 3, 4])));
        Refused("holds bytes", With(NamedTensor.Of("final.layer1.bias", [2], (byte[])[1, 2])));
        foreach (var odd in (float[])[float.NaN, float.PositiveInfinity, float.NegativeInfinity])
            Refused("final.layer1.mu holds ", With(NamedTensor.Of("final.layer1.mu", [2, 2], [1f, 2, odd, 4])));
        Refused("a mask has 0 or 1", right.Append(NamedTensor.Of("layer1.mask", [2, 2], (byte[])[0, 1, 2, 1])));

        IEnumerable<NamedTensor> With(NamedTensor tensor) => right.Select(other => other.Name == tensor.Name ? tensor : other);

        void Refused(string reason, IEnumerable<NamedTensor> tensors) => Assert.Contains(
            reason, Assert.Throws<FormatException>(() => Tensors.PosteriorFile(ByName(tensors), Net)).Message, StringComparison.Ordinal);
    }

    public void Dispose() => File.Delete(_file);

    private static Dictionary<string, NamedTensor> ByName(IEnumerable<NamedTensor> tensors) =>
        tensors.ToDictionary(tensor => tensor.Name, StringComparer.Ordinal);

    private static string Tensor(string type, string shape, string offsets) =>
        $"{{\"a\":{{\"dtype\":\"{type}\",\"shape\":{shape},\"data_offsets\":{offsets}}}}}";

    private void Write(string head, int body, long? length = null)
    {
        var content = new byte[8 + Encoding.UTF8.GetByteCount(head) + body];
        BinaryPrimitives.WriteInt64LittleEndian(content, length ?? Encoding.UTF8.GetByteCount(head));
        Encoding.UTF8.GetBytes(head, content.AsSpan(8));
        File.WriteAllBytes(_file, content);
    }
}
