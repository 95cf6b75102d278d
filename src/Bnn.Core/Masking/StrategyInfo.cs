using System.Collections.Immutable;

namespace Bnn.Core;

/// <summary>What is known about a strategy without running it, with the values of its parameters.</summary>
/// <param name="Plugin">File name of its DLL.</param>
/// <param name="PluginVersion">Version of its assembly.</param>
/// <param name="PluginSha256">SHA-256 of the DLL, hex: part of a ticket's key, because other code may give other masks.</param>
public sealed record StrategyInfo(
    string Name, string Description, Keep Keep, Needs Needs, string Plugin, string PluginVersion, string PluginSha256)
{
    /// <summary>For listings: what kind of criterion it is.</summary>
    public string Group { get; init; } = "other";

    public string Formula { get; init; } = "";

    /// <summary>Who proposed it.</summary>
    public string Reference { get; init; } = "";

    public ImmutableArray<StrategyParameter> Parameters { get; init; } = [];

    /// <summary>A value for every parameter, in the order they are declared.</summary>
    public ImmutableArray<NamedValue> Arguments { get; init; } = [];

    /// <summary>The other strategy that a parameter names.</summary>
    public StrategyInfo? Of { get; init; }

    /// <summary>
    /// The name with the arguments that differ from their defaults: how the strategy is called in tables and on the command line.
    /// </summary>
    public string Label => Name + string.Concat(Arguments
        .Where(argument => !Parameters.Any(parameter => parameter.Name == argument.Name && parameter.Default == argument.Value))
        .Select(argument => $":{argument.Name}={argument.Value}"));

    /// <summary>Its own needs and those of the strategy it refers to.</summary>
    public Needs AllNeeds => Needs | (Of?.AllNeeds ?? Needs.Nothing);

    public bool Equals(StrategyInfo? other) =>
        other is not null && Label == other.Label && PluginSha256 == other.PluginSha256 && Equals(Of, other.Of);

    public override int GetHashCode() => HashCode.Combine(Label, PluginSha256);
}
