using System.Collections.Immutable;

namespace Bnn.Core;

/// <summary>The settings that a study may give.</summary>
/// <param name="Settings">Their names.</param>
/// <param name="OfTheWhole">Those that hold for a study as a whole, such as where its results go: no two arms differ in them.</param>
/// <param name="Alternatives">Pairs of settings that say the same in two ways.</param>
public sealed record StudyKeys(
    ImmutableArray<string> Settings, ImmutableHashSet<string> OfTheWhole, ImmutableArray<(string One, string Other)> Alternatives)
{
    /// <summary>Those of a table. What belongs to the data, the engine or the run holds for the whole.</summary>
    public static StudyKeys Of(IReadOnlyList<Setting> table) => new(
        [.. table.Select(setting => setting.Name)],
        [.. table.Where(setting => setting.Part is SettingPart.Source or SettingPart.Immaterial).Select(setting => setting.Name)],
        [.. from setting in table where setting.InsteadOf is not null select (setting.Name, setting.InsteadOf!.Name)]);

    /// <summary>Whether a setting can't stand beside another one that says the same, or is that one.</summary>
    internal bool Replaces(string setting, string other) =>
        setting == other || Alternatives.Contains((setting, other)) || Alternatives.Contains((other, setting));

    /// <summary>What is wrong with a name that should be a setting's; null if it is one.</summary>
    public Fault? Unknown(string name, Origin origin) =>
        Settings.Contains(name) ? null : new Fault.UnknownName("setting", name, Settings) { Origin = origin };
}
