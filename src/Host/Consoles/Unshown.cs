using Bnn.Core;

namespace Host.Consoles;

/// <summary>
/// What couldn't be shown to people: on a full or closed stream, on a terminal that is gone, in a log. It stops nothing that is computed;
/// it is told at the end, and makes the exit code <see cref="ExitCode.Disk"/> where all else went well.
/// </summary>
public static class Unshown
{
    private const int Named = 5;
    private static readonly Lock Guard = new();
    private static readonly Dictionary<string, Fault.Disk> Faults = new(StringComparer.Ordinal);

    /// <summary>Remembers the first reason of each place.</summary>
    public static void Add(Fault.Disk fault)
    {
        lock (Guard) Faults.TryAdd(fault.Path, fault);
    }

    /// <summary>Tells what wasn't shown, on stderr, or on stdout if stderr takes nothing.</summary>
    /// <param name="code">The exit code of the work.</param>
    /// <returns>The exit code of the process.</returns>
    public static int Tell(int code)
    {
        var (lines, _) = Lines();
        foreach (var line in lines) Console.Error.WriteLine(line);
        var (all, isErrorLost) = Lines();
        if (isErrorLost) foreach (var line in all) Console.Out.WriteLine(line);
        return code == ExitCode.Done && all.Count > 0 ? ExitCode.Disk : code;
    }

    private static (List<string> Lines, bool IsErrorLost) Lines()
    {
        lock (Guard)
        {
            List<string> lines = [.. Faults.Values.Take(Named).Select(fault => $"host: {fault.Describe()}")];
            if (Faults.Count > Named) lines.Add($"host: the same for {Faults.Count - Named} more");
            return (lines, Faults.ContainsKey(StandardStreams.Error));
        }
    }
}
