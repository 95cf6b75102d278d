using System.Buffers.Binary;
using System.Text;

namespace Bnn.Tests;

/// <summary>An event: its time, its step, its version if it names one, and its scalars by tag.</summary>
public sealed record Event(double Time, long Step, string? Version, IReadOnlyDictionary<string, float> Scalars);

/// <summary>An event file, read by its public description; each checksum is compared.</summary>
public static class Events
{
    public static List<Event> Read(byte[] file)
    {
        var events = new List<Event>();
        var at = 0;
        while (at < file.Length)
        {
            var length = (int)BinaryPrimitives.ReadUInt64LittleEndian(file.AsSpan(at));
            Assert.Equal(Masked(Crc32C(file.AsSpan(at, 8))), BinaryPrimitives.ReadUInt32LittleEndian(file.AsSpan(at + 8)));
            var content = file.AsSpan(at + 12, length);
            Assert.Equal(Masked(Crc32C(content)), BinaryPrimitives.ReadUInt32LittleEndian(file.AsSpan(at + 12 + length)));
            events.Add(EventOf(Fields(content.ToArray())));
            at += 16 + length;
        }
        Assert.Equal(file.Length, at);
        return events;
    }

    /// <summary>CRC-32C bit by bit: 0x82F63B78 is Castagnoli's polynomial with its bits reversed.</summary>
    public static uint Crc32C(ReadOnlySpan<byte> content)
    {
        var crc = ~0u;
        foreach (var value in content)
        {
            crc ^= value;
            for (var bit = 0; bit < 8; bit++) crc = (crc & 1) == 0 ? crc >> 1 : crc >> 1 ^ 0x82F63B78;
        }
        return ~crc;
    }

    public static uint Masked(uint crc) => unchecked((crc >> 15 | crc << 17) + 0xA282EAD8);

    private static Event EventOf(List<(int Field, byte[] Content, long Number)> fields)
    {
        var time = BitConverter.Int64BitsToDouble(Assert.Single(fields, field => field.Field == 1).Number);
        var summaries = fields.Where(field => field.Field == 5).SelectMany(field => Fields(field.Content)).Select(value =>
        {
            Assert.Equal(1, value.Field);
            var parts = Fields(value.Content);
            return (
                Tag: Encoding.UTF8.GetString(Assert.Single(parts, part => part.Field == 1).Content),
                Scalar: BitConverter.Int32BitsToSingle((int)Assert.Single(parts, part => part.Field == 2).Number));
        });
        return new Event(
            time,
            fields.SingleOrDefault(field => field.Field == 2).Number,
            fields.Where(field => field.Field == 3).Select(field => Encoding.UTF8.GetString(field.Content)).SingleOrDefault(),
            summaries.ToDictionary(value => value.Tag, value => value.Scalar, StringComparer.Ordinal));
    }

    /// <summary>A message's fields: by wire type a number, or bytes.</summary>
    private static List<(int Field, byte[] Content, long Number)> Fields(byte[] message)
    {
        var fields = new List<(int, byte[], long)>();
        var at = 0;
        while (at < message.Length)
        {
            var tag = Varint();
            var field = (int)(tag >> 3);
            switch (tag & 7)
            {
                case 0:
                    fields.Add((field, [], (long)Varint()));
                    break;
                case 1:
                    fields.Add((field, [], BinaryPrimitives.ReadInt64LittleEndian(message.AsSpan(at))));
                    at += 8;
                    break;
                case 2:
                    var length = (int)Varint();
                    fields.Add((field, message[at..(at + length)], 0));
                    at += length;
                    break;
                case 5:
                    fields.Add((field, [], BinaryPrimitives.ReadInt32LittleEndian(message.AsSpan(at))));
                    at += 4;
                    break;
                default:
                    Assert.Fail($"wire type {tag & 7}");
                    break;
            }
        }
        Assert.Equal(message.Length, at);
        return fields;

        ulong Varint()
        {
            var value = 0UL;
            for (var shift = 0; ; shift += 7)
            {
                var part = message[at++];
                value |= (ulong)(part & 0x7F) << shift;
                if (part < 0x80) return value;
            }
        }
    }
}
