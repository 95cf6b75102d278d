using System.Text;

namespace Bnn.Store;

/// <summary>Files that people write: UTF-8, with or without the byte order mark that some editors write and don't show.</summary>
public static class Utf8Text
{
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>The encoding of a file that isn't UTF-8, by its byte order mark or its zeros; null if it may be UTF-8.</summary>
    public static string? OtherEncoding(ReadOnlySpan<byte> content) => content switch
    {
        [0xFF, 0xFE, 0, 0, ..] or [0, 0, 0xFE, 0xFF, ..] or [_, 0, 0, 0, ..] or [0, 0, 0, _, ..] => "UTF-32",
        [0xFF, 0xFE, ..] or [0xFE, 0xFF, ..] or [not 0, 0, ..] or [0, not 0, ..] => "UTF-16",
        _ => null,
    };

    public static byte[] WithoutMark(byte[] content) => content is [0xEF, 0xBB, 0xBF, .. var rest] ? rest : content;

    /// <summary>The text; null with the place of the first byte that is no UTF-8.</summary>
    internal static string? Decode(byte[] content, out int place)
    {
        place = -1;
        try
        {
            return Strict.GetString(content);
        }
        catch (DecoderFallbackException e)
        {
            place = e.Index;
            return null;
        }
    }
}
