using System.Collections.Immutable;
using System.Text.Json;
using Bnn.Core;

namespace Host.Plugins;

/// <summary>plugins.json: <c>{"folders": ["plugins"]}</c>, folders relative to the file.</summary>
public static class PluginsFile
{
    private const string Example = "write it as {\"folders\": [\"plugins\"]}";

    /// <summary>The folders, absolute.</summary>
    public static Result<ImmutableArray<string>> Read(string path)
    {
        byte[] content;
        try
        {
            content = File.ReadAllBytes(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return new Fault.PluginRejected(path, $"can't be read ({e.Message.TrimEnd('.')})", Example);
        }
        try
        {
            using var json = JsonDocument.Parse(content, new JsonDocumentOptions { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true });
            if (json.RootElement.ValueKind != JsonValueKind.Object) return new Fault.PluginRejected(path, $"holds {json.RootElement.ValueKind}, not an object", Example);
            foreach (var property in json.RootElement.EnumerateObject())
                if (property.Name != "folders") return new Fault.PluginRejected(path, $"unknown key '{property.Name}'; the one known is 'folders'", Example);
            if (!json.RootElement.TryGetProperty("folders", out var folders) || folders.ValueKind != JsonValueKind.Array
                || folders.EnumerateArray().Any(folder => folder.ValueKind != JsonValueKind.String))
                return new Fault.PluginRejected(path, "has no list of folder names under 'folders'", Example);
            var root = Path.GetDirectoryName(Path.GetFullPath(path))!;
            return folders.EnumerateArray().Select(folder => Path.GetFullPath(folder.GetString()!, root)).ToImmutableArray();
        }
        catch (JsonException e)
        {
            return new Fault.PluginRejected(path, $"is not JSON at line {e.LineNumber + 1}, column {e.BytePositionInLine + 1}", Example);
        }
    }
}
