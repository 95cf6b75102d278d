namespace Bnn.Core;

/// <summary>Text that came from a file, a folder's name or a plan, as it can be shown: nothing in it moves a cursor.</summary>
public static class Printable
{
    /// <summary>A control character, or another letter that ends a line.</summary>
    public static bool IsStrange(char letter) => char.IsControl(letter) || letter is '\u2028' or '\u2029';

    /// <summary>The text on one line, each strange letter as a question mark.</summary>
    public static string Line(string text) => Replaced(text, IsStrange);

    /// <summary>The text with its own line feeds and tabs, each other strange letter as a question mark.</summary>
    public static string Lines(string text) => Replaced(text, letter => letter is not ('\n' or '\t') && IsStrange(letter));

    private static string Replaced(string text, Func<char, bool> isStrange) =>
        text.Any(isStrange) ? string.Concat(text.Select(letter => isStrange(letter) ? '?' : letter)) : text;
}
