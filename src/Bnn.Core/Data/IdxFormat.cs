using System.Buffers.Binary;
using System.Collections.Immutable;

namespace Bnn.Core;

/// <summary>The head of an IDX file of bytes: its dimensions, the first of them the number of items.</summary>
public sealed record IdxHeader(ImmutableArray<int> Dimensions)
{
    /// <summary>Length of the head in bytes: a magic number and one word per dimension.</summary>
    public int Length => 4 + 4 * Dimensions.Length;

    public int Count => Dimensions[0];

    /// <summary>Length of the body in bytes, as the head declares it.</summary>
    public long BodyLength => Dimensions.Aggregate(1L, (product, size) => product * size);
}

/// <summary>
/// Yann LeCun's IDX format, unsigned bytes: big-endian magic 0x0000080d (d dimensions), the sizes, then the bytes in row-major order.
/// </summary>
public static class IdxFormat
{
    public const int ImageRank = 3, LabelRank = 1;
    private const int UnsignedByte = 0x08;
    private const string Again = "fetch or make the file again";

    /// <summary>The longest body that fits one array.</summary>
    private const long LongestBody = 0x7FFFFFC7;

    /// <summary>Number of bytes that <see cref="ParseHeader"/> needs.</summary>
    public static int HeaderLength(int rank) => 4 + 4 * rank;

    /// <param name="file">The file's name, for messages.</param>
    /// <param name="head">The file's first bytes: <see cref="HeaderLength"/> of them, fewer if the file ends before. With more, up to
    /// <see cref="ForeignFile.Length"/>, a file that isn't IDX is told by what it is.</param>
    /// <param name="rank">Expected number of dimensions: <see cref="ImageRank"/> or <see cref="LabelRank"/>.</param>
    public static Result<IdxHeader> ParseHeader(string file, ReadOnlySpan<byte> head, int rank)
    {
        var magic = UnsignedByte << 8 | rank;
        if (head.IsEmpty)
            return new Fault.BadData(file, 0, $"an IDX magic number (0x{magic:x8}, four bytes)", "the end of the file: it is empty", Again);
        if (head.Length < 4)
            return new Fault.BadData(
                file, head.Length, $"an IDX magic number (0x{magic:x8}, four bytes)", $"the end of the file after {head.Length} bytes",
                Again);
        var found = BinaryPrimitives.ReadUInt32BigEndian(head);
        if (found != magic)
        {
            var foreign = ForeignFile.Of(head, rank);
            return new Fault.BadData(
                file, 0, $"the IDX magic number 0x{magic:x8} (unsigned bytes, {rank} dimensions)",
                $"0x{found:x8}{(foreign is null ? "" : $", {foreign.What}")}", foreign?.Fix ?? Again);
        }
        if (head.Length < HeaderLength(rank))
            return new Fault.BadData(file, head.Length, $"{rank} sizes of four bytes", "the end of the file", Again);
        var sizes = ImmutableArray.CreateBuilder<int>(rank);
        var product = 1L;
        for (var i = 0; i < rank; i++)
        {
            var size = BinaryPrimitives.ReadUInt32BigEndian(head[(4 + 4 * i)..]);
            var what = i == 0 ? "number of items" : $"size of dimension {i + 1}";
            if (size is 0 or > int.MaxValue)
                return new Fault.BadData(file, 4 + 4 * i, $"a {what} from 1 to {int.MaxValue}", $"{size}", Again);
            product *= size;
            if (product > LongestBody)
                return new Fault.BadData(
                    file, 4 + 4 * i, $"at most {LongestBody} bytes of data", $"sizes that multiply to {product} and more",
                    "use a smaller data set");
            sizes.Add((int)size);
        }
        return new IdxHeader(sizes.MoveToImmutable());
    }

    /// <summary>Checks how many bytes of the body could be read when one more than declared was requested.</summary>
    public static Result<IdxHeader> CheckBody(string file, IdxHeader header, long read)
    {
        if (read == header.BodyLength) return header;
        var items = header.Dimensions.Length == LabelRank ? "labels" : "images";
        var expected = $"{header.Count} {items} ({header.BodyLength} bytes after the head)";
        return read < header.BodyLength
            ? new Fault.BadData(
                file, header.Length + read, expected,
                $"the end of the file after {read / (header.BodyLength / header.Count)} {items} ({read} bytes)", Again)
            : new Fault.BadData(file, header.Length + header.BodyLength, expected, "more bytes than that", Again);
    }
}
