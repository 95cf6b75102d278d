namespace Host;

/// <summary>
/// Where the program's own files are: in the folder of plugins.json, which is searched upwards from the program, never from the current
/// folder.
/// </summary>
/// <param name="Root">The folder that holds plugins.json.</param>
public sealed record Places(string Root)
{
    public const string PluginsFileName = "plugins.json";

    public string PluginsFile => Path.Combine(Root, PluginsFileName);

    public string Mnist => Path.Combine(Root, "data", "mnist");

    /// <summary>The places for this program: the nearest folder at or above it that holds plugins.json, or else its own folder.</summary>
    public static Places OfProgram()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            // Whatever it is, a link that leads nowhere included: one that can't be read is told, and no other is taken in its stead.
            var file = new FileInfo(Path.Combine(folder.FullName, PluginsFileName));
            if (Path.Exists(file.FullName) || file.LinkTarget is not null) return new Places(folder.FullName);
        }
        return new Places(AppContext.BaseDirectory);
    }
}
