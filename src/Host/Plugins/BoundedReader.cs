namespace Host.Plugins;

/// <summary>Reads what a plugin may have written: however much it is, only so much is held.</summary>
internal static class BoundedReader
{
    private const int BufferLetters = 16384;

    /// <summary>Reads to the end and keeps the beginnings of the first lines.</summary>
    /// <param name="keep">Given the beginning of each line, once; null marks that no more are wanted.</param>
    public static async Task Drain(TextReader reader, int mostLines, int mostLetters, Action<string> keep)
    {
        var (buffer, line, lines) = (new char[BufferLetters], new System.Text.StringBuilder(), 0);
        try
        {
            while (await reader.ReadAsync(buffer).ConfigureAwait(false) is > 0 and var read)
            {
                foreach (var letter in buffer.AsSpan(0, lines < mostLines ? read : 0))
                {
                    if (letter == '\n') End();
                    else if (line.Length <= mostLetters) line.Append(letter);
                }
            }
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException or InvalidOperationException)
        {
            // Its other end is gone.
        }
        if (line.Length > 0) End();

        void End()
        {
            if (lines++ < mostLines) keep(line.Length > mostLetters ? line.ToString(0, mostLetters) + "…" : line.ToString());
            line.Clear();
        }
    }

    /// <summary>The next line; null at the end, and for a line that is longer than <paramref name="mostLetters"/>.</summary>
    /// <param name="rest">What was read beyond the previous line; what is read beyond this one is put there.</param>
    public static async Task<string?> Line(TextReader reader, System.Text.StringBuilder rest, int mostLetters)
    {
        var buffer = new char[1024];
        while (true)
        {
            var text = rest.ToString();
            if (text.IndexOf('\n', StringComparison.Ordinal) is >= 0 and var end)
            {
                rest.Remove(0, end + 1);
                return text[..end];
            }
            if (rest.Length > mostLetters) return null;
            var read = await reader.ReadAsync(buffer).ConfigureAwait(false);
            if (read == 0) return null;
            rest.Append(buffer, 0, read);
        }
    }
}
