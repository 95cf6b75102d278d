using System.Collections.Immutable;
using Bnn.Core;

namespace Host.Plugins;

/// <summary>Finds plugin files, and only where plugins.json allows them.</summary>
public static class PluginFiles
{
    /// <summary>Assemblies that the host shares with every plugin.</summary>
    public static readonly ImmutableArray<string> Shared = ["Bnn.Contract", "Bnn.Core"];

    /// <summary>Finds X.dll and X/X.dll in every folder; refuses files that are, or link to, elsewhere.</summary>
    public static (ImmutableArray<string> Files, ImmutableArray<Fault> Refused) Find(PluginSettings settings)
    {
        var refused = ImmutableArray.CreateBuilder<Fault>();
        var files = ImmutableArray.CreateBuilder<string>();
        foreach (var folder in settings.Folders.Where(Directory.Exists))
        {
            if (!IsInside(RealPath(folder), settings))
            {
                refused.Add(new Fault.PluginRejected(
                    folder, $"is outside {settings.Root}", "name it under 'allow' in plugins.json if you trust it"));
                continue;
            }
            foreach (var file in Candidates(folder))
            {
                if (Family(folder, file).FirstOrDefault(member => !IsInside(RealPath(member), settings)) is { } stranger)
                {
                    refused.Add(new Fault.PluginRejected(
                        stranger,
                        $"is a link to {RealPath(stranger)}, outside {settings.Root}",
                        "copy the file, or name its folder under 'allow' in plugins.json"));
                    continue;
                }
                files.Add(file);
            }
        }
        return (files.ToImmutable(), refused.ToImmutable());
    }

    /// <summary>
    /// The plugins of a folder, those in a folder of their own first, so that a loose file can't take an installed strategy's name.
    /// </summary>
    private static IEnumerable<string> Candidates(string folder)
    {
        var loose = Directory.EnumerateFiles(folder, "*.dll").Where(file => !Shared.Contains(Path.GetFileNameWithoutExtension(file)));
        var own = Directory.EnumerateDirectories(folder)
            .Select(sub => Path.Combine(sub, Path.GetFileName(sub) + ".dll"))
            .Where(File.Exists);
        return [.. own.Order(StringComparer.Ordinal), .. loose.Order(StringComparer.Ordinal)];
    }

    /// <summary>A plugin's DLL and, if it has a folder of its own, everything in that folder: its libraries are code, too.</summary>
    private static IEnumerable<string> Family(string folder, string file)
    {
        var own = Path.GetDirectoryName(file)!;
        return own == folder.TrimEnd(Path.DirectorySeparatorChar) ? [file] : Directory.EnumerateFileSystemEntries(own).Prepend(file);
    }

    private static bool IsInside(string real, PluginSettings settings)
    {
        return settings.Allowed.Prepend(settings.Root).Select(RealPath).Any(Holds);

        bool Holds(string folder) =>
            real == folder
            || real.StartsWith(folder.TrimEnd(Path.DirectorySeparatorChar) + Path.DirectorySeparatorChar, StringComparison.Ordinal);
    }

    /// <summary>The path with every link followed.</summary>
    private static string RealPath(string path)
    {
        var real = Path.GetPathRoot(path)!;
        foreach (var part in path[real.Length..].Split(Path.DirectorySeparatorChar, StringSplitOptions.RemoveEmptyEntries))
        {
            var next = Path.Combine(real, part);
            FileSystemInfo info = Directory.Exists(next) ? new DirectoryInfo(next) : new FileInfo(next);
            real = info.ResolveLinkTarget(returnFinalTarget: true)?.FullName is { } target ? RealPath(target) : next;
        }
        return real;
    }
}
