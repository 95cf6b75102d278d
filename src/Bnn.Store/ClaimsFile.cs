using System.Collections.Immutable;
using Bnn.Core;

namespace Bnn.Store;

/// <summary>
/// A file of published numbers, TOML: a <c>[[source]]</c> for each publication, with the factors of its trainings, and a
/// <c>[[claim]]</c> for each of its numbers, or for a row of them over densities. docs/claims.md says what each key means.
/// </summary>
public static class ClaimsFile
{
    /// <summary>The file that comes with the program.</summary>
    public const string Name = "claims.toml";

    private static readonly TomlKind Kind = new("a file of claims", "one like claims.toml", "docs/claims.md");

    /// <param name="path">The file, by the name that messages give it.</param>
    public static Result<ImmutableArray<Claim>> Read(string path) => TomlFile.Read(path, Kind, content => Parse(path, content));

    /// <summary>Reads all that can be read, and shows all faults together, in their order in the file.</summary>
    /// <param name="file">What the file is called in messages.</param>
    /// <returns>One claim for each density, in the order of the file.</returns>
    public static Result<ImmutableArray<Claim>> Parse(string file, byte[] content) =>
        TomlFile.Parse<ImmutableArray<Claim>>(file, content, Kind, (document, faults) =>
            new ClaimsReader(file, faults).Read(document) is { IsEmpty: false } claims
                ? claims
                : new Fault.BadRequest($"{file} claims nothing: it has no [[claim]]", "see docs/claims.md"));
}
