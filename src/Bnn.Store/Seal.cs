using System.Security.Cryptography;
using System.Text;

namespace Bnn.Store;

/// <summary>
/// A file's SHA-256 inside the file itself: that of its bytes with the 64 digits as zeros. It shows damage; it is no protection against
/// someone who means to change the file.
/// </summary>
public static class Seal
{
    public const int Digits = 64;

    /// <summary>What stands in place of the digits while they aren't known.</summary>
    public const string Open = "0000000000000000000000000000000000000000000000000000000000000000";

    private const string Before = "\"sha256\": \"", After = "\"\n}\n";

    /// <summary>Closes a JSON text whose last field is <c>"sha256"</c> with <see cref="Open"/> for its value.</summary>
    public static string Close(string json)
    {
        var content = Encoding.UTF8.GetBytes(json);
        var place = PlaceInJson(content) ?? throw new ArgumentException("the last field is not an open seal", nameof(json));
        Encoding.ASCII.GetBytes(Of(content, place), content.AsSpan(place, Digits));
        return Encoding.UTF8.GetString(content);
    }

    /// <summary>Compares a JSON file's last field with its content.</summary>
    /// <returns>Null if they agree; otherwise what was expected and found.</returns>
    public static (string Expected, string Found)? Broken(ReadOnlySpan<byte> json)
    {
        if (PlaceInJson(json) is not { } place) return ("a last field sha256", "none");
        var (written, actual) = (Encoding.ASCII.GetString(json.Slice(place, Digits)), Of(json, place));
        return written == actual ? null : ($"SHA-256 {written}", actual);
    }

    /// <summary>The hash of a content whose digits, at <paramref name="place"/>, count as zeros.</summary>
    public static string Of(ReadOnlySpan<byte> content, int place)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(content[..place]);
        hash.AppendData(Encoding.ASCII.GetBytes(Open));
        hash.AppendData(content[(place + Digits)..]);
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private static int? PlaceInJson(ReadOnlySpan<byte> json)
    {
        var place = json.Length - After.Length - Digits;
        if (place < Before.Length) return null;
        return Is(json[(place - Before.Length)..place], Before) && Is(json[(place + Digits)..], After) ? place : null;
    }

    private static bool Is(ReadOnlySpan<byte> bytes, string text) => bytes.SequenceEqual(Encoding.ASCII.GetBytes(text));
}
