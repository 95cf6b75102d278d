using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using Bnn.Core;

namespace Bnn.Store;

/// <summary>
/// SHA256SUMS: what an experiment's files are known by, as <c>sha256sum -c</c> reads it. The last line, which is a comment to that program,
/// is the hash of those above: a line that is lost or renamed would leave its file unchecked.
/// </summary>
public static class SumsFile
{
    private const string BeforeSeal = "# SHA-256 of the lines above: ";

    public static string Write(IEnumerable<(string Name, string Sha256)> sums)
    {
        var lines = string.Concat(sums.Select(sum => $"{sum.Sha256}  {sum.Name}\n"));
        return $"{lines}{BeforeSeal}{HashOf(lines)}\n";
    }

    /// <summary>The SHA-256 of each file by its name, or what is wrong with the list.</summary>
    /// <param name="path">What the file is called in messages.</param>
    /// <param name="fix">How to make it again.</param>
    public static Result<ImmutableSortedDictionary<string, string>> Parse(string path, byte[] content, string fix)
    {
        var text = Encoding.UTF8.GetString(content);
        var end = text.LastIndexOf(BeforeSeal, StringComparison.Ordinal);
        if (end < 0) return Damaged($"a last line '{BeforeSeal}…'", "none");
        var lines = text[..end];
        if (text[end..] != $"{BeforeSeal}{HashOf(lines)}\n") return Damaged($"a last line '{BeforeSeal}{HashOf(lines)}'", "another");
        var sums = ImmutableSortedDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        foreach (var line in lines.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            var isOne = line.Split("  ") is [{ Length: Seal.Digits }, var name]
                && name == Path.GetFileName(name)
                && !sums.ContainsKey(name);
            if (!isOne) return Damaged("lines of a hash, two spaces and a name, each name once", "another line");
            sums.Add(line[(Seal.Digits + 2)..], line[..Seal.Digits]);
        }
        return sums.ToImmutable();

        Fault.DamagedStore Damaged(string expected, string found) => new(path, expected, found, fix);
    }

    private static string HashOf(string lines) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(lines)));
}
