using System.Runtime.InteropServices;

namespace Bnn.Store;

/// <summary>What the base library doesn't offer of the system's own calls; each does nothing where the system lacks it.</summary>
internal static partial class Posix
{
    private const int CurrentFolder = -100, FollowLinks = 0, TypeOnly = 1, ReadOnly = 0;
    private const int StatxSize = 256, StatxMode = 28;
    private const int TypeMask = 0xF000, Pipe = 0x1000, CharacterDevice = 0x2000, Folder = 0x4000, BlockDevice = 0x6000, Socket = 0xC000;

    /// <summary>
    /// What a path leads to if that is neither a regular file nor unknown: "a named pipe", "a device" … Nothing is opened: opening a pipe
    /// waits for whoever writes to it.
    /// </summary>
    public static string? NotAFile(string path)
    {
        if (Directory.Exists(path)) return "a folder";
        if (!OperatingSystem.IsLinux()) return null;
        Span<byte> status = stackalloc byte[StatxSize];
        try
        {
            if (Statx(CurrentFolder, path, FollowLinks, TypeOnly, status) != 0) return null;
        }
        catch (EntryPointNotFoundException)
        {
            return null;
        }
        return (MemoryMarshal.Read<ushort>(status[StatxMode..]) & TypeMask) switch
        {
            Pipe => "a named pipe",
            Socket => "a socket",
            CharacterDevice or BlockDevice => "a device",
            Folder => "a folder",
            _ => null,
        };
    }

    /// <summary>
    /// Flushes a folder's entries to the disk, so that a rename in it survives a loss of power; silent where that can't be done.
    /// </summary>
    public static void FlushFolder(string path)
    {
        if (OperatingSystem.IsWindows()) return;
        var handle = Open(path, ReadOnly);
        if (handle < 0) return;
        _ = Fsync(handle);
        _ = Close(handle);
    }

    [LibraryImport("libc", EntryPoint = "statx", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Statx(int folder, string path, int flags, uint mask, Span<byte> status);

    [LibraryImport("libc", EntryPoint = "open", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync")]
    private static partial int Fsync(int handle);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int Close(int handle);
}
