using Bnn.Core;

namespace Bnn.Store;

/// <summary>A file or a folder that a person names for something to be written to, outside of what the store keeps.</summary>
public static class AskedFile
{
    /// <summary>The setting's name in faults.</summary>
    public const string Setting = "to";

    private const string OtherName = "give another name", MakeFolder = "make the folder first, or give another";

    /// <summary>Why a file can't be written there; null where it can, as far as that can be told.</summary>
    /// <param name="replaces">Whether it may take the place of another file.</param>
    public static Fault? Check(string path, bool replaces)
    {
        if (path.Length == 0) return new Fault.BadSetting(Setting, "nothing", "a file's name") { Example = "net.npz" };
        var folder = FolderOf(path);
        if (Posix.NotAFile(path) is { } other) return new Fault.Disk(path, $"is {other}, not a file", OtherName);
        if (File.Exists(path) && !replaces)
            return new Fault.BadSetting(Setting, path, "a file that isn't there yet", $"{OtherName}, or --force to replace it");
        if (File.Exists(folder)) return new Fault.Disk(folder, "is a file where a folder is needed", OtherName);
        return Directory.Exists(folder) ? null : new Fault.Disk(folder, "there is no such folder", MakeFolder);
    }

    /// <summary>Why files can't be written below such a folder, which is made where it isn't there.</summary>
    /// <param name="replaces">Whether the folder may have something in it.</param>
    public static Fault? CheckFolder(string path, bool replaces)
    {
        if (path.Length == 0) return new Fault.BadSetting(Setting, "nothing", "a folder's name") { Example = "curves" };
        for (var part = Path.GetFullPath(path); part is not null; part = Path.GetDirectoryName(part))
            if (File.Exists(part)) return new Fault.Disk(part, "is a file where a folder is needed", OtherName);
        try
        {
            return replaces || !Directory.Exists(path) || !Directory.EnumerateFileSystemEntries(path).Any()
                ? null
                : new Fault.BadSetting(
                    Setting, path, "a folder that is empty or isn't there yet", $"{OtherName}, or --force to write beside what is there");
        }
        catch (Exception e) when (Disk.IsAtFault(e))
        {
            return Disk.Unreadable(path, e, "check its rights");
        }
    }

    /// <summary>Writes the file, whole or not at all.</summary>
    public static Result<FileHash> Write(string path, Action<Stream> write) =>
        Disk.Write(path, () => AtomicFile.Write(FileLayer.OfSystem, path, write));

    /// <summary>Writes the file and makes its folder where it isn't there.</summary>
    public static Result<FileHash> WriteBelow(string path, Action<Stream> write) => Disk.Write(path, () =>
    {
        FileLayer.OfSystem.CreateFolder(FolderOf(path));
        return AtomicFile.Write(FileLayer.OfSystem, path, write);
    });

    private static string FolderOf(string path) => Path.GetDirectoryName(Path.GetFullPath(path)) ?? Path.GetFullPath(path);
}
