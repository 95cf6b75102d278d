namespace Bnn.Core;

/// <summary>Where a setting's value came from, so that a fault can point at it: a flag, or a place in a file.</summary>
/// <param name="Setting">The setting's name.</param>
/// <param name="Where">What a person can look for: <c>--density</c>, or <c>study.toml, line 3, column 1: density</c>.</param>
/// <param name="Assignment">How a value is given there, with {0} for the value: <c>--density {0}</c>.</param>
public sealed record Origin(string Setting, string Where, string Assignment)
{
    /// <summary>The origin of a setting that was not given and has no front end: its bare name.</summary>
    public static Origin Named(string setting) => new(setting, setting, $"{setting} = {{0}}");

    /// <summary>The text that would give <paramref name="value"/> there.</summary>
    public string Assign(string value) => Assignment.Replace("{0}", value, StringComparison.Ordinal);
}
