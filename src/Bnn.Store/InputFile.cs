using System.Text;

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
    public static byte[] ReadAll(string path, long most)
    {
        using var file = Open(path);
        if (file.Length > most) throw new IOException($"it has {file.Length} bytes, more than the {most} that such a file can have");
        var bytes = new byte[file.Length];
        file.ReadExactly(bytes);
        return bytes;
    }

    /// <inheritdoc cref="ReadAll"/>
    public static string ReadText(string path, long most) => Encoding.UTF8.GetString(ReadAll(path, most));
}
