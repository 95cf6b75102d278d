using System.Collections.Immutable;
using System.Reflection;
using System.Security.Cryptography;
using Bnn.Contract;
using Bnn.Core;
using McMaster.NETCore.Plugins;

namespace Host.Plugins;

/// <summary>A strategy and the type that scores.</summary>
public sealed record LoadedStrategy(StrategyInfo Info, Type Type, string Path);

/// <summary>What the plugin folders offer, and what in them was refused.</summary>
public sealed record PluginCatalog(ImmutableArray<LoadedStrategy> Strategies, ImmutableArray<Fault> Rejected)
{
    public ImmutableArray<StrategyInfo> Infos => [.. Strategies.Select(strategy => strategy.Info)];

    public LoadedStrategy this[StrategyInfo info] => Strategies.First(strategy => strategy.Info == info);

    /// <summary>Finds X.dll and X/X.dll in every folder that plugins.json names. A bad plugin is refused and the others stay; a bad plugins.json is a fault.</summary>
    public static Result<PluginCatalog> Load(Places places) => PluginsFile.Read(places.PluginsFile).Map(folders =>
    {
        var rejected = ImmutableArray.CreateBuilder<Fault>();
        var strategies = new List<LoadedStrategy>();
        foreach (var path in folders.SelectMany(Find))
        {
            foreach (var strategy in LoadFile(path).Match<IEnumerable<LoadedStrategy>>(found => found, faults => { rejected.AddRange(faults); return []; }))
            {
                if (strategies.Find(other => other.Info.Name == strategy.Info.Name) is { } first)
                    rejected.Add(new Fault.PluginRejected(path, $"strategy '{strategy.Info.Name}' is in {first.Path} already", "rename one of them"));
                else
                    strategies.Add(strategy);
            }
        }
        return new PluginCatalog([.. strategies.OrderBy(strategy => strategy.Info.Name, StringComparer.Ordinal)], rejected.ToImmutable());
    });

    private static IEnumerable<string> Find(string folder)
    {
        if (!Directory.Exists(folder)) return [];
        var loose = Directory.EnumerateFiles(folder, "*.dll");
        var own = Directory.EnumerateDirectories(folder).Select(sub => Path.Combine(sub, Path.GetFileName(sub) + ".dll")).Where(File.Exists);
        return loose.Concat(own).Order(StringComparer.Ordinal);
    }

    private static Result<ImmutableArray<LoadedStrategy>> LoadFile(string path)
    {
        try
        {
            var sha256 = Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(path)));

            // The contract and what it refers to are the host's own; everything else the plugin brings along.
            using var loader = PluginLoader.CreateFromAssemblyFile(path, [typeof(IMaskStrategy), typeof(StrategyInfo)]);
            var assembly = loader.LoadDefaultAssembly();
            var found = assembly.GetTypes()
                .Where(type => type is { IsClass: true, IsAbstract: false } && typeof(IMaskStrategy).IsAssignableFrom(type))
                .Select(type => (Type: type, Attribute: type.GetCustomAttribute<MaskStrategyAttribute>()))
                .ToList();
            if (found.Find(pair => pair.Attribute is null) is { Type: { } nameless })
                return new Fault.PluginRejected(path, $"class {nameless.Name} has no [MaskStrategy] attribute", "give it one: name, description, which end is kept");
            if (found.Count == 0)
                return new Fault.PluginRejected(path, "holds no class that implements IMaskStrategy", "build it against Bnn.Contract with Private=\"false\", or move the file away");
            return found.Select(pair => new LoadedStrategy(Info(pair.Attribute!, assembly, path, sha256), pair.Type, path)).ToImmutableArray();
        }
        catch (Exception e) when (e is BadImageFormatException or IOException or UnauthorizedAccessException or TypeLoadException or MissingMemberException)
        {
            return new Fault.PluginRejected(path, $"can't be loaded ({FirstLine(e.Message)})", "build it for .NET 10 against this host's Bnn.Contract, or move it away");
        }
        catch (ReflectionTypeLoadException e)
        {
            var reason = e.LoaderExceptions.FirstOrDefault()?.Message ?? e.Message;
            return new Fault.PluginRejected(path, $"can't be loaded ({FirstLine(reason)})", "put its dependencies beside it and build it against this host's Bnn.Contract");
        }
    }

    private static StrategyInfo Info(MaskStrategyAttribute attribute, Assembly assembly, string path, string sha256) => new(
        attribute.Name, attribute.Description, attribute.Keep, attribute.Needs, Path.GetFileName(path), assembly.GetName().Version?.ToString() ?? "none", sha256);

    private static string FirstLine(string text) => text.Split('\n')[0].Trim().TrimEnd('.');
}
