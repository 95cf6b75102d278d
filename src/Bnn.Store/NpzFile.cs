using System.Buffers.Binary;
using System.Globalization;
using System.IO.Compression;
using System.Text;
using Bnn.Core;

namespace Bnn.Store;

/// <summary>
/// NumPy's .npz: a zip archive with a .npy file for each tensor, under its name. They are stored, not compressed, and have no times, so
/// that equal tensors give equal bytes.
/// </summary>
/// <remarks>
/// The .npy format, version 1.0, numpy.org/doc/stable/reference/generated/numpy.lib.format.html: the bytes 93 4E 55 4D 50 59 01 00, a
/// header's length in two bytes, the header as a Python dictionary with spaces and a line feed up to a multiple of 64 bytes, the values.
/// </remarks>
public static class NpzFile
{
    private const int Alignment = 64;
    private static readonly byte[] Magic = [0x93, .. "NUMPY"u8, 1, 0];

    /// <summary>The earliest time that a zip archive can say.</summary>
    private static readonly DateTimeOffset NoTime = new(1980, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>A regular file that its owner may write and everybody read, as Unix puts it, whatever the system is.</summary>
    private const int Rights = unchecked((int)0x81A4_0000);

    public static void Write(Stream stream, IEnumerable<NamedTensor> tensors)
    {
        using var archive = new ZipArchive(stream, ZipArchiveMode.Create, leaveOpen: true);
        foreach (var tensor in tensors)
        {
            var entry = archive.CreateEntry($"{tensor.Name}.npy", CompressionLevel.NoCompression);
            (entry.LastWriteTime, entry.ExternalAttributes) = (NoTime, Rights);
            using var file = entry.Open();
            file.Write(Head(tensor));
            file.Write(tensor.Content);
        }
    }

    /// <summary>All that comes before the values: row-major float32 or bytes, the lowest byte first.</summary>
    private static byte[] Head(NamedTensor tensor)
    {
        var type = tensor.Floats is null ? "|u1" : "<f4";
        var sizes = string.Concat(tensor.Shape.Select(size => string.Create(CultureInfo.InvariantCulture, $"{size}, "))).TrimEnd();
        if (tensor.Shape.Length > 1) sizes = sizes.TrimEnd(',');        // a tuple of one keeps its comma
        var text = $"{{'descr': '{type}', 'fortran_order': False, 'shape': ({sizes}), }}";
        var start = Magic.Length + sizeof(ushort);
        var length = (start + text.Length + 1 + Alignment - 1) / Alignment * Alignment;
        var head = new byte[length];
        Magic.CopyTo(head, 0);
        BinaryPrimitives.WriteUInt16LittleEndian(head.AsSpan(Magic.Length), (ushort)(length - start));
        head.AsSpan(start).Fill((byte)' ');
        Encoding.ASCII.GetBytes(text, head.AsSpan(start));
        head[^1] = (byte)'\n';
        return head;
    }
}
