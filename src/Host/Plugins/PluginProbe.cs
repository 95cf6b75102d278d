using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text.Json;
using Bnn.Core;
using Bnn.Store;

namespace Host.Plugins;

/// <summary>
/// Checks whether instances of strategies can be made: their constructors run in a child process, which is replaced when it dies or doesn't
/// answer for five seconds. Answers are cached by the DLL's hash, so that listing strategies runs nothing twice.
/// </summary>
public sealed class PluginProbe(string cacheFile)
{
    private const long MemoryLimit = 1L << 30;
    private static readonly Guid HostVersion = typeof(PluginProbe).Assembly.ManifestModule.ModuleVersionId;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <summary>For each folder a digest of the names and contents of the libraries in it.</summary>
    private readonly Dictionary<string, string> _beside = new(StringComparer.Ordinal);

    /// <summary>A probe whose answers are kept in the user's cache folder.</summary>
    public static PluginProbe InUserCache()
    {
        var cache = Environment.GetEnvironmentVariable("XDG_CACHE_HOME") is { Length: > 0 } folder
            ? folder
            : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache");
        return new PluginProbe(Path.Combine(cache, "host", "plugin-probes.json"));
    }

    /// <summary>For each strategy the reason why no instance can be made; null if one can.</summary>
    public ImmutableArray<(FoundStrategy Strategy, string? Reason)> Check(IReadOnlyList<FoundStrategy> strategies)
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

    private static IEnumerable<(FoundStrategy Strategy, string? Reason)> Run(List<FoundStrategy> strategies)
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
                yield return (strategy, child.Ending() is { } ending
                    ? $"making it failed: {ending}"
                    : $"making it took more than {Patience.TotalSeconds} s");
                child.Dispose();
                child = null;
            }
        }
        finally
        {
            child?.Dispose();
        }
    }

    /// <summary>
    /// What an answer is cached by: the same DLL may behave differently with another host, or in another folder, beside other libraries.
    /// </summary>
    private string Key(FoundStrategy strategy) =>
        $"{strategy.Info.PluginSha256} {strategy.TypeName} {HostVersion} {Beside(strategy.Path)}";

    private string Beside(string path)
    {
        var folder = Path.GetDirectoryName(path)!;
        if (_beside.TryGetValue(folder, out var known)) return known;
        var files = Directory.EnumerateFiles(folder, "*.dll").Order(StringComparer.Ordinal)
            .Select(file => $"{Path.GetFileName(file)} {Convert.ToHexString(SHA256.HashData(File.ReadAllBytes(file)))}");
        return _beside[folder] = Digest.Of(string.Join('\n', files)).Value;
    }

    private Dictionary<string, string?> ReadCache()
    {
        try
        {
            return JsonSerializer.Deserialize<Dictionary<string, string?>>(File.ReadAllText(cacheFile)) ?? [];
        }
        catch (Exception e) when (Disk.IsAtFault(e) || e is JsonException)
        {
            return [];          // without the cache, the strategies are probed again
        }
    }

    private void WriteCache(Dictionary<string, string?> known)
    {
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(cacheFile)!);
            AtomicFile.Write(cacheFile, JsonSerializer.Serialize(known));
        }
        catch (Exception e) when (Disk.IsAtFault(e))
        {
            // The strategies are probed again next time.
        }
    }
}
