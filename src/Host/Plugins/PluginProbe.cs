using System.Collections.Immutable;
using System.Text.Json;
using Bnn.Store;

namespace Host.Plugins;

/// <summary>
/// Checks whether instances of strategies can be made: their constructors run in a child process, which is replaced when it dies or doesn't
/// answer for five seconds. Answers are cached by the plugin's hash, so that listing strategies runs nothing twice; that one didn't answer
/// in time is believed for an hour only, since the machine may have been at fault.
/// </summary>
/// <param name="cacheFile">Where answers are kept; null if nowhere.</param>
public sealed class PluginProbe(string? cacheFile)
{
    private const long MemoryLimit = 1L << 30, MostCacheBytes = 16 << 20;
    private static readonly Guid HostVersion = typeof(PluginProbe).Assembly.ManifestModule.ModuleVersionId;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5), LateIsBelieved = TimeSpan.FromHours(1);

    /// <summary>A probe whose answers are kept in the user's cache folder, if there is one.</summary>
    public static PluginProbe InUserCache() =>
        new(UserCache.Folder is { } cache ? Path.Combine(cache, "host", "plugin-probes.json") : null);

    /// <summary>For each strategy the reason why no instance can be made; null if one can.</summary>
    public ImmutableArray<(FoundStrategy Strategy, string? Reason)> Check(IReadOnlyList<FoundStrategy> strategies)
    {
        var known = ReadCache();
        var unknown = strategies.Where(strategy => !known.ContainsKey(Key(strategy))).ToList();
        if (unknown.Count == 0) return Answers(strategies, known);
        foreach (var (strategy, answer) in Run(unknown)) known[Key(strategy)] = answer;
        var plugins = unknown.GroupBy(strategy => strategy.Path, StringComparer.Ordinal);
        foreach (var strategy in plugins.Where(plugin => HasChanged(plugin.First())).SelectMany(plugin => plugin))
            known[Key(strategy)] = Changed;
        WriteCache(known.Where(answer => answer.Value != Changed));
        return Answers(strategies, known);
    }

    /// <param name="Reason">Why no instance can be made; null if one can.</param>
    /// <param name="Until">Until when that is believed; null for ever.</param>
    private sealed record Answer(string? Reason, DateTime? Until = null);

    private static readonly Answer Changed = new("its file changed while it was tried; run the same command again");

    private static ImmutableArray<(FoundStrategy Strategy, string? Reason)> Answers(
        IEnumerable<FoundStrategy> strategies, Dictionary<string, Answer> known) =>
        [.. strategies.Select(strategy => (strategy, known[Key(strategy)].Reason))];

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

    private static IEnumerable<(FoundStrategy Strategy, Answer Answer)> Run(List<FoundStrategy> strategies)
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
                    yield return (strategy, new Answer(WorkerAnswer.Parse(answer).Reason));
                    continue;
                }
                yield return (strategy, child.Ending() is { } ending
                    ? new Answer($"making it failed: {ending}")
                    : new Answer(
                        $"making it took more than {Patience.TotalSeconds} s; it is tried again after an hour",
                        DateTime.UtcNow + LateIsBelieved));
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

    private Dictionary<string, Answer> ReadCache()
    {
        if (cacheFile is null) return [];
        try
        {
            var answers = JsonSerializer.Deserialize<Dictionary<string, Answer?>>(InputFile.ReadAll(cacheFile, MostCacheBytes)) ?? [];
            Dictionary<string, Answer> known = new(StringComparer.Ordinal);
            var now = DateTime.UtcNow;
            foreach (var (key, answer) in answers)
            {
                if (answer is not null && !(answer.Until < now)) known[key] = answer;
            }
            return known;
        }
        catch (Exception e) when (Disk.IsAtFault(e) || e is JsonException)
        {
            return [];          // without the cache, the strategies are probed again
        }
    }

    private void WriteCache(IEnumerable<KeyValuePair<string, Answer>> known)
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
