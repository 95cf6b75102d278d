using Bnn.Core;

namespace Bnn.Store;

/// <summary>Turns what the disk refuses into faults.</summary>
public static class Disk
{
    public const string CheckRightsAndSpace = "check its rights and the free space";

    /// <summary>Whether an exception is the disk's own: full, read-only, without rights, gone, a file larger than may be.</summary>
    public static bool IsAtFault(Exception e) => e is IOException or UnauthorizedAccessException || IsOfSize(e);

    /// <summary>The result of <paramref name="work"/>, or the fault that <paramref name="path"/> can't be written.</summary>
    public static Result<T> Write<T>(string path, Func<T> work, string fix = CheckRightsAndSpace)
    {
        try
        {
            return work();
        }
        catch (Exception e) when (IsAtFault(e))
        {
            return Unwritable(path, e, fix);
        }
    }

    public static Fault.Disk Unwritable(string path, Exception e, string fix = CheckRightsAndSpace) =>
        new(path, $"can't be written ({Reason(e)})", fix) { TakesNothing = TakesNothing(e) };

    public static Fault.Disk Unreadable(string path, Exception e, string fix = "check the file and its rights") =>
        new(path, $"can't be read ({Reason(e)})", fix);

    /// <summary>Bytes of the files below a folder; what links lead to isn't counted, nor what can't be looked at.</summary>
    public static long SizeOf(string folder) => new DirectoryInfo(folder) is { Exists: true, LinkTarget: null } there
        ? there.EnumerateFiles("*", NoLinks).Sum(LengthOf)
        : 0;

    private static long LengthOf(FileInfo file)
    {
        try
        {
            return file.Length;
        }
        catch (Exception e) when (IsAtFault(e))
        {
            return 0;                           // gone since it was listed
        }
    }

    private static readonly EnumerationOptions NoLinks = new()
    {
        RecurseSubdirectories = true,
        AttributesToSkip = FileAttributes.ReparsePoint,
        IgnoreInaccessible = true,
    };

    /// <summary>An exception's first line, without its full stop.</summary>
    public static string Reason(Exception e) => IsOfSize(e)
        ? "the file would be larger than its disk or a limit allows"
        : e.Message.Split('\n')[0].Trim().TrimEnd('.');

    /// <summary>Linux's codes EIO, ENOSPC, EROFS and EDQUOT, and Windows' ERROR_DISK_FULL.</summary>
    private const int Broken = 5, Full = 28, ReadOnly = 30, OverQuota = 122, WindowsFull = unchecked((int)0x80070070);

    /// <summary>ESTALE: what was open here was deleted on another machine.</summary>
    internal const int Stale = 116;

    /// <summary>Whether a write was refused for what is wrong with the whole disk.</summary>
    private static bool TakesNothing(Exception e) => e is IOException && (OperatingSystem.IsWindows()
        ? e.HResult == WindowsFull
        : e.HResult is Broken or Full or ReadOnly or OverQuota or Stale);

    /// <summary>Whether a write was refused for the file's size, which the base library calls a wrong argument.</summary>
    private static bool IsOfSize(Exception e) =>
        e is ArgumentOutOfRangeException { TargetSite.DeclaringType: { } thrower } && thrower == typeof(RandomAccess);
}
