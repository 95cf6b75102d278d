using System.Text;

namespace Bnn.Core;

/// <summary>What a file is that isn't the IDX file it should be, as far as its first bytes tell, and what to do about it.</summary>
/// <param name="What">"a web page".</param>
public sealed record ForeignFile(string What, string Fix)
{
    /// <summary>Number of first bytes that tell all kinds apart: a tar file's mark is behind its first name.</summary>
    public const int Length = 512;

    private const int TarMark = 257, ShownText = 24;
    private const string Unpack = "unpack it, and give the folder with the four files that were in it";
    private const string Convert = "convert it to IDX: a head of big-endian words, then one unsigned byte for each pixel or label";

    private static readonly (byte[] Start, string What, string Fix)[] Known = [
        ([.. "version https://git-lfs"u8], "a Git LFS pointer, which only names the file", "fetch the file itself: git lfs pull"),
        ([0x1F, 0x8B], "a gzip file inside a gzip file", "this file is packed twice: unpack it once"),
        ([.. "PK"u8], "a zip archive", Unpack),
        ([.. "BZh"u8], "a bzip2 file", Unpack),
        ([0xFD, .. "7zXZ"u8], "an xz file", Unpack),
        ([0x28, 0xB5, 0x2F, 0xFD], "a Zstandard file", Unpack),
        ([.. "7z"u8, 0xBC, 0xAF], "a 7-Zip archive", Unpack),
        ([.. "Rar!"u8], "a RAR archive", Unpack),
        ([0x93, .. "NUMPY"u8], "a NumPy array", Convert),
        ([0x89, .. "HDF"u8], "an HDF5 file", Convert),
        ([.. "PAR1"u8], "a Parquet file", Convert),
        ([0x89, .. "PNG"u8], "a PNG image", Convert),
        ([0xFF, 0xD8, 0xFF], "a JPEG image", Convert),
        ([.. "%PDF"u8], "a PDF document", "fetch the data files themselves")];

    /// <summary>Null where the bytes tell nothing.</summary>
    /// <param name="start">The file's first bytes, <see cref="Length"/> of them where the file has as many.</param>
    /// <param name="rank">The number of dimensions that an IDX file must have here.</param>
    public static ForeignFile? Of(ReadOnlySpan<byte> start, int rank)
    {
        foreach (var (mark, what, fix) in Known)
            if (start.StartsWith(mark)) return new ForeignFile(what, fix);
        if (start.Length >= TarMark + 5 && start[TarMark..].StartsWith("ustar"u8)) return new ForeignFile("a tar archive", Unpack);
        return OfIdx(start, rank) ?? OfText(start);
    }

    /// <summary>IDX files of other numbers, dimensions or byte order.</summary>
    private static ForeignFile? OfIdx(ReadOnlySpan<byte> start, int rank)
    {
        if (start.Length < 4) return null;
        if (start[3] == 0 && start[2] == 0 && start[1] == 0x08 && start[0] is > 0 and < 8)
            return new ForeignFile("an IDX file with its bytes in the other order", "write its head big-endian, the highest byte first");
        if (start[0] != 0 || start[1] != 0 || start[3] is 0 or > 8) return null;
        var numbers = start[2] switch
        {
            0x08 => "unsigned bytes",
            0x09 => "signed bytes",
            0x0B => "16-bit integers",
            0x0C => "32-bit integers",
            0x0D => "32-bit floating-point numbers",
            0x0E => "64-bit floating-point numbers",
            _ => null,
        };
        if (numbers is null) return null;
        if (start[2] != 0x08)
        {
            return new ForeignFile(
                $"an IDX file of {numbers}", "convert it to unsigned bytes: pixels from 0 to 255, where 255 is read as 1; labels from 0");
        }
        return (start[3], rank) switch
        {
            (IdxFormat.LabelRank, IdxFormat.ImageRank) =>
                new ForeignFile("an IDX file of labels", "this is a file of labels where images belong: check the names"),
            (IdxFormat.ImageRank, IdxFormat.LabelRank) =>
                new ForeignFile("an IDX file of images", "this is a file of images where labels belong: check the names"),
            (var dimensions, IdxFormat.ImageRank) => new ForeignFile(
                $"an IDX file with {dimensions} dimensions",
                "images have three: number, rows, columns; colours must become shades of grey"),
            (var dimensions, _) => new ForeignFile($"an IDX file with {dimensions} dimensions", "labels have one: their number"),
        };
    }

    /// <summary>Printable text: a page, a pointer or a table in place of the file.</summary>
    private static ForeignFile? OfText(ReadOnlySpan<byte> start)
    {
        if (start.StartsWith("\uFEFF"u8)) start = start[3..];
        foreach (var letter in start)
            if (letter is < 0x20 and not (0x09 or 0x0A or 0x0C or 0x0D) or 0x7F) return null;
        var text = Encoding.UTF8.GetString(start).Trim();
        if (text.Length == 0) return null;
        if (text[0] == '<')
        {
            var isPage = text.Contains("<html", StringComparison.OrdinalIgnoreCase);
            return text.StartsWith("<?xml", StringComparison.Ordinal) && !isPage
                ? new ForeignFile("an XML answer of a server", "fetch the file again, and look at the answer: it may be an error")
                : new ForeignFile("a web page", "the address led to a page about the file or an error: fetch the file itself");
        }
        if (text.Contains("/annex/objects/", StringComparison.Ordinal))
            return new ForeignFile("a git-annex pointer, which only names the file", "fetch the file itself: git annex get");
        var line = text.Split('\n')[0].Trim();
        var shown = line.Length > ShownText ? line[..ShownText] + "…" : line;
        return new ForeignFile($"text that starts with \"{shown}\"", "fetch the file again");
    }
}
