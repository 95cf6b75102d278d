using Bnn.Core;

namespace Host;

/// <summary>The user's cache folder, for what can be made again.</summary>
public static class UserCache
{
    /// <summary>
    /// The folder, if it is there or only has to be made inside a folder that is there. Null otherwise: a home that doesn't exist isn't
    /// made, and nothing is kept.
    /// </summary>
    public static string? Folder =>
        UserFolders.Cache(Environment.GetEnvironmentVariable) is { } cache
        && (Directory.Exists(cache) || Directory.Exists(Path.GetDirectoryName(cache))) ? cache : null;
}
