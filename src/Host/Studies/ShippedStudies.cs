using System.Collections.Immutable;
using Bnn.Core;
using Bnn.Store;

namespace Host.Studies;

/// <summary>The studies that come with the program: files in its folder <c>studies</c>, each known by its name before the ending.</summary>
/// <param name="Folder">May be missing; there are none then.</param>
public sealed record ShippedStudies(string Folder)
{
    /// <summary>What names of studies' files end with.</summary>
    public const string Ending = ".toml";

    public static ShippedStudies OfProgram() => new(Path.Combine(AppContext.BaseDirectory, "studies"));

    public ImmutableArray<string> Names => Directory.Exists(Folder)
        ? [.. Directory.EnumerateFiles(Folder, $"*{Ending}").Select(Path.GetFileNameWithoutExtension).OfType<string>()
            .Order(StringComparer.Ordinal)]
        : [];

    /// <summary>The file of a study; the nearest name is proposed where there is none.</summary>
    public Result<string> Find(string name)
    {
        var names = Names;
        return names.Contains(name) ? Path.Combine(Folder, name + Ending) : new Fault.UnknownName("study", name, names);
    }

    /// <summary>The file's text, as it was shipped.</summary>
    public Result<string> Text(string name) => Find(name).Bind(path =>
    {
        try
        {
            return (Result<string>)File.ReadAllText(path);
        }
        catch (Exception e) when (Disk.IsAtFault(e))
        {
            return Disk.Unreadable(path, e);
        }
    });
}
