using Bnn.Core;

namespace Bnn.Store;

/// <summary>Writes files where people ask for them.</summary>
public static class OutputFile
{
    /// <summary>
    /// Writes a file that is there whole or not at all, in place of one that has the name. A link stays and what it leads to is written; a
    /// folder or a device is refused.
    /// </summary>
    /// <param name="origin">Where the path was given.</param>
    public static Result<FileHash> Write(string path, Origin origin, Action<Stream> write)
    {
        try
        {
            var file = new FileInfo(path);
            var target = file.LinkTarget is null ? file.FullName : file.ResolveLinkTarget(returnFinalTarget: true)!.FullName;
            if (Posix.NotAFile(target) is { } other) return Refused($"{path}, which is {other}", "a file to write");
            return Directory.Exists(Path.GetDirectoryName(target))
                ? AtomicFile.Write(FileLayer.OfSystem, target, write)
                : Refused(path, "a file in a folder that is there");
        }
        catch (Exception e) when (Disk.IsAtFault(e))
        {
            return Disk.Unwritable(path, e, "name a file in a folder that can be written") with { Origin = origin };
        }

        Fault.BadSetting Refused(string found, string expected) => new(origin.Setting, found, expected, "choose another name")
        {
            Origin = origin,
        };
    }
}
