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
/// <param name="Pins">SHA-256 that a plugin must have (<see cref="PluginFamily.Sha256"/>), by its DLL's full path.</param>
public sealed record PluginSettings(
    string Root, ImmutableArray<string> Folders, ImmutableArray<string> Allowed, ImmutableDictionary<string, string> Pins)
{
    /// <summary>Where <c>strategies add</c> puts a plugin; null where there is no folder for it.</summary>
    public string? InstalledPath(string file)
    {
        if (Folders.IsEmpty) return null;
        var name = Path.GetFileNameWithoutExtension(file);
        return Path.Combine(Folders[0], name, $"{name}.dll");
    }
}

/// <summary>
/// plugins.json: <c>{"folders": ["plugins"], "allow": ["/elsewhere"], "sha256": {"plugins/X/X.dll": "…"}}</c>; the last two keys are
/// optional. Paths are relative to the file.
/// </summary>
public static class PluginsFile
{
    /// <summary>How to fix the file, shown in messages.</summary>
    internal const string Example = "write it as {\"folders\": [\"plugins\"]}";

    private const long MostBytes = 1 << 20;
    private const int ShownLetters = 60, ShownFaults = 10, HashLetters = 64;
    private const string Folders = "folders", Allow = "allow", Pins = "sha256";
    private static readonly JsonDocumentOptions Lenient = new() { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true };

    public static Result<PluginSettings> Read(string path)
    {
        byte[] content;
        try
        {
            content = InputFile.ReadAll(path, MostBytes);
        }
        catch (Exception e) when (Disk.IsAtFault(e))
        {
            return new Fault.PluginRejected(path, $"can't be read ({Disk.Reason(e)})", Example);
        }
        if (Utf8Text.OtherEncoding(content) is { } encoding)
            return new Fault.PluginRejected(path, $"is written in {encoding}, expected UTF-8", "save it as UTF-8");
        content = Utf8Text.WithoutMark(content);
        try
        {
            using var json = JsonDocument.Parse(content, Lenient);
            return Read(path, json.RootElement, content);
        }
        catch (JsonException e)
        {
            return new Fault.PluginRejected(path, $"is not JSON at line {e.LineNumber + 1}, column {e.BytePositionInLine + 1}", Example);
        }
        catch (InvalidOperationException)
        {
            return new Fault.PluginRejected(path, "holds text that isn't Unicode, such as half of a surrogate pair", Example);
        }
    }

    /// <summary>Sets or, with null, removes the pin of a plugin's file; everything else in plugins.json stays.</summary>
    public static void Pin(string path, string plugin, string? sha256)
    {
        var root = JsonNode.Parse(Utf8Text.WithoutMark(InputFile.ReadAll(path, MostBytes)), documentOptions: Lenient)!.AsObject();
        var pins = root[Pins] as JsonObject ?? [];
        var folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        var own = pins.Select(pin => pin.Key).Where(key => Path.GetFullPath(key, folder) == plugin).ToList();
        foreach (var key in own) pins.Remove(key);
        if (sha256 is not null) pins.Add(Path.GetRelativePath(folder, plugin).Replace('\\', '/'), sha256);
        root.Remove(Pins);
        if (pins.Count > 0) root.Add(Pins, pins);
        AtomicFile.Write(path, root.ToJsonString(new JsonSerializerOptions { WriteIndented = true, NewLine = "\n" }) + "\n");
    }

    private static Result<PluginSettings> Read(string path, JsonElement json, byte[] content)
    {
        if (json.ValueKind != JsonValueKind.Object)
            return new Fault.PluginRejected(path, $"holds {json.ValueKind}, not an object", Example);
        var faults = new List<Fault>();
        var unknown = json.EnumerateObject().Where(property => property.Name is not (Folders or Allow or Pins));
        foreach (var property in unknown.Take(ShownFaults))
        {
            var name = Shown(property.Name);
            var nearest = Names.Nearest(name, [Folders, Allow, Pins]);
            faults.Add(new Fault.PluginRejected(
                path,
                $"unknown key '{name}' at {Position(content, property.Name)}",
                nearest is null ? Example : $"did you mean '{nearest}'?"));
        }
        foreach (var same in json.EnumerateObject().CountBy(property => property.Name).Where(same => same.Value > 1))
            faults.Add(new Fault.PluginRejected(path, $"the key '{Shown(same.Key)}' is there {same.Value} times", "keep one of them"));
        if (!json.TryGetProperty(Folders, out _)) faults.Add(new Fault.PluginRejected(path, $"has no key '{Folders}'", Example));
        var root = Path.GetDirectoryName(Path.GetFullPath(path))!;
        var folders = Paths(path, root, json, Folders, faults);
        var allowed = Paths(path, root, json, Allow, faults);
        var pins = Hashes(path, root, json, faults);
        return faults.Count > 0
            ? faults.Take(ShownFaults).ToImmutableArray()
            : new PluginSettings(root, [.. folders], [.. allowed], pins.ToImmutableDictionary(StringComparer.Ordinal));
    }

    private static List<string> Paths(string path, string root, JsonElement json, string key, List<Fault> faults)
    {
        if (!json.TryGetProperty(key, out var list)) return [];
        if (list.ValueKind == JsonValueKind.Array && list.EnumerateArray().All(item => item.ValueKind == JsonValueKind.String))
            return [.. list.EnumerateArray().Select(item => FullPath(path, root, item.GetString()!, key, faults)).OfType<string>()];
        faults.Add(new Fault.PluginRejected(path, $"'{key}' is not a list of folder names", Example));
        return [];
    }

    private static Dictionary<string, string> Hashes(string path, string root, JsonElement json, List<Fault> faults)
    {
        const string Fix = "host strategies add FILE.dll writes it";
        var hashes = new Dictionary<string, string>(StringComparer.Ordinal);
        if (!json.TryGetProperty(Pins, out var pins)) return hashes;
        if (pins.ValueKind != JsonValueKind.Object || pins.EnumerateObject().Any(pin => pin.Value.ValueKind != JsonValueKind.String))
        {
            faults.Add(new Fault.PluginRejected(path, $"'{Pins}' is not an object of file names and hashes", Fix));
            return hashes;
        }
        foreach (var pin in pins.EnumerateObject())
        {
            if (FullPath(path, root, pin.Name, Pins, faults) is not { } file) continue;
            var hash = pin.Value.GetString()!.ToLowerInvariant();
            if (hash.Length != HashLetters || !hash.All(char.IsAsciiHexDigit))
            {
                faults.Add(new Fault.PluginRejected(
                    path,
                    $"the hash of '{Shown(pin.Name)}' under '{Pins}' is '{Shown(hash)}', expected {HashLetters} hexadecimal digits",
                    Fix));
            }
            else if (!hashes.TryAdd(file, hash))
            {
                faults.Add(new Fault.PluginRejected(path, $"'{Shown(pin.Name)}' is there twice under '{Pins}'", "keep one of them"));
            }
        }
        return hashes;
    }

    /// <summary>The full path of a name in the file; null, with a fault, for one that no file can have.</summary>
    private static string? FullPath(string path, string root, string name, string key, List<Fault> faults)
    {
        if (name.Length > 0 && !name.Contains('\0', StringComparison.Ordinal)) return Trimmed(Path.GetFullPath(name, root));
        faults.Add(new Fault.PluginRejected(path, $"'{Shown(name)}' under '{key}' is no name that a file can have", Example));
        return null;
    }

    private static string Trimmed(string path) =>
        path == Path.GetPathRoot(path) ? path : path.TrimEnd(Path.DirectorySeparatorChar, Path.AltDirectorySeparatorChar);

    /// <summary>Text of the file as it can be shown on one line.</summary>
    private static string Shown(string text) =>
        string.Concat(text.Take(ShownLetters).Select(letter => char.IsControl(letter) ? '?' : letter))
        + (text.Length > ShownLetters ? "…" : "");

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
