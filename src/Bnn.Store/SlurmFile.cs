using System.Collections.Immutable;
using Bnn.Core;
using Tomlyn.Syntax;

namespace Bnn.Store;

/// <summary>
/// slurm.toml: how a cluster's jobs are asked for, by the names of the flags; docs/cluster.md says what each means. An array gives a key
/// several texts.
/// </summary>
public static class SlurmFile
{
    public const string Name = "slurm.toml";

    private static readonly TomlKind Kind = new("settings of a cluster's jobs", "one like that in docs/cluster.md", "docs/cluster.md");

    /// <param name="path">The file, by the name that messages give it.</param>
    /// <param name="keys">Those that it may have.</param>
    /// <param name="lists">Those of them that may have several texts.</param>
    public static Result<ImmutableArray<StudySetting>> Read(string path, ImmutableArray<string> keys, ImmutableArray<string> lists) =>
        TomlFile.Read(path, Kind, content => Parse(path, content, keys, lists));

    /// <inheritdoc cref="Read"/>
    /// <param name="file">What the file is called in messages.</param>
    public static Result<ImmutableArray<StudySetting>> Parse(
        string file, byte[] content, ImmutableArray<string> keys, ImmutableArray<string> lists) =>
        TomlFile.Parse<ImmutableArray<StudySetting>>(file, content, Kind, (document, faults) =>
            new Reader(file, faults, keys, lists).Read(document));

    private sealed class Reader(string file, PlacedFaults faults, ImmutableArray<string> keys, ImmutableArray<string> lists)
        : TomlReader(file, faults)
    {
        public ImmutableArray<StudySetting> Read(DocumentSyntax document)
        {
            foreach (var table in document.Tables)
                Faults.Add(table, new Fault.BadRequest($"{TomlSyntax.Where(File, table)}: no table is expected here", "write keys alone"));
            var settings = ImmutableArray.CreateBuilder<StudySetting>();
            foreach (var (name, item) in Once(document.KeyValues))
            {
                if (!keys.Contains(name)) Faults.Add(item, Unknown(name, item, keys));
                else if (TextsOf(name, item) is { IsEmpty: false } texts)
                    settings.Add(new StudySetting(name, [.. texts.Select(text => new Given(text, OriginOf(item, name)))]));
            }
            return settings.ToImmutable();
        }

        private ImmutableArray<string> TextsOf(string name, KeyValueSyntax item)
        {
            if (item.Value is not ArraySyntax array || !lists.Contains(name)) return TextOf(item, item.Value, name) is { } one ? [one] : [];
            return [.. array.Items.Select(entry => TextOf(entry, entry.Value, name)).OfType<string>()];
        }
    }
}
