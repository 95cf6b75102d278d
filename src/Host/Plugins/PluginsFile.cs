using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Bnn.Core;
using Bnn.Store;

namespace Host.Plugins;

/// <summary>The content of plugins.json, with full paths.</summary>
/// <param name="Root">The folder of plugins.json.</param>
/// <param name="Folders">Where plugins are looked for.</param>
/// <param name="Allowed">Folders outside <paramref name="Root"/> that plugins may also be in.</param>
/// <param name="Pins">SHA-256 that a plugin's file must have, by its full path.</param>
public sealed record PluginSettings(
    string Root, ImmutableArray<string> Folders, ImmutableArray<string> Allowed, ImmutableDictionary<string, string> Pins);

/// <summary>
/// plugins.json: <c>{"folders": ["plugins"], "allow": ["/elsewhere"], "sha256": {"plugins/X/X.dll": "…"}}</c>; the last two keys are
/// optional. Paths are relative to the file.
/// </summary>
public static class PluginsFile
{
    /// <summary>How to fix the file, shown in messages.</summary>
    internal const string Example = "write it as {\"folders\": [\"plugins\"]}";

    private const string Folders = "folders", Allow = "allow", Pins = "sha256";
    private static readonly JsonDocumentOptions Lenient = new() { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true };

    public static Result<PluginSettings> Read(string path)
    {
        byte[] content;
        try
        {
            content = File.ReadAllBytes(path);
        }
        catch (Exception e) when (Disk.IsAtFault(e))
        {
            return new Fault.PluginRejected(path, $"can't be read ({Disk.Reason(e)})", Example);
        }
        try
        {
            using var json = JsonDocument.Parse(content, Lenient);
            return Read(path, json.RootElement, content);
        }
        catch (JsonException e)
        {
            return new Fault.PluginRejected(path, $"is not JSON at line {e.LineNumber + 1}, column {e.BytePositionInLine + 1}", Example);
        }
    }

    /// <summary>Sets or, with null, removes the pin of a plugin's file; everything else in plugins.json stays.</summary>
    public static void Pin(string path, string plugin, string? sha256)
    {
        var root = JsonNode.Parse(File.ReadAllText(path), documentOptions: Lenient)!.AsObject();
        var pins = root[Pins] as JsonObject ?? [];
        var name = Path.GetRelativePath(Path.GetDirectoryName(Path.GetFullPath(path))!, plugin).Replace('\\', '/');
        pins.Remove(name);
        if (sha256 is not null) pins.Add(name, sha256);
        root.Remove(Pins);
        if (pins.Count > 0) root.Add(Pins, pins);
        AtomicFile.Write(path, root.ToJsonString(new JsonSerializerOptions { WriteIndented = true, NewLine = "\n" }) + "\n");
    }

    private static Result<PluginSettings> Read(string path, JsonElement json, byte[] content)
    {
        if (json.ValueKind != JsonValueKind.Object)
            return new Fault.PluginRejected(path, $"holds {json.ValueKind}, not an object", Example);
        var faults = new List<Fault>();
        foreach (var property in json.EnumerateObject().Where(property => property.Name is not (Folders or Allow or Pins)))
        {
            var nearest = Names.Nearest(property.Name, [Folders, Allow, Pins]);
            faults.Add(new Fault.PluginRejected(
                path,
                $"unknown key '{property.Name}' at {Position(content, property.Name)}",
                nearest is null ? Example : $"did you mean '{nearest}'?"));
        }
        if (!json.TryGetProperty(Folders, out _)) faults.Add(new Fault.PluginRejected(path, $"has no key '{Folders}'", Example));
        var folders = Texts(path, json, Folders, faults);
        var allowed = Texts(path, json, Allow, faults);
        var pins = Hashes(path, json, faults);
        if (faults.Count > 0) return faults.ToImmutableArray();
        var root = Path.GetDirectoryName(Path.GetFullPath(path))!;
        return new PluginSettings(
            root,
            [.. folders.Select(FullPath)],
            [.. allowed.Select(FullPath)],
            pins.ToImmutableDictionary(pin => FullPath(pin.Key), pin => pin.Value.ToLowerInvariant(), StringComparer.Ordinal));

        string FullPath(string part) => Path.GetFullPath(part, root);
    }

    private static List<string> Texts(string path, JsonElement json, string key, List<Fault> faults)
    {
        if (!json.TryGetProperty(key, out var list)) return [];
        if (list.ValueKind == JsonValueKind.Array && list.EnumerateArray().All(item => item.ValueKind == JsonValueKind.String))
            return [.. list.EnumerateArray().Select(item => item.GetString()!)];
        faults.Add(new Fault.PluginRejected(path, $"'{key}' is not a list of folder names", Example));
        return [];
    }

    private static Dictionary<string, string> Hashes(string path, JsonElement json, List<Fault> faults)
    {
        var hashes = new Dictionary<string, string>(StringComparer.Ordinal);
        if (!json.TryGetProperty(Pins, out var pins)) return hashes;
        if (pins.ValueKind != JsonValueKind.Object || pins.EnumerateObject().Any(pin => pin.Value.ValueKind != JsonValueKind.String))
        {
            faults.Add(new Fault.PluginRejected(
                path, $"'{Pins}' is not an object of file names and hashes", "host strategies add FILE.dll writes it"));
            return hashes;
        }
        foreach (var pin in pins.EnumerateObject())
        {
            if (!hashes.TryAdd(pin.Name, pin.Value.GetString()!))
                faults.Add(new Fault.PluginRejected(path, $"'{pin.Name}' is there twice under '{Pins}'", "keep one of them"));
        }
        return hashes;
    }

    /// <summary>Line and column of a key of the outermost object.</summary>
    private static string Position(byte[] content, string key)
    {
        var lenient = new JsonReaderOptions { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true };
        var reader = new Utf8JsonReader(content, lenient);
        while (reader.Read())
            if (reader is { TokenType: JsonTokenType.PropertyName, CurrentDepth: 1 } && reader.ValueTextEquals(key)) break;
        var before = Encoding.UTF8.GetString(content.AsSpan(0, (int)reader.TokenStartIndex));
        return $"line {before.Count(letter => letter == '\n') + 1}, column {before.Length - before.LastIndexOf('\n')}";
    }
}
