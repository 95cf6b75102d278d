using System.Buffers.Binary;
using System.Numerics;
using Bnn.Core;

namespace Bnn.Store;

/// <summary>
/// TensorBoard's event files, here with the curves of a training. A file is records: eight bytes of length, the masked CRC-32C of these
/// eight, an event, its masked CRC-32C; all numbers have the lowest byte first. The first event names the version, each further one is a
/// step with its scalars, in float32. An event's time is its step in seconds after 1970, so that equal curves give equal bytes.
/// </summary>
/// <remarks>tensorflow/core/util/event.proto, framework/summary.proto and lib/io/record_writer.h of github.com/tensorflow.</remarks>
public static class EventFile
{
    /// <summary>TensorBoard reads files with <c>tfevents</c> in their names.</summary>
    public const string Name = "events.out.tfevents.0000000000.host";

    private const string Version = "brain.Event:2";

    /// <summary>The columns of metrics.csv by name, in its order; those with the same word before the slash are shown together.</summary>
    private static readonly (string Tag, Func<MetricsRow, double?> Of)[] Curves = [
        ("train/loss", row => row.TrainLoss), ("train/nll", row => row.TrainNll), ("train/kl", row => row.Kl),
        ("validation/nll", row => row.ValidationNll), ("validation/accuracy", row => row.ValidationAccuracy)];

    public static void Write(Stream stream, IEnumerable<MetricsRow> rows)
    {
        const int Time = 1, Step = 2, FileVersion = 3, Summary = 5, Value = 1, Tag = 1, Scalar = 2;
        WriteRecord(stream, new ProtoMessage().Double(Time, 0).Text(FileVersion, Version).ToArray());
        foreach (var row in rows)
        {
            var summary = new ProtoMessage();
            foreach (var (tag, of) in Curves)
                if (of(row) is { } value) summary.Message(Value, new ProtoMessage().Text(Tag, tag).Single(Scalar, (float)value));
            if (summary.Length == 0) continue;
            WriteRecord(stream, new ProtoMessage().Double(Time, row.Step).Whole(Step, row.Step).Message(Summary, summary).ToArray());
        }
    }

    private static void WriteRecord(Stream stream, byte[] content)
    {
        var length = new byte[sizeof(ulong)];
        BinaryPrimitives.WriteInt64LittleEndian(length, content.Length);
        stream.Write(length);
        WriteMaskedCrc(stream, length);
        stream.Write(content);
        WriteMaskedCrc(stream, content);
    }

    /// <summary>
    /// The checksum c turned right by 15 bits, plus a constant, modulo 2³²: the checksum of what holds its own checksum is then no
    /// special case.
    /// </summary>
    private static void WriteMaskedCrc(Stream stream, ReadOnlySpan<byte> content)
    {
        const int Turn = 15;
        const uint Delta = 0xA282_EAD8;
        Span<byte> masked = stackalloc byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32LittleEndian(masked, unchecked(BitOperations.RotateRight(Crc32C(content), Turn) + Delta));
        stream.Write(masked);
    }

    /// <summary>CRC-32C: Castagnoli's polynomial, bits reflected, from all ones, and inverted at the end.</summary>
    private static uint Crc32C(ReadOnlySpan<byte> content)
    {
        var crc = uint.MaxValue;
        foreach (var value in content) crc = BitOperations.Crc32C(crc, value);
        return ~crc;
    }
}
