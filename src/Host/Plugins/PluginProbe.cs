using System.Collections.Immutable;
using System.Text.Json;
using Bnn.Store;

namespace Host.Plugins;

/// <summary>
/// Checks whether instances of strategies can be made: their constructors run in a child process, which is replaced when it dies or doesn't
/// answer for five seconds. Answers are cached by the plugin's hash, so that listing strategies runs nothing twice.
/// </summary>
/// <param name="cacheFile">Where answers are kept; null if nowhere.</param>
public sealed class PluginProbe(string? cacheFile)
{
    private const long MemoryLimit = 1L << 30, MostCacheBytes = 16 << 20;
    private static readonly Guid HostVersion = typeof(PluginProbe).Assembly.ManifestModule.ModuleVersionId;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <summary>A probe whose answers are kept in the user's cache folder, if there is one.</summary>
    public static PluginProbe InUserCache() =>
        new(UserCache.Folder is { } cache ? Path.Combine(cache, "host", "plugin-probes.json") : null);

    /// <summary>For each strategy the reason why no instance can be made; null if one can.</summary>
    public ImmutableArray<(FoundStrategy Strategy, string? Reason)> Check(IReadOnlyList<FoundStrategy> strategies)
    {
        var known = ReadCache();
        var unknown = strategies.Where(strategy => !known.ContainsKey(Key(strategy))).ToList();
        if (unknown.Count == 0) return Answers(strategies, known);
        foreach (var (strategy, reason) in Run(unknown)) known[Key(strategy)] = reason;
        var plugins = unknown.GroupBy(strategy => strategy.Path, StringComparer.Ordinal);
        foreach (var strategy in plugins.Where(plugin => HasChanged(plugin.First())).SelectMany(plugin => plugin))
            known[Key(strategy)] = Changed;
        WriteCache(known.Where(answer => answer.Value != Changed));
        return Answers(strategies, known);
    }

    private const string Changed = "its file changed while it was tried; run the same command again";

    private static ImmutableArray<(FoundStrategy Strategy, string? Reason)> Answers(
        IEnumerable<FoundStrategy> strategies, Dictionary<string, string?> known) =>
        [.. strategies.Select(strategy => (strategy, known[Key(strategy)]))];

    /// <summary>Whether a plugin isn't any more what it was when its metadata was read: what was tried then has another hash.</summary>
    private static bool HasChanged(FoundStrategy strategy)
    {
        try
        {
            return PluginFamily.Of(strategy.Path).Sha256() != strategy.Info.PluginSha256;
        }
        catch (Exception e) when (Disk.IsAtFault(e))
        {
            return true;
        }
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
                    yield return (strategy, WorkerAnswer.Parse(answer).Reason);
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
    /// What an answer is cached by: the same plugin may behave differently with another host, and can't be loaded beside a .deps.json that
    /// can't be read.
    /// </summary>
    private static string Key(FoundStrategy strategy) =>
        $"{strategy.Info.PluginSha256} {strategy.TypeName} {HostVersion} {PluginFamily.DependenciesSha256(strategy.Path)}";

    private Dictionary<string, string?> ReadCache()
    {
        if (cacheFile is null) return [];
        try
        {
            return JsonSerializer.Deserialize<Dictionary<string, string?>>(InputFile.ReadAll(cacheFile, MostCacheBytes)) ?? [];
        }
        catch (Exception e) when (Disk.IsAtFault(e) || e is JsonException)
        {
            return [];          // without the cache, the strategies are probed again
        }
    }

    private void WriteCache(IEnumerable<KeyValuePair<string, string?>> known)
    {
        if (cacheFile is null) return;
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(cacheFile)!);
            AtomicFile.Write(cacheFile, JsonSerializer.Serialize(known.ToDictionary()));
        }
        catch (Exception e) when (Disk.IsAtFault(e))
        {
            // The strategies are probed again next time.
        }
    }
}
