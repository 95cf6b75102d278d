using System.Collections.Immutable;
using Bnn.Core;
using Bnn.Store;
using Host.Plugins;

namespace Host.Commands.Strategies;

/// <summary><c>host strategies add FILE.dll</c>.</summary>
public sealed class AddStrategyCommand()
    : OnePluginCommand(
        "add",
        "Copy a plugin, and the libraries beside it that it uses, into the plugins folder and pin its SHA-256 in plugins.json: "
            + "a file swapped later is refused.",
        "FILE.dll",
        "host strategies add bin/Release/net10.0/MyIdea.dll")
{
    protected override Result<int> Execute(string subject)
    {
        var file = Path.GetFullPath(subject);
        var places = Places.OfProgram();
        return PluginMetadata.Read(file).Bind(strategies =>
            PluginCatalog.Find(places).Bind(installed => Add(file, strategies, places.PluginsFile, installed)));
    }

    private static Result<int> Add(string file, ImmutableArray<FoundStrategy> strategies, string plugins, PluginCatalog installed)
    {
        if (installed.Settings.InstalledPath(file) is not { } target)
            return new Fault.PluginRejected(plugins, "names no folder", PluginsFile.Example);
        var clashes = strategies
            .Select(strategy => PluginNames.Clash(strategy, strategies, installed, path => path == file || path == target))
            .OfType<string>();
        var faults = clashes
            .Select(clash => new Fault.PluginRejected(file, clash, "rename its strategy, or remove that plugin"))
            .ToImmutableArray<Fault>();
        if (faults.IsEmpty && Lost(target, file, strategies, installed) is { Length: > 0 } lost)
        {
            faults = [new Fault.PluginRejected(
                file,
                $"would take the place of {target} and with it of {lost}",
                $"rename the file, or first: host strategies remove {Path.GetFileNameWithoutExtension(file)}")];
        }
        if (!faults.IsEmpty) return faults;
        return Disk.Write(Path.GetDirectoryName(target)!, () =>
        {
            if (target != file) Replace(PluginFamily.Of(file), Path.GetDirectoryName(target)!);
            var sha256 = PluginFamily.Of(target).Sha256();
            PluginsFile.Pin(plugins, target, sha256);
            foreach (var strategy in strategies) Console.Out.WriteLine($"{CommandText.Program} run --strategy {strategy.Info.Name}");
            Console.Error.WriteLine($"added {target}, SHA-256 {sha256}");
            return ExitCode.Done;
        });
    }

    /// <summary>Names that the installed plugin of that file name offers and the new one doesn't.</summary>
    private static string Lost(string target, string file, ImmutableArray<FoundStrategy> strategies, PluginCatalog installed)
    {
        if (target == file) return "";
        var kept = strategies.Select(strategy => strategy.Info.Name);
        return string.Join(", ", installed.Offers.Where(offer => offer.Path == target).Select(offer => offer.Name).Distinct().Except(kept));
    }

    /// <summary>Puts a plugin with its libraries in the place of a folder, in which nothing of an earlier version stays.</summary>
    private static void Replace(PluginFamily plugin, string folder)
    {
        var (parent, name) = (Path.GetDirectoryName(folder)!, Path.GetFileName(folder));
        var (coming, going) = (Path.Combine(parent, $".{name}.coming"), Path.Combine(parent, $".{name}.going"));
        foreach (var left in (string[])[coming, going])
            if (Directory.Exists(left)) Directory.Delete(left, recursive: true);
        Directory.CreateDirectory(coming);
        plugin.CopyTo(coming);
        if (Directory.Exists(folder)) Directory.Move(folder, going);
        Directory.Move(coming, folder);
        if (Directory.Exists(going)) Directory.Delete(going, recursive: true);
    }
}
