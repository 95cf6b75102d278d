using System.Collections.Immutable;
using System.Text.RegularExpressions;
using Bnn.Core;

namespace Host.Plugins;

/// <summary>Which names a strategy may have.</summary>
public static partial class PluginNames
{
    /// <summary>Letters that a name may have: it becomes part of file names.</summary>
    public const int MostLetters = 60;

    /// <summary>What a name may be, for people.</summary>
    public const string Allowed = "lower-case letters, digits and hyphens";

    /// <summary>Words that --strategy and --compare read as something else.</summary>
    private static readonly ImmutableArray<string> Reserved = [TrainingSettings.Every, TrainingSettings.None];

    public static bool IsWellFormed(string name) => name.Length <= MostLetters && Pattern().IsMatch(name);

    public static bool IsReserved(string name) => Reserved.Contains(name);

    /// <summary>Why a name can't be given; null if it can.</summary>
    /// <param name="isOwn">Whether the plugin at a path is an earlier form of the one that wants the name.</param>
    public static string? Taken(string name, PluginCatalog installed, Func<string, bool> isOwn)
    {
        if (IsReserved(name)) return $"'{name}' is a word of --strategy and --compare";
        return installed.Offers.FirstOrDefault(offer => offer.Name == name && !isOwn(offer.Path)) is { } other
            ? $"'{name}' is the name of a strategy in {other.Path}{(other.Refusal is null ? "" : ", a plugin that is refused itself")}"
            : null;
    }

    /// <summary>What is wrong with the name of a plugin's strategy; null if nothing is.</summary>
    /// <param name="all">The plugin's strategies.</param>
    /// <inheritdoc cref="Taken"/>
    public static string? Clash(
        FoundStrategy strategy, ImmutableArray<FoundStrategy> all, PluginCatalog installed, Func<string, bool> isOwn) =>
        all.Count(other => other.Info.Name == strategy.Info.Name) > 1
            ? $"'{strategy.Info.Name}' is the name of two of its strategies"
            : Taken(strategy.Info.Name, installed, isOwn);

    [GeneratedRegex(@"\A[a-z0-9][a-z0-9-]*\z", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Pattern();
}
