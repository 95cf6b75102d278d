using Bnn.Core;

namespace Bnn.Store;

/// <summary>
/// A study's file, TOML: <c>question</c> and <c>cost</c>, a table <c>[common]</c> of settings by their flags' names, an <c>[[arm]]</c>
/// for each way that differs from it, <c>[controls]</c> and <c>[[compare]]</c>. docs/studies.md says what each means.
/// </summary>
public static class StudyFile
{
    /// <inheritdoc cref="TomlFile.MostBytes"/>
    public const int MostBytes = TomlFile.MostBytes;

    private static readonly TomlKind Kind = new("a study", "the file of a study", "docs/studies.md");

    /// <param name="path">The file, by the name that messages give it.</param>
    public static Result<StudyDefinition> Read(string path, StudyKeys keys) =>
        TomlFile.Read(path, Kind, content => Parse(path, content, keys));

    /// <summary>Reads all that can be read, and shows all faults together, in their order in the file.</summary>
    /// <param name="file">What the file is called in messages.</param>
    public static Result<StudyDefinition> Parse(string file, byte[] content, StudyKeys keys) =>
        TomlFile.Parse<StudyDefinition>(file, content, Kind, (document, faults) =>
            new StudyReader(file, keys, faults).Read(document) is { GivesSettings: true } study ? study : TrainsNothing(file));

    private static Fault.BadRequest TrainsNothing(string file) =>
        new($"{file} trains nothing: it gives no setting", "give one at least, in [common] or in an [[arm]]");
}
