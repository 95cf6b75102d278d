using System.Diagnostics;
using System.Text;

namespace Reliability;

/// <summary>A way to damage a file.</summary>
/// <param name="Apply">Damages the file at the first path; the second is another of its kind.</param>
internal sealed record Damage(string Name, Action<string, string, Random> Apply)
{
    private const int Page = 512, Near = 32;

    public static readonly Damage[] All = [
        Of("a digit is another", (content, random) => Digit(content, random)),
        Of("a bit is flipped", (content, random) => Flip(content, random.Next(content.Length), random)),
        new("another's whole file", (path, other, _) => File.Copy(other, path, overwrite: true)),
        new("a folder in its place", (path, _, _) => { File.Delete(path); Directory.CreateDirectory(path); }),
        Of("cut off somewhere", (content, random) => content[..random.Next(content.Length)]),
        Of("a page of zeros", Zeros),
        Of("empty", (_, _) => []),
        new("a named pipe in its place", (path, _, _) => { File.Delete(path); Process.Start("mkfifo", [path]).WaitForExit(); }),
        Of("a line feed more", (content, _) => [.. content, (byte)'\n']),
        new("swapped with another", Swap),
        Of("without its last byte", (content, _) => content[..^1]),
        Of("a byte is another", (content, random) =>
            At(content, random.Next(content.Length), letter => (byte)(letter + 1 + random.Next(255)))),
        Of("a bit near its start", (content, random) => Flip(content, random.Next(Math.Min(content.Length, Near)), random)),
        Of("a bit near its end", (content, random) =>
            Flip(content, content.Length - 1 - random.Next(Math.Min(content.Length, Near)), random)),
        Of("all zeros", (content, _) => new byte[content.Length]),
        Of("random bytes", (content, random) => Random(content.Length, random)),
        Of("a hundred bytes more", (content, random) => [.. content, .. Random(100, random)]),
        Of("without a line", WithoutLine),
        Of("twice its content", (content, _) => [.. content, .. content]),
        Of("two digits are others", (content, random) => Digit(Digit(content, random), random))];

    private static Damage Of(string name, Func<byte[], Random, byte[]> change) => new(name, (path, _, random) =>
    {
        var content = File.ReadAllBytes(path);
        byte[] damaged;
        do damaged = change(content, random);
        while (damaged.AsSpan().SequenceEqual(content));
        File.WriteAllBytes(path, damaged);
    });

    private static byte[] Flip(byte[] content, int place, Random random) =>
        At(content, place, letter => (byte)(letter ^ (1 << random.Next(8))));

    private static byte[] At(byte[] content, int place, Func<byte, byte> change)
    {
        var changed = (byte[])content.Clone();
        changed[place] = change(changed[place]);
        return changed;
    }

    /// <summary>A plausible edit: a number that is another one. In a file without digits, a byte.</summary>
    private static byte[] Digit(byte[] content, Random random)
    {
        int[] digits = [.. Enumerable.Range(0, content.Length).Where(i => char.IsAsciiDigit((char)content[i]))];
        if (digits.Length == 0) return At(content, random.Next(content.Length), letter => (byte)(letter + 1));
        return At(content, digits[random.Next(digits.Length)], letter => (byte)('0' + (letter - '0' + 1 + random.Next(9)) % 10));
    }

    private static byte[] Zeros(byte[] content, Random random)
    {
        var changed = (byte[])content.Clone();
        var start = random.Next(1 + content.Length / Page) * Page;
        changed.AsSpan(Math.Min(start, content.Length - 1)..Math.Min(start + Page, content.Length)).Clear();
        return changed;
    }

    private static byte[] WithoutLine(byte[] content, Random random)
    {
        var lines = Encoding.Latin1.GetString(content).Split('\n').ToList();
        lines.RemoveAt(random.Next(lines.Count));
        return Encoding.Latin1.GetBytes(string.Join('\n', lines));
    }

    private static byte[] Random(int count, Random random)
    {
        var bytes = new byte[count];
        random.NextBytes(bytes);
        return bytes;
    }

    private static void Swap(string path, string other, Random random)
    {
        var (content, others) = (File.ReadAllBytes(path), File.ReadAllBytes(other));
        File.WriteAllBytes(path, others);
        File.WriteAllBytes(other, content);
    }
}
