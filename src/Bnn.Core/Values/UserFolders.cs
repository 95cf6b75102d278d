namespace Bnn.Core;

/// <summary>Where a user's own files are, by the XDG base directory specification.</summary>
public static class UserFolders
{
    /// <summary>
    /// The user's cache folder: XDG_CACHE_HOME, or .cache in HOME. Null where neither is a full path: what is relative would land in
    /// whatever folder a command runs in.
    /// </summary>
    /// <param name="environment">The environment variables.</param>
    public static string? Cache(Func<string, string?> environment) =>
        Full(environment("XDG_CACHE_HOME")) ?? (Home(environment) is { } home ? Path.Combine(home, ".cache") : null);

    /// <summary>The user's folder for settings: XDG_CONFIG_HOME, or .config in HOME; null as for the cache.</summary>
    /// <param name="environment">The environment variables.</param>
    public static string? Config(Func<string, string?> environment) =>
        Full(environment("XDG_CONFIG_HOME")) ?? (Home(environment) is { } home ? Path.Combine(home, ".config") : null);

    /// <summary>The user's home folder; null where the environment names none.</summary>
    public static string? Home(Func<string, string?> environment) => Full(environment("HOME")) ?? Full(environment("USERPROFILE"));

    private static string? Full(string? path) => path is { Length: > 0 } && Path.IsPathFullyQualified(path) ? path : null;
}
