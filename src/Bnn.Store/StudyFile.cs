using System.Collections.Immutable;
using Bnn.Core;
using Tomlyn;
using Tomlyn.Parsing;

namespace Bnn.Store;

/// <summary>
/// A study's file, TOML: <c>question</c> and <c>cost</c>, a table <c>[common]</c> of settings by their flags' names, an <c>[[arm]]</c>
/// for each way that differs from it, <c>[controls]</c> and <c>[[compare]]</c>. docs/studies.md says what each means.
/// </summary>
public static class StudyFile
{
    /// <summary>Bytes: some thousand lines. The syntax tree of the worst file takes four hundred times its size in memory.</summary>
    public const int MostBytes = 1 << 16;

    private const int MostFaults = 20;

    /// <param name="path">The file, by the name that messages give it.</param>
    public static Result<StudyDefinition> Read(string path, StudyKeys keys)
    {
        try
        {
            using var file = InputFile.Open(path);
            if (file.Length > MostBytes) return TooLarge(path, file.Length);
            var content = new byte[file.Length];
            file.ReadExactly(content);
            return Parse(path, content, keys);
        }
        catch (Exception e) when (Disk.IsAtFault(e))
        {
            return Disk.Unreadable(path, e);
        }
    }

    /// <summary>Reads all that can be read, and shows all faults together, in their order in the file.</summary>
    /// <param name="file">What the file is called in messages.</param>
    public static Result<StudyDefinition> Parse(string file, byte[] content, StudyKeys keys)
    {
        if (content.Length > MostBytes) return TooLarge(file, content.Length);
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
            var study = new StudyReader(file, keys, faults).Read(document);
            var others = faults.OutsideOf(broken).ToList();
            var count = broken.Count + others.Count;
            if (count == 0) return study.GivesSettings ? study : TrainsNothing(file);
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
            return new Fault.BadRequest($"{file} isn't a study: brackets in brackets, without end", "see docs/studies.md");
        }
    }

    private static Fault.BadRequest TrainsNothing(string file) =>
        new($"{file} trains nothing: it gives no setting", "give one at least, in [common] or in an [[arm]]");

    private static Fault.BadRequest TooLarge(string file, long bytes) =>
        new($"{file} has {bytes} bytes, more than the {MostBytes} that a study may have", "name the file of a study");
}
