namespace Bnn.Store;

/// <summary>Reads files that may be anything: pipes and devices are refused instead of waited for, and memory has a bound.</summary>
public static class InputFile
{
    /// <exception cref="IOException">It isn't a regular file, or the disk refuses it.</exception>
    public static FileStream Open(string path) => Posix.NotAFile(path) is { } other
        ? throw new IOException($"it is {other}, not a file")
        : new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete);

    /// <param name="most">Bytes that such a file may have.</param>
    /// <exception cref="IOException">It isn't a regular file, it is larger, or the disk refuses it.</exception>
    public static byte[] ReadAll(string path, long most) => FileLayer.OfSystem.ReadAll(path, most);
}
