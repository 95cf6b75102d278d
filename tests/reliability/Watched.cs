namespace Reliability;

/// <summary>
/// Gives inputs to a parser and notices what it must not do: throw, hang, or take memory that nothing in the input accounts for.
/// </summary>
internal sealed class Watched(Parser parser)
{
    private const long Allowance = 64 << 20;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private long _began = Environment.TickCount64;
    private string _current = "";

    /// <summary>The most that one input took beyond its own length, in bytes.</summary>
    public long MostAllocated { get; private set; }

    public int Accepted { get; private set; }

    /// <summary>Runs through the inputs on a thread of its own.</summary>
    /// <returns>What went wrong; empty if nothing did.</returns>
    public IReadOnlyList<string> Run(IEnumerable<(string Name, byte[] Content)> inputs)
    {
        var wrong = new List<string>();
        var thread = new Thread(() =>
        {
            foreach (var (name, content) in inputs)
            {
                Volatile.Write(ref _current, $"{parser.Name} {name}");
                Volatile.Write(ref _began, Environment.TickCount64);
                if (Wrong(content) is not { } what) continue;
                wrong.Add($"{parser.Name} {name}: {what}; {Shown(content)}");
                if (wrong.Count >= 20) return;
            }
        })
        { IsBackground = true };
        thread.Start();
        while (!thread.Join(TimeSpan.FromMilliseconds(200)))
        {
            var elapsedMs = Environment.TickCount64 - Volatile.Read(ref _began);
            if (elapsedMs > Patience.TotalMilliseconds) return [$"{Volatile.Read(ref _current)} hangs"];
        }
        return wrong;
    }

    /// <summary>Whether the latest input was refused.</summary>
    public bool Refused { get; private set; }

    private string? Wrong(byte[] content)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        try
        {
            Refused = parser.Read(content) is not null;
            if (!Refused) Accepted++;
        }
        catch (Exception e)
        {
            return $"threw {e.GetType().Name}: {e.Message} {e.StackTrace?.Split('\n')[0].Trim()}";
        }
        var allocated = GC.GetAllocatedBytesForCurrentThread() - before - content.Length;
        MostAllocated = Math.Max(MostAllocated, allocated);
        return allocated > Allowance ? $"took {allocated >> 20} MiB for {content.Length} bytes" : null;
    }

    private static string Shown(byte[] content) => content.Length > 600
        ? $"{content.Length} bytes"
        : $"base64 {Convert.ToBase64String(content)}";
}
