namespace Reliability;

/// <summary>An input made by hand to mislead a parser.</summary>
/// <param name="MayPass">Whether it may be accepted: it is odd, and says nothing wrong.</param>
internal sealed record HostileInput(string Parser, string Name, byte[] Content, bool MayPass = false);

/// <summary>Inputs that break a format on purpose: each in one way that a reader could miss.</summary>
internal static class HostileInputs
{
    /// <summary>Lists in lists, none of which ends.</summary>
    public const string Deep = "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[";

    public static IEnumerable<HostileInput> All(Parsers parsers) => [.. HostileStoreFiles.All(parsers), .. HostileGivenFiles.All()];

    /// <summary>A list whose items' type is written once.</summary>
    public static T[] List<T>(T[] items) => items;
}
