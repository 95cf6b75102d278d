using System.Collections.Immutable;

namespace Bnn.Core;

/// <summary>The names of a study's arms: which are allowed, and what an arm is called that was given none.</summary>
public static class ArmNames
{
    /// <summary>What an arm is called that differs in nothing from the common settings.</summary>
    public const string OfCommon = "common";

    /// <summary>What a name may look like, in words.</summary>
    public const string Allowed = "up to 100 letters, digits, spaces and -_.,:+=/%() that begin with a letter or a digit";

    private const int MostLetters = 100;
    private const string Signs = " -_.,:+=/%()";

    public static bool IsName(string text) =>
        text.Length is > 0 and <= MostLetters && char.IsLetterOrDigit(text[0]) && text[^1] != ' ' && text.All(IsAllowed);

    /// <summary>
    /// A name for each arm: its strategy and the settings in which it differs from another arm, such as "magnitude, rounds 20"; values of
    /// a grid have "or" between them.
    /// </summary>
    /// <param name="arms">Each arm's own settings.</param>
    public static ImmutableArray<string> Of(ImmutableArray<StudySetting> common, IReadOnlyList<ImmutableArray<StudySetting>> arms)
    {
        var differing = arms.SelectMany(arm => arm).Select(setting => setting.Name).Distinct(StringComparer.Ordinal)
            .Where(name => arms.Select(arm => TextOf(name, arm) ?? TextOf(name, common)).Distinct(StringComparer.Ordinal).Skip(1).Any())
            .ToHashSet(StringComparer.Ordinal);
        return [.. arms.Select(arm => NameOf(arm, differing))];
    }

    private static string NameOf(ImmutableArray<StudySetting> arm, HashSet<string> differing)
    {
        var telling = arm.Where(setting => IsStrategy(setting) || differing.Contains(setting.Name)).ToList();
        var parts = (telling.Count > 0 ? telling : [.. arm])
            .Select(setting => IsStrategy(setting) ? TextOf(setting) : $"{setting.Name} {TextOf(setting)}");
        var name = string.Concat(string.Join(", ", parts).Select(letter => IsAllowed(letter) ? letter : '-')).TrimStart([.. Signs]);
        if (name.Length > MostLetters) name = name[..MostLetters];
        return name.TrimEnd() is { Length: > 0 } found ? found : OfCommon;
    }

    private static bool IsStrategy(StudySetting setting) => setting.Name == TrainingSettings.Strategy.Name;

    private static string? TextOf(string name, ImmutableArray<StudySetting> settings) =>
        settings.FirstOrDefault(setting => setting.Name == name) is { } found ? TextOf(found) : null;

    private static string TextOf(StudySetting setting) => string.Join(" or ", setting.Values.Select(value => value.Text));

    private static bool IsAllowed(char letter) => char.IsLetterOrDigit(letter) || Signs.Contains(letter, StringComparison.Ordinal);
}
