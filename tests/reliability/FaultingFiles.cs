using Bnn.Store;

namespace Reliability;

/// <summary>How an operation on the disk goes wrong.</summary>
public enum DiskFault
{
    /// <summary>It does nothing and says so.</summary>
    Error,

    /// <summary>It is done in part or in whole, and says that it failed: half of what was to be written is there.</summary>
    Torn,

    /// <summary>It is done in part, and so is nothing after it: the process or the machine ends here.</summary>
    End,
}

/// <summary>
/// The disk, but for one operation. Opening, reading, making, writing, flushing, renaming, deleting and locking count as one each; the
/// signs of life in a lease, which a clock writes and not the run, don't.
/// </summary>
/// <param name="at">The operation that goes wrong, from 1; 0 for none.</param>
internal sealed class FaultingFiles(int at = 0, DiskFault fault = DiskFault.Error) : FileLayer
{
    /// <summary>What the exceptions say.</summary>
    public const string Message = "the disk was made to fail";

    /// <summary>Operations so far.</summary>
    public int Operations { get; private set; }

    /// <summary>What went wrong: "Move …/plan.json".</summary>
    public string? Failed { get; private set; }

    public override Stream Open(string path) =>
        Do($"Open {path}", () => new Watched(this, base.Open(path), path), opened => opened.Dispose());

    public override Stream Create(string path) =>
        Do($"Create {path}", () => new Watched(this, base.Create(path), path), made => made.Dispose());

    public override void Flush(Stream file) => Do("Flush", () => base.Flush(((Watched)file).Inner));

    public override void Move(string from, string to) => Do($"Move {to}", () => base.Move(from, to));

    public override void Delete(string path) => Do($"Delete {path}", () => base.Delete(path));

    public override void DeleteFolder(string path) => Do($"DeleteFolder {path}", () => base.DeleteFolder(path));

    public override bool CreateFolder(string path) => Do($"CreateFolder {path}", () => base.CreateFolder(path), _ => { });

    public override void FlushFolder(string path) => Do($"FlushFolder {path}", () => base.FlushFolder(path));

    public override IDisposable? TryLock(string path) => Do($"TryLock {path}", () => base.TryLock(path), held => held?.Dispose());

    private void Do(string what, Action work) => Do(what, () => { work(); return true; }, _ => { });

    private T Do<T>(string what, Func<T> work, Action<T> undo)
    {
        switch (Next(what))
        {
            case null:
                return work();
            case DiskFault.Torn:
                undo(work());
                break;
        }
        throw new IOException(Message);
    }

    /// <summary>Counts an operation; how it goes wrong, or null.</summary>
    private DiskFault? Next(string what)
    {
        var number = ++Operations;
        if (number == at) Failed = what;
        return number == at ? fault : fault == DiskFault.End && at > 0 && number > at ? DiskFault.Error : null;
    }

    /// <summary>A file whose reads and writes count.</summary>
    private sealed class Watched(FaultingFiles files, Stream inner, string path) : Stream
    {
        public Stream Inner => inner;

        public override bool CanRead => inner.CanRead;

        public override bool CanSeek => inner.CanSeek;

        public override bool CanWrite => inner.CanWrite;

        public override long Length => inner.Length;

        public override long Position
        {
            get => inner.Position;
            set => inner.Position = value;
        }

        public override int Read(Span<byte> buffer)
        {
            if (files.Next($"Read {path}") is null) return inner.Read(buffer);
            throw new IOException(Message);
        }

        public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

        public override void Write(ReadOnlySpan<byte> buffer)
        {
            switch (files.Next($"Write {path}"))
            {
                case null:
                    inner.Write(buffer);
                    return;
                case DiskFault.Torn or DiskFault.End:
                    inner.Write(buffer[..(buffer.Length / 2)]);
                    break;
            }
            throw new IOException(Message);
        }

        public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

        public override void Flush() => inner.Flush();

        public override long Seek(long offset, SeekOrigin origin) => inner.Seek(offset, origin);

        public override void SetLength(long value) => inner.SetLength(value);

        protected override void Dispose(bool disposing)
        {
            if (disposing) inner.Dispose();
            base.Dispose(disposing);
        }
    }
}
