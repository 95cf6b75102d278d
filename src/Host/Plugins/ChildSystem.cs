using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;

namespace Host.Plugins;

/// <summary>What children need of the system beyond the base library; each does nothing where the system lacks it.</summary>
internal static partial class ChildSystem
{
    private const int Kill = 9, SetHandleFlags = 2, CloseOnExec = 1;

    /// <summary>
    /// Makes this process the first of a group of its own, so that whatever it starts can be ended with it and the terminal's Ctrl-C
    /// reaches the host alone; and the first that the system ends when memory runs out.
    /// </summary>
    public static void Secede()
    {
        if (OperatingSystem.IsWindows()) return;
        _ = SetGroup(0, 0);
        if (!OperatingSystem.IsLinux()) return;
        try
        {
            File.WriteAllText("/proc/self/oom_score_adj", "1000");
        }
        catch (Exception e) when (Bnn.Store.Disk.IsAtFault(e))
        {
            // The system then chooses as it does for any process.
        }
    }

    /// <summary>Keeps a pipe's end from the processes that this one starts.</summary>
    public static void KeepFromChildren(SafeHandle pipe)
    {
        if (OperatingSystem.IsLinux()) _ = SetFlags((int)pipe.DangerousGetHandle(), SetHandleFlags, CloseOnExec);
    }

    /// <summary>Ends this process and all that it started, at once and whatever its code is doing.</summary>
    public static void EndOwnGroup()
    {
        if (!OperatingSystem.IsWindows() && Group(0) == Environment.ProcessId) _ = SendTo(0, Kill);
        using var own = Process.GetCurrentProcess();
        own.Kill();
    }

    /// <summary>Ends the group that a child has made of itself.</summary>
    public static void EndGroup(int child)
    {
        if (!OperatingSystem.IsWindows()) _ = SendTo(-child, Kill);
    }

    /// <summary>Bytes of memory that a process holds, what was swapped out included; 0 for one that has ended.</summary>
    public static long MemoryOf(Process process)
    {
        try
        {
            if (!OperatingSystem.IsLinux())
            {
                process.Refresh();
                return process.WorkingSet64;
            }
            return File.ReadLines($"/proc/{process.Id}/status")
                .Where(line => line.StartsWith("VmRSS:", StringComparison.Ordinal) || line.StartsWith("VmSwap:", StringComparison.Ordinal))
                .Sum(line => long.Parse(line.Split(':')[1].Split("kB")[0], CultureInfo.InvariantCulture) << 10);
        }
        catch (Exception e) when (Bnn.Store.Disk.IsAtFault(e) || e is InvalidOperationException or FormatException)
        {
            return 0;
        }
    }

    [LibraryImport("libc", EntryPoint = "setpgid")]
    private static partial int SetGroup(int process, int group);

    [LibraryImport("libc", EntryPoint = "getpgid")]
    private static partial int Group(int process);

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int SendTo(int process, int signal);

    [LibraryImport("libc", EntryPoint = "fcntl")]
    private static partial int SetFlags(int handle, int command, int flags);
}
