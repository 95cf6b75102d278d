using System.Collections.Immutable;
using Bnn.Core;
using Bnn.Store;
using Host.Plugins;

namespace Host.Commands.Strategies;

/// <summary><c>host strategies add FILE.dll</c>.</summary>
public sealed class AddStrategyCommand()
    : OnePluginCommand(
        "add",
        "Copy a plugin, and the libraries beside it, into the plugins folder and pin its SHA-256 in plugins.json: "
            + "a file swapped later is refused.",
        "FILE.dll",
        "host strategies add bin/Release/net10.0/MyIdea.dll")
{
    protected override Result<int> Execute(string subject)
    {
        var file = Path.GetFullPath(subject);
        var plugins = Places.OfProgram().PluginsFile;
        return PluginMetadata.Read(file).Bind(strategies =>
            PluginsFile.Read(plugins).Bind(settings => Add(file, strategies, plugins, settings)));
    }

    private static Result<int> Add(string file, ImmutableArray<FoundStrategy> strategies, string plugins, PluginSettings settings)
    {
        if (settings.Folders.IsEmpty) return new Fault.PluginRejected(plugins, "names no folder", PluginsFile.Example);
        var target = Path.Combine(settings.Folders[0], Path.GetFileNameWithoutExtension(file));
        var installed = Path.Combine(target, $"{Path.GetFileNameWithoutExtension(file)}.dll");
        var sha256 = strategies[0].Info.PluginSha256;
        return Disk.Write(target, () =>
        {
            Copy(file, target);
            PluginsFile.Pin(plugins, installed, sha256);
            foreach (var strategy in strategies) Console.Out.WriteLine($"host run --strategy {strategy.Info.Name}");
            Console.Error.WriteLine($"added {installed}, SHA-256 {sha256}");
            return ExitCode.Done;
        });
    }

    /// <summary>Copies a plugin and the libraries beside it.</summary>
    private static void Copy(string file, string target)
    {
        Directory.CreateDirectory(target);
        var companions = Directory.EnumerateFiles(Path.GetDirectoryName(file)!).Where(IsCompanion);
        foreach (var source in companions.Append(file).Distinct(StringComparer.Ordinal))
            File.Copy(source, Path.Combine(target, Path.GetFileName(source)), overwrite: true);
    }

    private static bool IsCompanion(string file) =>
        Path.GetExtension(file) is ".dll" or ".so" or ".dylib" || file.EndsWith(".deps.json", StringComparison.Ordinal);
}
