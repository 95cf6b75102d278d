using System.Buffers.Binary;
using Bnn.Core;
using CsCheck;

namespace Bnn.Tests;

/// <summary>
/// Data files with arbitrary content: no bytes throw, and every fault says where, what was expected, what was found and what to do.
/// </summary>
public sealed class IdxFormatTests
{
    private const string Name = "data/train-images";

    private static byte[] Head(uint magic, params uint[] sizes)
    {
        var bytes = new byte[4 + 4 * sizes.Length];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, magic);
        foreach (var (i, size) in sizes.Index()) BinaryPrimitives.WriteUInt32BigEndian(bytes.AsSpan(4 + 4 * i), size);
        return bytes;
    }

    /// <summary>Reads a whole file as a host does: the head, then at most one byte more than it declares.</summary>
    private static Result<IdxHeader> Read(byte[] file, int rank) => IdxFormat
        .ParseHeader(Name, file.AsSpan(0, Math.Min(file.Length, IdxFormat.HeaderLength(rank))), rank)
        .Bind(header => IdxFormat.CheckBody(Name, header, Math.Min(file.Length - header.Length, header.BodyLength + 1)));

    private static Fault.BadData Refused(Result<IdxHeader> result) =>
        Assert.IsType<Fault.BadData>(Assert.Single(Assert.IsType<Result<IdxHeader>.Failed>(result).Faults));

    private static void Says(Fault.BadData fault, long offset, params string[] parts)
    {
        Assert.Equal(offset, fault.Offset);
        Assert.NotEmpty(fault.Fix);
        Assert.All((string[])[Name, $"byte {offset}:", fault.Fix, .. parts], part =>
            Assert.Contains(part, fault.Describe(), StringComparison.Ordinal));
    }

    [Fact]
    public void A_whole_file_is_read()
    {
        var header = Assert.IsType<Result<IdxHeader>.Ok>(Read([.. Head(0x803, 3, 2, 4), .. new byte[24]], IdxFormat.ImageRank)).Value;
        Assert.Equal([3, 2, 4], header.Dimensions);
        Assert.Equal((3, 24, 16), (header.Count, header.BodyLength, header.Length));
        Assert.Equal(5, Assert.IsType<Result<IdxHeader>.Ok>(Read([.. Head(0x801, 5), .. new byte[5]], IdxFormat.LabelRank)).Value.Count);
    }

    [Fact]
    public void A_file_cut_off_anywhere_says_where_it_ends()
    {
        byte[] whole = [.. Head(0x803, 3, 2, 2), .. new byte[12]];
        for (var length = 0; length < whole.Length; length++)
        {
            var fault = Refused(Read(whole[..length], IdxFormat.ImageRank));
            Says(fault, length, "end of the file");
            if (length >= 16) Says(fault, length, "3 images", "12 bytes", $"after {(length - 16) / 4} images", $"({length - 16} bytes)");
        }
    }

    [Fact]
    public void Bytes_after_the_end_are_refused() =>
        Says(Refused(Read([.. Head(0x801, 3), 0, 1, 2, 3], IdxFormat.LabelRank)), 11, "3 labels", "more bytes");

    [Theory]
    [InlineData(0x00000801u, IdxFormat.ImageRank, "file of labels where images belong")]
    [InlineData(0x00000803u, IdxFormat.LabelRank, "file of images where labels belong")]
    [InlineData(0x1F8B0800u, IdxFormat.ImageRank, "packed twice")]
    [InlineData(0x00000D03u, IdxFormat.ImageRank, "convert it to unsigned bytes")]
    [InlineData(0x00000804u, IdxFormat.ImageRank, "images have three")]
    [InlineData(0x03080000u, IdxFormat.ImageRank, "big-endian")]
    [InlineData(0x12345678u, IdxFormat.ImageRank, "again")]
    public void A_wrong_magic_number_is_shown_with_the_right_one_and_a_hint(uint magic, int rank, string hint) =>
        Says(Refused(Read(Head(magic, 1, 1, 1), rank)), 0, $"0x{magic:x8}", $"0x{0x800 + rank:x8}", hint);

    [Theory]
    [InlineData(4, "0", 0u, 28u, 28u)]
    [InlineData(8, "0", 60000u, 0u, 28u)]
    [InlineData(12, "0", 60000u, 28u, 0u)]
    [InlineData(4, "4294967295", uint.MaxValue, 28u, 28u)]
    [InlineData(12, "2147483648", 1u, 1u, 0x80000000u)]
    public void A_size_that_cannot_be_is_refused_where_it_stands(long offset, string found, uint count, uint rows, uint columns) =>
        Says(Refused(Read(Head(0x803, count, rows, columns), IdxFormat.ImageRank)), offset, $"found {found}", $"from 1 to {int.MaxValue}");

    [Theory]
    [InlineData(8, 0x40000000u, 2u, 1u)]
    [InlineData(12, 65536u, 32767u, 2u)]
    [InlineData(8, 0x7FFFFFC7u, 0x7FFFFFFFu, 0x7FFFFFFFu)]
    [InlineData(4, 0x7FFFFFC8u, 1u, 1u)]
    public void Sizes_whose_product_no_array_holds_are_refused(long offset, uint count, uint rows, uint columns)
    {
        var product = (ulong)count * (offset >= 8 ? rows : 1) * (offset >= 12 ? columns : 1);
        Says(Refused(Read(Head(0x803, count, rows, columns), IdxFormat.ImageRank)), offset, "bytes of data", $"{product}");
    }

    [Fact]
    public void No_bytes_throw_and_what_is_accepted_is_whole()
    {
        var magics = Gen.OneOf(Gen.Const(0x801u), Gen.Const(0x803u));
        var small = Gen.UInt[0, 4].Array[0, 5].Select(
            Gen.Byte.Array[0, 80], magics, (sizes, body, magic) => (byte[])[.. Head(magic, sizes), .. body]);
        Gen.Select(Gen.OneOf(Gen.Byte.Array[0, 40], small), Gen.OneOf(Gen.Const(IdxFormat.ImageRank), Gen.Const(IdxFormat.LabelRank)))
            .Sample((file, rank) =>
        {
            if (Read(file, rank) is Result<IdxHeader>.Failed(var faults))
            {
                var fault = Assert.IsType<Fault.BadData>(Assert.Single(faults));
                Assert.InRange(fault.Offset, 0, file.Length);
                Assert.NotEmpty(fault.Describe());
                return;
            }
            var header = Assert.IsType<Result<IdxHeader>.Ok>(Read(file, rank)).Value;
            Assert.Equal(file.Length, header.Length + header.BodyLength);
            Assert.Equal(rank, header.Dimensions.Length);
        }, iter: 5000);
    }
}
