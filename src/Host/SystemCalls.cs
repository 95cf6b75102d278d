using System.Runtime.InteropServices;

namespace Host;

/// <summary>What the base library doesn't say about the process that was started.</summary>
internal static partial class SystemCalls
{
    private const int ReadDescriptorFlags = 1, CloseOnExec = 1;
    private const nint Ignore = 1, Failed = -1;

    /// <summary>
    /// Whether a descriptor came with the process. If standard output or error was closed, the runtime's own first files take its number;
    /// those close on exec, which nothing does that was inherited.
    /// </summary>
    public static bool IsInherited(int descriptor)
    {
        if (OperatingSystem.IsWindows()) return true;
        var flags = Fcntl(descriptor, ReadDescriptorFlags);
        return flags >= 0 && (flags & CloseOnExec) == 0;
    }

    /// <summary>Whether a signal was being ignored when the process started, as SIGHUP is under nohup.</summary>
    public static bool IsIgnored(int signal)
    {
        if (OperatingSystem.IsWindows()) return false;
        var before = Signal(signal, Ignore);
        if (before is Ignore) return true;
        if (before is not Failed) _ = Signal(signal, before);
        return false;
    }

    [LibraryImport("libc", EntryPoint = "fcntl")]
    private static partial int Fcntl(int descriptor, int command);

    [LibraryImport("libc", EntryPoint = "signal")]
    private static partial nint Signal(int signal, nint handler);
}
