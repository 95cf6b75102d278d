using System.Globalization;
using System.Text;
using Bnn.Store;

namespace Host.Consoles;

/// <summary>Writes to a stream that may be full, closed or gone: what it doesn't take is <see cref="Unshown"/>.</summary>
/// <param name="name">The stream's name for people.</param>
/// <param name="inner">Null for a closed stream.</param>
internal sealed class GuardedWriter(string name, TextWriter? inner) : TextWriter(CultureInfo.InvariantCulture)
{
    public override Encoding Encoding => inner?.Encoding ?? Encoding.UTF8;

    /// <summary>Whether an exception means that a stream doesn't take what is written.</summary>
    public static bool IsLoss(Exception e) => Disk.IsAtFault(e) || e is ObjectDisposedException;

    public override void Write(char value) => Write([value]);

    public override void Write(char[] buffer, int index, int count) => Write(buffer.AsSpan(index, count));

    public override void Write(string? value) => Write(value.AsSpan());

    public override void WriteLine(string? value) => Write($"{value}{CoreNewLineText}".AsSpan());

    public override void Write(ReadOnlySpan<char> buffer)
    {
        if (buffer.Length == 0) return;
        try
        {
            if (inner is null) Lose("it is closed");
            else inner.Write(buffer);
        }
        catch (Exception e) when (IsLoss(e))
        {
            Lose(e);
        }
    }

    public override void Flush()
    {
        try
        {
            inner?.Flush();
        }
        catch (Exception e) when (IsLoss(e))
        {
            Lose(e);
        }
    }

    private string CoreNewLineText => new(CoreNewLine);

    /// <summary>The system's own words are inside when the base library says no more than that access was denied.</summary>
    private void Lose(Exception e) => Lose(Disk.Reason(e is UnauthorizedAccessException { InnerException: { } inside } ? inside : e));

    private void Lose(string reason) => Unshown.Add(StandardStreams.Lost(name, reason));
}
