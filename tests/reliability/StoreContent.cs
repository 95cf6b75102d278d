using System.Text;
using System.Text.Json.Nodes;
using Host.Tests;

namespace Reliability;

/// <summary>
/// What a results folder holds that repeating the same work must reproduce to the byte: all files but the logs and the marks, which are
/// hints, and of result.json all but when and where it was made.
/// </summary>
internal sealed class StoreContent
{
    private readonly SortedDictionary<string, byte[]> _files;

    private StoreContent(SortedDictionary<string, byte[]> files) => _files = files;

    public IReadOnlyDictionary<string, byte[]> Files => _files;

    public static StoreContent Of(string root)
    {
        var files = new SortedDictionary<string, byte[]>(StringComparer.Ordinal);
        foreach (var (name, content) in Folders.Files(root))
        {
            if (name.StartsWith(".done/", StringComparison.Ordinal)) continue;
            switch (Path.GetFileName(name))
            {
                case "log.txt": break;
                case "result.json": files.Add(name, Lasting(content)); break;
                default: files.Add(name, content); break;
            }
        }
        return new StoreContent(files);
    }

    /// <summary>The first few files that differ, or are in one of the two alone; empty if the two are the same.</summary>
    /// <param name="except">Files that aren't looked at.</param>
    public string DifferenceFrom(StoreContent expected, params string[] except)
    {
        var names = _files.Keys.Union(expected._files.Keys, StringComparer.Ordinal).Except(except, StringComparer.Ordinal);
        var different = names.Select(name => (_files.GetValueOrDefault(name), expected._files.GetValueOrDefault(name)) switch
        {
            ({ } here, { } there) => here.AsSpan().SequenceEqual(there) ? "" : $"{name} differs",
            (null, _) => $"{name} is missing",
            _ => $"{name} is too many",
        }).Where(text => text.Length > 0).Take(8);
        return string.Join(", ", different);
    }

    private static byte[] Lasting(byte[] result)
    {
        try
        {
            if (JsonNode.Parse(result) is not JsonObject json) return result;
            json.Remove("provenance");
            json.Remove("sha256");
            return Encoding.UTF8.GetBytes(json.ToJsonString());
        }
        catch (System.Text.Json.JsonException)
        {
            return result;
        }
    }
}
