using System.IO.Compression;

namespace Bnn.Store;

/// <summary>
/// The content of a gzip file of one member or several, which must be whole: the end of the last member, its checksum included, is the
/// end of the file. GZipStream alone takes a file without its trailer for whole, and passes over what follows it. So a further member is
/// put behind the file: only if its content is what comes last has the decoder reached the end of the file between two members.
/// </summary>
internal sealed class WholeGzip : ForwardStream.Reader
{
    private static readonly byte[] Mark = [.. "the end of a file"u8];
    private static readonly byte[] MarkMember = Packed(Mark);

    private readonly FileStream _file;
    private readonly Followed _input;
    private readonly GZipStream _content;
    private readonly byte[] _buffer = new byte[1 << 17];
    private int _start, _end;
    private long _delivered;
    private bool _ended;

    /// <param name="file">At its start. It is the caller's to close.</param>
    public WholeGzip(FileStream file)
    {
        (_file, _input) = (file, new Followed(file, MarkMember));
        _content = new GZipStream(_input, CompressionMode.Decompress, leaveOpen: true);
    }

    /// <exception cref="DamagedGzipException">The file isn't whole.</exception>
    public override int Read(Span<byte> buffer)
    {
        while (_end - _start <= Mark.Length && !_ended) Fill();
        if (_ended && !_buffer.AsSpan(_start, _end - _start).EndsWith(Mark))
        {
            throw _input.IsBehindFile
                ? DamagedGzipException.Truncated()
                : new DamagedGzipException("bytes behind its end that are no gzip", "fetch the file again, or cut them off");
        }
        var count = Math.Min(buffer.Length, _end - _start - Mark.Length);
        _buffer.AsSpan(_start, count).CopyTo(buffer);
        _start += count;
        _delivered += count;
        return count;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing) _content.Dispose();
        base.Dispose(disposing);
    }

    private void Fill()
    {
        _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
        (_start, _end) = (0, _end - _start);
        try
        {
            var read = _content.Read(_buffer, _end, _buffer.Length - _end);
            _ended = read == 0;
            _end += read;
        }
        catch (InvalidDataException)
        {
            if (_input.IsBehindFile) throw DamagedGzipException.Truncated();
            throw IsWholeButForItsChecksum()
                ? new DamagedGzipException(
                    "content that its checksum (CRC-32) or its length at the end contradicts", "the file was damaged: fetch the file again")
                : new DamagedGzipException("packed data that can't be unpacked", "the file was damaged: fetch the file again");
        }
    }

    /// <summary>Whether all can be unpacked where the checksum and the length, the last eight bytes, aren't looked at.</summary>
    private bool IsWholeButForItsChecksum()
    {
        const int Trailer = 8;
        _file.Position = 0;
        using var shortened = new Followed(_file, []) { Left = Math.Max(0, _file.Length - Trailer) };
        using var content = new GZipStream(shortened, CompressionMode.Decompress, leaveOpen: true);
        var most = _delivered + 2 * _buffer.Length;       // what failed did so before
        try
        {
            while (most > 0 && content.Read(_buffer, 0, _buffer.Length) is > 0 and var read) most -= read;
            return most > 0;
        }
        catch (InvalidDataException)
        {
            return false;
        }
    }

    private static byte[] Packed(byte[] content)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest)) gzip.Write(content);
        return packed.ToArray();
    }

    /// <summary>A file, and behind it some bytes that are given out only once the file has no more.</summary>
    private sealed class Followed(FileStream file, byte[] more) : ForwardStream.Reader
    {
        private int _given;

        /// <summary>Bytes of the file that are left to give.</summary>
        public long Left { get; set; } = long.MaxValue;

        /// <summary>Whether more was asked for than the file has.</summary>
        public bool IsBehindFile { get; private set; }

        public override int Read(Span<byte> buffer)
        {
            var read = file.Read(buffer[..(int)Math.Min(buffer.Length, Left)]);
            Left -= read;
            if (read > 0 || buffer.IsEmpty) return read;
            IsBehindFile = true;
            var count = Math.Min(buffer.Length, more.Length - _given);
            more.AsSpan(_given, count).CopyTo(buffer);
            _given += count;
            return count;
        }
    }
}

/// <summary>A gzip file that isn't whole.</summary>
/// <param name="found">What it is or has instead.</param>
internal sealed class DamagedGzipException(string found, string fix) : Exception(found)
{
    public string Fix => fix;

    public static DamagedGzipException Truncated() =>
        new("the end of the file before that of the stream, whose checksum comes last", "the file is cut short: fetch the file again");
}
