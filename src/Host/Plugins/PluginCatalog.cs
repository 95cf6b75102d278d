using System.Collections.Immutable;
using Bnn.Core;

namespace Host.Plugins;

/// <summary>
/// The strategies in the plugin folders, and the plugins that were refused. It is made from metadata and from probes in a child process:
/// no plugin's code runs in this one.
/// </summary>
/// <param name="BrokenPins">Plugins whose file is not the one pinned: a reason to stop.</param>
public sealed record PluginCatalog(
    ImmutableArray<FoundStrategy> Strategies, ImmutableArray<Fault> Rejected, ImmutableArray<Fault> BrokenPins)
{
    public ImmutableArray<StrategyInfo> Infos => [.. Strategies.Select(strategy => strategy.Info)];

    /// <summary>The strategy of that name, whatever its arguments.</summary>
    public FoundStrategy this[StrategyInfo info] => Strategies.First(strategy => strategy.Info.Name == info.Name);

    /// <summary>A bad plugin is refused and the others stay; a bad plugins.json is a fault.</summary>
    public static Result<PluginCatalog> Load(Places places) => PluginsFile.Read(places.PluginsFile).Map(settings =>
    {
        var (files, refused) = PluginFiles.Find(settings);
        var rejected = refused.ToBuilder();
        var pins = ImmutableArray.CreateBuilder<Fault>();
        var found = new List<FoundStrategy>();
        foreach (var path in files)
        {
            var strategies = PluginMetadata.Read(path).Match(ok => ok, faults => { rejected.AddRange(faults); return []; });
            if (settings.Pins.TryGetValue(path, out var pinned) && Sha256(path, strategies) is var sha256 && sha256 != pinned)
            {
                pins.Add(new Fault.PluginRejected(
                    path,
                    $"is not the file that plugins.json pins: expected SHA-256 {pinned}, found {sha256}",
                    "restore the file, or, if you changed it, pin it again: host strategies add FILE.dll"));
                continue;
            }
            found.AddRange(strategies);
        }
        var usable = new List<FoundStrategy>();
        foreach (var (strategy, reason) in PluginProbe.InUserCache().Check(found))
        {
            if (reason is null) usable.Add(strategy);
            else rejected.Add(Unusable(strategy, reason));
        }
        return new PluginCatalog(Unique(usable, rejected), rejected.ToImmutable(), pins.ToImmutable());
    });

    private static Fault.PluginRejected Unusable(FoundStrategy strategy, string reason) => new(
        strategy.Path,
        $"strategy '{strategy.Info.Name}': {reason}",
        "put its dependencies beside it and build it against this host's contract");

    /// <summary>The strategies by group and name. Of two with the same name the first stays and the other is rejected.</summary>
    private static ImmutableArray<FoundStrategy> Unique(IEnumerable<FoundStrategy> strategies, ImmutableArray<Fault>.Builder rejected)
    {
        var first = new Dictionary<string, FoundStrategy>(StringComparer.Ordinal);
        foreach (var strategy in strategies)
        {
            var name = strategy.Info.Name;
            if (!first.TryAdd(name, strategy))
            {
                rejected.Add(new Fault.PluginRejected(
                    strategy.Path, $"strategy '{name}' is in {first[name].Path} already", "rename one of them"));
            }
        }
        return [
            .. first.Values
                .OrderBy(strategy => strategy.Info.Group, StringComparer.Ordinal)
                .ThenBy(strategy => strategy.Info.Name, StringComparer.Ordinal)];
    }

    private static string Sha256(string path, ImmutableArray<FoundStrategy> strategies) => strategies.IsEmpty
        ? Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(File.ReadAllBytes(path)))
        : strategies[0].Info.PluginSha256;
}
