using System.Collections.Immutable;
using Bnn.Core;
using Bnn.Store;

namespace Host.Plugins;

/// <summary>A strategy's name in a plugin.</summary>
/// <param name="Refusal">Why it can't be used; null if it can.</param>
public sealed record OfferedName(string Name, string Path, Fault? Refusal);

/// <summary>
/// The strategies in the plugin folders, and the plugins that were refused. It is made from metadata and from probes in a child process:
/// no plugin's code runs in this one.
/// </summary>
/// <param name="BrokenPins">Plugins whose file is not the one pinned: a reason to stop.</param>
/// <param name="Warnings">What plugins.json names and isn't there.</param>
/// <param name="Offers">Every name that a plugin offers, those of refused plugins among them as far as they can be read.</param>
public sealed record PluginCatalog(
    PluginSettings Settings,
    ImmutableArray<FoundStrategy> Strategies,
    ImmutableArray<Fault> Rejected,
    ImmutableArray<Fault> BrokenPins,
    ImmutableArray<Fault> Warnings,
    ImmutableArray<OfferedName> Offers)
{
    public ImmutableArray<StrategyInfo> Infos => [.. Strategies.Select(strategy => strategy.Info)];

    /// <summary>The strategy of that name, whatever its arguments.</summary>
    public FoundStrategy this[StrategyInfo info] => Strategies.First(strategy => strategy.Info.Name == info.Name);

    /// <summary>Why a name that plugins offer isn't there: the refusals of those plugins.</summary>
    public IEnumerable<Fault> RefusalsOf(string name) =>
        Offers.Where(offer => offer.Name == name).Select(offer => offer.Refusal).OfType<Fault>().Distinct();

    /// <summary>Says on stderr what plugins.json names and isn't there.</summary>
    public void ShowWarnings()
    {
        foreach (var warning in Warnings) Console.Error.WriteLine($"host: warning: {warning.Describe()}");
    }

    /// <summary>Says on stderr which refused plugins offer names that other plugins' strategies have, and whose are used.</summary>
    public void ShowTwins(IEnumerable<string> names)
    {
        foreach (var name in names.Distinct(StringComparer.Ordinal))
        {
            var used = Strategies.First(strategy => strategy.Info.Name == name).Path;
            foreach (var refusal in RefusalsOf(name).Select(refusal => refusal.Describe()))
                Console.Error.WriteLine($"host: warning: '{name}' is that of {used}; another plugin that offers it is refused: {refusal}");
        }
    }

    /// <summary>
    /// What can be used. A bad plugin is refused and the others stay; a bad plugins.json is a fault, and so is that nothing is left.
    /// </summary>
    public static Result<PluginCatalog> Load(Places places) => Find(places).Bind<PluginCatalog>(catalog =>
        catalog.Strategies.IsEmpty && catalog.BrokenPins.IsEmpty ? catalog.NothingThere(places.PluginsFile) : catalog);

    /// <summary>What there is, even if it is nothing.</summary>
    public static Result<PluginCatalog> Find(Places places) => PluginsFile.Read(places.PluginsFile).Map(settings =>
    {
        var search = PluginFiles.Find(settings);
        var made = new Builder(settings, search.Warnings);
        foreach (var (fault, plugin) in search.Refused) made.Refuse(fault, plugin is null ? [] : PluginMetadata.NamesIn(plugin), plugin);
        var found = new List<FoundStrategy>();
        foreach (var path in search.Files)
        {
            switch (PluginMetadata.Read(path))
            {
                case Result<ImmutableArray<FoundStrategy>>.Ok(var strategies):
                    if (made.HasItsPin(path, strategies)) found.AddRange(strategies);
                    break;
                case Result<ImmutableArray<FoundStrategy>>.Failed(var faults):
                    if (!made.HasItsPin(path, [])) break;
                    foreach (var fault in faults) made.Refuse(fault, PluginMetadata.NamesIn(path), path);
                    break;
            }
        }
        foreach (var (strategy, reason) in PluginProbe.InUserCache().Check(found))
        {
            if (reason is null) made.Add(strategy);
            else made.Refuse(Unusable(strategy, reason), [strategy.Info.Name], strategy.Path);
        }
        return made.Build(search.Files);
    });

    private ImmutableArray<Fault> NothingThere(string pluginsFile)
    {
        var folders = Settings.Folders.IsEmpty ? "it names no folder" : $"none is in {string.Join(", ", Settings.Folders)}";
        return [
            new Fault.PluginRejected(pluginsFile, $"leads to no strategy that can be used: {folders}", Settings.Folders.IsEmpty
                ? PluginsFile.Example
                : "put a strategy's DLL there, or correct 'folders'"),
            .. Warnings,
            .. Rejected];
    }

    private static Fault.PluginRejected Unusable(FoundStrategy strategy, string reason) => new(
        strategy.Path,
        $"strategy '{strategy.Info.Name}': {reason}",
        "put its dependencies beside it and build it against this host's contract");

    private sealed class Builder(PluginSettings settings, IEnumerable<Fault> warnings)
    {
        private readonly List<Fault> _warnings = [.. warnings], _rejected = [], _pins = [];
        private readonly List<OfferedName> _offers = [];
        private readonly Dictionary<string, FoundStrategy> _first = new(StringComparer.Ordinal);

        public void Refuse(Fault fault, IEnumerable<string> names, string? path)
        {
            _rejected.Add(fault);
            if (path is not null) _offers.AddRange(names.Select(name => new OfferedName(name, path, fault)));
        }

        /// <summary>Of two with the same name the first stays and the other is rejected.</summary>
        public void Add(FoundStrategy strategy)
        {
            var name = strategy.Info.Name;
            if (_first.TryAdd(name, strategy))
            {
                _offers.Add(new OfferedName(name, strategy.Path, null));
                return;
            }
            Refuse(
                new Fault.PluginRejected(strategy.Path, $"strategy '{name}' is in {_first[name].Path} already", "rename one of them"),
                [name],
                strategy.Path);
        }

        /// <summary>Whether a plugin is the one pinned, or isn't pinned. Pins of 0.1 are of the DLL alone.</summary>
        public bool HasItsPin(string path, ImmutableArray<FoundStrategy> strategies)
        {
            if (!settings.Pins.TryGetValue(path, out var pinned)) return true;
            var found = Hashes(path, strategies);
            if (found.Contains(pinned)) return true;
            var fault = new Fault.PluginRejected(
                path,
                $"is not the file that plugins.json pins: expected SHA-256 {pinned}, found {found[0]}",
                "restore the file, or, if you changed it, pin it again: host strategies add FILE.dll");
            _pins.Add(fault);
            var names = strategies.IsEmpty ? PluginMetadata.NamesIn(path) : [.. strategies.Select(strategy => strategy.Info.Name)];
            _offers.AddRange(names.Select(name => new OfferedName(name, path, fault)));
            return false;
        }

        /// <summary>The strategies by group and name.</summary>
        public PluginCatalog Build(IEnumerable<string> files)
        {
            var missing = settings.Pins.Keys.Except(files, StringComparer.Ordinal).Order(StringComparer.Ordinal).Select(path =>
                new Fault.PluginRejected(
                    path,
                    "is pinned by plugins.json, but no plugin of its folders",
                    "put it back, or delete its line under 'sha256'"));
            return new PluginCatalog(
                settings,
                [
                    .. _first.Values
                        .OrderBy(strategy => strategy.Info.Group, StringComparer.Ordinal)
                        .ThenBy(strategy => strategy.Info.Name, StringComparer.Ordinal)],
                [.. _rejected],
                [.. _pins],
                [.. _warnings, .. missing],
                [.. _offers]);
        }

        private static List<string> Hashes(string path, ImmutableArray<FoundStrategy> strategies)
        {
            var hashes = strategies.IsEmpty ? new List<string>() : [strategies[0].Info.PluginSha256];
            try
            {
                hashes.Add(new PluginFamily(path, []).MainSha256());
            }
            catch (Exception e) when (Disk.IsAtFault(e))
            {
                hashes.Add($"nothing that can be read ({Disk.Reason(e)})");
            }
            return hashes;
        }
    }
}
