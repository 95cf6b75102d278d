using System.Collections.Immutable;
using System.Text.Json;
using Bnn.Core;

namespace Host.Plugins;

/// <summary>
/// Whether strategies can be made at all: their constructors run in a child that answers as it goes, and is replaced when it dies or says nothing for
/// five seconds. Findings are kept by the DLL's hash, so that a listing runs nothing twice.
/// </summary>
public sealed class PluginProbe(string cacheFile)
{
    private const long MemoryLimit = 1L << 30;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <summary>By folder: names and contents of the libraries in it.</summary>
    private readonly Dictionary<string, string> _beside = new(StringComparer.Ordinal);

    /// <summary>In the user's cache folder.</summary>
    public static PluginProbe InUserCache()
    {
        var cache = Environment.GetEnvironmentVariable("XDG_CACHE_HOME") is { Length: > 0 } folder
            ? folder
            : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache");
        return new PluginProbe(Path.Combine(cache, "host", "plugin-probes.json"));
    }

    /// <summary>For each strategy why it can't be made; an empty reason if it can.</summary>
    public ImmutableArray<(FoundStrategy Strategy, string Reason)> Check(IReadOnlyList<FoundStrategy> strategies)
    {
        var known = ReadCache();
        var unknown = strategies.Where(strategy => !known.ContainsKey(Key(strategy))).ToList();
        if (unknown.Count > 0)
        {
            foreach (var (strategy, reason) in Run(unknown)) known[Key(strategy)] = reason;
            WriteCache(known);
        }
        return [.. strategies.Select(strategy => (strategy, known[Key(strategy)]))];
    }

    private static IEnumerable<(FoundStrategy Strategy, string Reason)> Run(List<FoundStrategy> strategies)
    {
        ChildProcess? child = null;
        try
        {
            foreach (var strategy in strategies)
            {
                child ??= new ChildProcess(ChildProcess.ProbeCommand, MemoryLimit);
                child.Send(JsonSerializer.Serialize(new ProbeRequest(strategy.Path, strategy.TypeName)));
                if (child.Answer(Patience, CancellationToken.None) is { } answer)
                {
                    yield return (strategy, JsonSerializer.Deserialize<WorkerAnswer>(answer)!.Reason);
                    continue;
                }
                yield return (strategy, child.Ending() is { } ending ? $"making it failed: {ending}" : $"making it took more than {Patience.TotalSeconds} s");
                child.Dispose();
                child = null;
            }
        }
        finally
        {
            child?.Dispose();
        }
    }

    /// <summary>The same DLL may do otherwise on another contract or when it lies elsewhere, beside other files.</summary>
    private string Key(FoundStrategy strategy) =>
        $"{strategy.Info.PluginSha256} {strategy.TypeName} {typeof(PluginProbe).Assembly.ManifestModule.ModuleVersionId} {Beside(strategy.Path)}";

    private string Beside(string path)
    {
        var folder = Path.GetDirectoryName(path)!;
        if (_beside.TryGetValue(folder, out var known)) return known;
        var files = Directory.EnumerateFiles(folder, "*.dll").Order(StringComparer.Ordinal)
            .Select(file => $"{Path.GetFileName(file)} {Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(File.ReadAllBytes(file)))}");
        return _beside[folder] = Digest.Of(string.Join('\n', files)).Value;
    }

    private Dictionary<string, string> ReadCache()
    {
        try
        {
            return JsonSerializer.Deserialize<Dictionary<string, string>>(File.ReadAllText(cacheFile)) ?? [];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException)
        {
            return [];          // a cache: without it the children are asked again
        }
    }

    private void WriteCache(Dictionary<string, string> known)
    {
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(cacheFile)!);
            Bnn.Store.AtomicFile.Write(cacheFile, JsonSerializer.Serialize(known));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Nothing is lost but time.
        }
    }
}
