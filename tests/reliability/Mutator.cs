using System.Text;

namespace Reliability;

/// <summary>Changes inputs a little, so that they still get far into a parser.</summary>
internal sealed class Mutator(IReadOnlyList<byte[]> valid, ulong seed)
{
    private static readonly byte[][] Words = [
        .. new[]
        {
            "0", "-1", "1", "2147483647", "2147483648", "-2147483648", "9223372036854775807", "9223372036854775808", "18446744073709551616",
            "1e999", "-1e-999", "1e-400", "NaN", "Infinity", "-0", "0.1", "1.0", "007", "null", "true", "\"\"", "[]", "{}", "[null]",
            "\"\\u0000\"", "\"\\ud800\"", ",", ":", "\n", "\r\n", "\t", "\0", "=", "..", "/", "\\", "é", "\uFEFF",
            "9999999999999999999999", "[[[[[[[[", "{\"a\":{\"a\":",
            "data_offsets", "F64", "shape", "sha256", "files", "key", "  ", "'",
        }.Select(Encoding.UTF8.GetBytes),
        [0x80], [0xFF, 0xFE], [0xC0, 0x80], [0xED, 0xA0, 0x80], [0x1F, 0x8B, 8, 0], [0, 0, 8, 3], [0, 0, 8, 1], [0x7F, 0xFF, 0xFF, 0xFF],
        [0xFF, 0xFF, 0xFF, 0xFF], new byte[64]];

    /// <summary>The input of that number: always the same.</summary>
    public byte[] this[int number]
    {
        get
        {
            var random = new Random(HashOf(number));
            var content = valid[random.Next(valid.Count)].ToList();
            for (var left = 1 + random.Next(4); left > 0; left--) Change(content, random);
            return [.. content];
        }
    }

    private int HashOf(int number)
    {
        // splitmix64: neighbouring numbers give unrelated inputs, the same in every process.
        var x = seed * 0x9E3779B97F4A7C15 + (ulong)number;
        x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9;
        x = (x ^ (x >> 27)) * 0x94D049BB133111EB;
        return (int)(x ^ (x >> 31));
    }

    private void Change(List<byte> content, Random random)
    {
        var at = random.Next(content.Count + 1);
        var length = Math.Min(content.Count - at, 1 + random.Next(random.Next(4) == 0 ? 200 : 8));
        switch (random.Next(10))
        {
            case 0 or 1 when content.Count > 0:
                content[at % content.Count] ^= (byte)(1 << random.Next(8));
                break;
            case 2 when content.Count > 0:
                content[at % content.Count] = (byte)random.Next(256);
                break;
            case 3:
                content.RemoveRange(at, length);
                break;
            case 4:
                content.InsertRange(at, content.GetRange(at, length));
                break;
            case 5:
                content.RemoveRange(at, content.Count - at);
                break;
            case 6:
                content.InsertRange(at, Words[random.Next(Words.Length)]);
                break;
            case 7:
                Replace(content, at, random);
                break;
            case 8:
                var other = valid[random.Next(valid.Count)];
                var from = random.Next(other.Length);
                content.RemoveRange(at, length);
                content.InsertRange(at, other[from..Math.Min(other.Length, from + 1 + random.Next(100))]);
                break;
            default:
                for (var i = at; i < at + length; i++) content[i] = (byte)(random.Next(2) == 0 ? 0 : random.Next(256));
                break;
        }
    }

    /// <summary>Puts a word where a number or a name is.</summary>
    private static void Replace(List<byte> content, int at, Random random)
    {
        var start = content.FindIndex(at, IsOfWord);
        if (start < 0) return;
        var end = content.FindIndex(start, letter => !IsOfWord(letter));
        content.RemoveRange(start, (end < 0 ? content.Count : end) - start);
        content.InsertRange(start, Words[random.Next(Words.Length)]);
    }

    private static bool IsOfWord(byte letter) => char.IsAsciiLetterOrDigit((char)letter) || letter is (byte)'.' or (byte)'-' or (byte)'+';
}
