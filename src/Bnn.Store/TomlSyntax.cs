using System.Collections.Immutable;
using System.Globalization;
using System.Text.RegularExpressions;
using Bnn.Core;
using Tomlyn.Syntax;

namespace Bnn.Store;

/// <summary>A fault and its place in a file, from 1.</summary>
internal sealed record PlacedFault(int Line, int Column, Fault Fault);

/// <summary>The faults of a file whose syntax may be broken elsewhere.</summary>
internal sealed class PlacedFaults
{
    private readonly List<PlacedFault> _all = [];

    public void Add(SyntaxNode at, Fault fault)
    {
        var (line, column) = TomlSyntax.PlaceOf(at);
        _all.Add(new PlacedFault(line, column, fault));
    }

    /// <summary>Those in other lines: what a broken line seems to say, it may not mean.</summary>
    public IEnumerable<PlacedFault> OutsideOf(IReadOnlySet<int> broken) => _all.Where(fault => !broken.Contains(fault.Line));
}

/// <summary>TOML in plain words: where something is, and what the parser says.</summary>
internal static partial class TomlSyntax
{
    private const int ShownLetters = 60, MessageLetters = 200;

    /// <summary>What the parser calls things, and what people call them.</summary>
    private static readonly (string Parsers, string Ours)[] InWords = [
        ("Unexpected token", "Unexpected"), ("token `", "`"), ("`<eof>`", "end of the file"), ("<eof>", "the end of the file"),
        ("`␤`", "end of the line"), ("␤", "the end of the line"), ("`newline`", "the end of the line"), ("end-of-line", "end of the line"),
        ("base key", "key"), ("`", "'")];

    /// <summary>What the parser didn't understand: the first of each line, since one slip makes it complain several times.</summary>
    /// <param name="most">Of how many lines it is told.</param>
    /// <param name="broken">All lines in which there is something.</param>
    public static ImmutableArray<PlacedFault> Faults(DocumentSyntax document, string file, int most, out IReadOnlySet<int> broken)
    {
        var lines = new SortedDictionary<int, (int Column, string Message)>();
        foreach (var message in document.Diagnostics)
        {
            var (line, column) = PlaceOf(message.Span.Start);
            if (!lines.TryGetValue(line, out var other) || column < other.Column) lines[line] = (column, message.Message);
        }
        broken = lines.Keys.ToHashSet();
        return [
            .. from line in lines.Take(most)
               let at = line.Value.Column
               select new PlacedFault(line.Key, at, NotToml(Where(file, line.Key, at), line.Value.Message))];
    }

    public static (int Line, int Column) PlaceOf(SyntaxNode node) => PlaceOf(node.Span.Start);

    /// <summary>"study.toml, line 3, column 1".</summary>
    public static string Where(string file, SyntaxNode node)
    {
        var (line, column) = PlaceOf(node);
        return Where(file, line, column);
    }

    /// <summary>The place of the last backslash.</summary>
    public static string WhereLastEscaped(string file, string text)
    {
        var place = Math.Max(text.LastIndexOf('\\'), 0);
        return Where(file, text.AsSpan(0, place).Count('\n') + 1, place - text.AsSpan(0, place).LastIndexOf('\n'));
    }

    /// <summary>A name as a person reads it; null for one with dots in it.</summary>
    public static string? NameOf(KeySyntax? key) => key switch
    {
        null => "",
        { DotKeys.ChildrenCount: > 0 } => null,
        { Key: BareKeySyntax bare } => bare.Key?.Text ?? "",
        { Key: StringValueSyntax quoted } => quoted.Value ?? "",
        _ => "",
    };

    /// <summary>Text of the file as it can be shown on one line.</summary>
    public static string Shown(string text, int letters = ShownLetters) =>
        string.Concat(text.Take(letters).Select(letter => IsStrange(letter) ? '?' : letter)) + (text.Length > letters ? "…" : "");

    /// <summary>A letter that no setting's text has, and that no message shows: a control character, or another that ends a line.</summary>
    public static bool IsStrange(char letter) => Printable.IsStrange(letter);

    private static Fault.BadRequest NotToml(string where, string message) => new(
        $"{where}: not TOML: {Plain(message)}", "each key stands on a line of its own, and a text in quotation marks");

    private static string Plain(string message)
    {
        var plain = InWords.Aggregate(
            TokenPattern().Replace(message, ""),
            (text, word) => text.Replace(word.Parsers, word.Ours, StringComparison.Ordinal)).TrimEnd('.');
        return Shown(plain.Length > 0 ? char.ToLowerInvariant(plain[0]) + plain[1..] : "no reason", MessageLetters);
    }

    private static (int Line, int Column) PlaceOf(TextPosition position) => (position.Line + 1, position.Column + 1);

    private static string Where(string file, int line, int column) =>
        string.Create(CultureInfo.InvariantCulture, $"{file}, line {line}, column {column}");

    /// <summary>The parser's own names of what it met: " (token: `newline`)".</summary>
    [GeneratedRegex(@" \(token: [^)]{0,40}\)", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex TokenPattern();
}
