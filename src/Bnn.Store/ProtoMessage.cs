using System.Buffers.Binary;
using System.Text;

namespace Bnn.Store;

/// <summary>
/// A message of Protocol Buffers as it is written: fields in the order in which they are added, each after its tag, 8 · number + wire type.
/// Wire type 0 is a varint (seven bits a byte, the lowest first, the eighth bit where more follow), 1 and 5 are eight and four bytes, the
/// lowest first, and 2 is a length as a varint and as many bytes.
/// </summary>
/// <remarks>protobuf.dev/programming-guides/encoding.</remarks>
internal sealed class ProtoMessage
{
    private const int Varint = 0, EightBytes = 1, Delimited = 2, FourBytes = 5, WireTypeBits = 3;
    private const int VarintBits = 7, More = 0x80, LongestVarint = 10;

    private readonly List<ReadOnlyMemory<byte>> _parts = [];

    /// <summary>In bytes.</summary>
    public long Length { get; private set; }

    /// <summary>An integer or an enumeration's value; negative ones have ten bytes.</summary>
    public ProtoMessage Whole(int field, long value) => Tag(field, Varint).AddVarint((ulong)value);

    public ProtoMessage Single(int field, float value)
    {
        var bytes = new byte[sizeof(float)];
        BinaryPrimitives.WriteSingleLittleEndian(bytes, value);
        return Tag(field, FourBytes).Add(bytes);
    }

    public ProtoMessage Double(int field, double value)
    {
        var bytes = new byte[sizeof(double)];
        BinaryPrimitives.WriteDoubleLittleEndian(bytes, value);
        return Tag(field, EightBytes).Add(bytes);
    }

    public ProtoMessage Text(int field, string value) => Bytes(field, Encoding.UTF8.GetBytes(value));

    /// <summary>Bytes, which are not copied.</summary>
    public ProtoMessage Bytes(int field, ReadOnlyMemory<byte> value) => Tag(field, Delimited).AddVarint((ulong)value.Length).Add(value);

    /// <summary>A message inside this one, as it is now.</summary>
    public ProtoMessage Message(int field, ProtoMessage value)
    {
        Tag(field, Delimited).AddVarint((ulong)value.Length);
        foreach (var part in value._parts) Add(part);
        return this;
    }

    public void WriteTo(Stream stream)
    {
        foreach (var part in _parts) stream.Write(part.Span);
    }

    public byte[] ToArray()
    {
        using var stream = new MemoryStream();
        WriteTo(stream);
        return stream.ToArray();
    }

    private ProtoMessage Tag(int field, int wireType) => AddVarint((ulong)field << WireTypeBits | (uint)wireType);

    private ProtoMessage AddVarint(ulong value)
    {
        var bytes = new byte[LongestVarint];
        var count = 0;
        for (; value >= More; value >>= VarintBits) bytes[count++] = (byte)(value | More);
        bytes[count++] = (byte)value;
        return Add(bytes.AsMemory(0, count));
    }

    private ProtoMessage Add(ReadOnlyMemory<byte> part)
    {
        _parts.Add(part);
        Length += part.Length;
        return this;
    }
}
