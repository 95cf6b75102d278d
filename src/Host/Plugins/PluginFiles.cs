using System.Collections.Immutable;
using Bnn.Core;
using Bnn.Store;

namespace Host.Plugins;

/// <summary>What was found in the plugin folders.</summary>
/// <param name="Files">The plugins' DLLs.</param>
/// <param name="Refused">What lies where it may not, with the DLL of the plugin that it belongs to, if it is one's.</param>
/// <param name="Warnings">Folders that offer nothing because they can't be looked into.</param>
public sealed record PluginSearch(
    ImmutableArray<string> Files, ImmutableArray<(Fault Fault, string? Plugin)> Refused, ImmutableArray<Fault> Warnings);

/// <summary>Finds plugin files, and only where plugins.json allows them.</summary>
public static class PluginFiles
{
    /// <summary>Assemblies that the host shares with every plugin.</summary>
    public static readonly ImmutableArray<string> Shared = ["Bnn.Contract", "Bnn.Core"];

    /// <summary>Links that are followed for one path, as many as Linux does.</summary>
    private const int MostLinks = 40;

    /// <summary>Finds X.dll and X/X.dll in every folder; refuses files that are, or link to, elsewhere.</summary>
    public static PluginSearch Find(PluginSettings settings)
    {
        var refused = ImmutableArray.CreateBuilder<(Fault, string?)>();
        var warnings = ImmutableArray.CreateBuilder<Fault>();
        var files = ImmutableArray.CreateBuilder<string>();
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var folder in settings.Folders)
        {
            if (!Directory.Exists(folder))
            {
                warnings.Add(NoFolder(folder));
                continue;
            }
            try
            {
                if (!seen.Add(RealPath(folder))) continue;              // named twice
                if (!IsInside(RealPath(folder), settings))
                {
                    refused.Add((new Fault.PluginRejected(
                        folder, $"is outside {settings.Root}", "name it under 'allow' in plugins.json if you trust it"), null));
                    continue;
                }
                foreach (var file in Candidates(folder)) Examine(file, folder);
            }
            catch (Exception e) when (Disk.IsAtFault(e))
            {
                warnings.Add(new Fault.PluginRejected(
                    folder, $"can't be looked into ({Disk.Reason(e)})", "check its rights, or correct 'folders' in plugins.json"));
            }
        }
        return new PluginSearch(files.ToImmutable(), refused.ToImmutable(), warnings.ToImmutable());

        void Examine(string file, string folder)
        {
            try
            {
                if (!seen.Add(RealPath(file))) return;                  // in a folder inside another
                if (Family(folder, file).FirstOrDefault(member => !IsInside(RealPath(member), settings)) is not { } stranger)
                {
                    files.Add(file);
                    return;
                }
                refused.Add((new Fault.PluginRejected(
                    stranger,
                    $"is a link to {RealPath(stranger)}, outside {settings.Root}",
                    "copy the file, or name its folder under 'allow' in plugins.json"), file));
            }
            catch (Exception e) when (Disk.IsAtFault(e))
            {
                refused.Add((new Fault.PluginRejected(file, $"can't be read ({Disk.Reason(e)})", "check its rights and its links"), null));
            }
        }
    }

    private static Fault.PluginRejected NoFolder(string folder)
    {
        var entry = new FileInfo(folder);
        var what = entry.LinkTarget is { } target ? $"is a link to {target}, and leads to no folder"
            : entry.Exists ? "is a file"
            : "isn't there";
        return new Fault.PluginRejected(
            folder, $"{what}, but 'folders' of plugins.json names it", "make that folder, or correct plugins.json");
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
        return own == folder.TrimEnd(Path.DirectorySeparatorChar)
            ? [file]
            : Directory.EnumerateFileSystemEntries(own, "*", PluginFamily.Everything).Prepend(file);
    }

    private static bool IsInside(string real, PluginSettings settings)
    {
        return settings.Allowed.Prepend(settings.Root).Select(RealPathOrItself).Any(Holds);

        bool Holds(string folder) =>
            real == folder
            || real.StartsWith(folder.TrimEnd(Path.DirectorySeparatorChar) + Path.DirectorySeparatorChar, StringComparison.Ordinal);
    }

    /// <summary>A folder whose links lead nowhere holds nothing, whatever it is called.</summary>
    private static string RealPathOrItself(string path)
    {
        try
        {
            return RealPath(path);
        }
        catch (Exception e) when (Disk.IsAtFault(e))
        {
            return path;
        }
    }

    /// <summary>The path with every link followed.</summary>
    /// <exception cref="IOException">Its links run in a circle.</exception>
    private static string RealPath(string path)
    {
        var links = 0;
        return Follow(path);

        string Follow(string path)
        {
            var real = Path.GetPathRoot(path)!;
            foreach (var part in path[real.Length..].Split(Path.DirectorySeparatorChar, StringSplitOptions.RemoveEmptyEntries))
            {
                var next = Path.Combine(real, part);
                FileSystemInfo info = Directory.Exists(next) ? new DirectoryInfo(next) : new FileInfo(next);
                if (info.LinkTarget is null)
                {
                    real = next;
                    continue;
                }
                if (++links > MostLinks) throw new IOException($"too many links, or links in a circle: {path}");
                real = Follow(Path.GetFullPath(info.LinkTarget, real));
            }
            return real;
        }
    }
}
