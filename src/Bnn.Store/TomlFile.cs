using System.Collections.Immutable;
using Bnn.Core;
using Tomlyn;
using Tomlyn.Parsing;
using Tomlyn.Syntax;

namespace Bnn.Store;

/// <summary>What messages call files of a kind.</summary>
/// <param name="Name">"a study".</param>
/// <param name="File">"the file of a study".</param>
/// <param name="Page">The documentation's page about it.</param>
internal sealed record TomlKind(string Name, string File, string Page);

/// <summary>Files that people write, in TOML.</summary>
internal static class TomlFile
{
    /// <summary>Bytes: some thousand lines. The syntax tree of the worst file takes four hundred times its size in memory.</summary>
    public const int MostBytes = 1 << 16;

    private const int MostFaults = 20;

    /// <param name="path">The file, by the name that messages give it.</param>
    public static Result<T> Read<T>(string path, TomlKind kind, Func<byte[], Result<T>> parse)
    {
        try
        {
            using var file = InputFile.Open(path);
            if (file.Length > MostBytes) return TooLarge(path, kind, file.Length);
            var content = new byte[file.Length];
            file.ReadExactly(content);
            return parse(content);
        }
        catch (Exception e) when (Disk.IsAtFault(e))
        {
            return Disk.Unreadable(path, e);
        }
    }

    /// <summary>Reads all that can be read, and shows all faults together, in their order in the file.</summary>
    /// <param name="file">What the file is called in messages.</param>
    /// <param name="read">Reads the syntax, adding faults with their places; what it returns counts if it has added none.</param>
    public static Result<T> Parse<T>(string file, byte[] content, TomlKind kind, Func<DocumentSyntax, PlacedFaults, Result<T>> read)
    {
        if (content.Length > MostBytes) return TooLarge(file, kind, content.Length);
        if (Utf8Text.OtherEncoding(content) is { } encoding)
            return new Fault.BadRequest($"{file} is written in {encoding}, expected UTF-8", "save it as UTF-8");
        content = Utf8Text.WithoutMark(content);
        if (Utf8Text.Decode(content, out var place) is not { } text)
        {
            var line = content.AsSpan(0, place).Count((byte)'\n') + 1;
            return new Fault.BadRequest($"{file}, line {line} isn't text in UTF-8", "save it as UTF-8");
        }
        try
        {
            var document = SyntaxParser.Parse(text, file, validate: false);
            var notToml = TomlSyntax.Faults(document, file, MostFaults, out var broken);
            var faults = new PlacedFaults();
            var value = read(document, faults);
            var others = faults.OutsideOf(broken).ToList();
            var count = broken.Count + others.Count;
            if (count == 0) return value;
            var first = notToml.Concat(others).OrderBy(fault => fault.Line).ThenBy(fault => fault.Column).Select(fault => fault.Fault)
                .Take(MostFaults);
            return count <= MostFaults
                ? first.ToImmutableArray()
                : [.. first, new Fault.BadRequest($"{file} has {count - MostFaults} more", "correct these first")];
        }
        catch (ArgumentOutOfRangeException)
        {
            // The parser takes the end of the file for a letter of an escape.
            return new Fault.BadRequest(
                $"{TomlSyntax.WhereLastEscaped(file, text)}: not TOML: a backslash that the file ends behind", "finish or remove it");
        }
        catch (TomlException)
        {
            return new Fault.BadRequest($"{file} isn't {kind.Name}: brackets in brackets, without end", $"see {kind.Page}");
        }
    }

    private static Fault.BadRequest TooLarge(string file, TomlKind kind, long bytes) =>
        new($"{file} has {bytes} bytes, more than the {MostBytes} that {kind.Name} may have", $"name {kind.File}");
}
