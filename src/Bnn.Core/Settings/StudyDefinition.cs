using System.Collections.Immutable;
using System.Globalization;

namespace Bnn.Core;

/// <summary>A setting with the texts that a study gives it: one, or several, which make a grid.</summary>
public sealed record StudySetting(string Name, ImmutableArray<Given> Values);

/// <summary>A way to get and train subnetworks: the settings in which it differs from the study's common ones.</summary>
public sealed record StudyArm(string Name, ImmutableArray<StudySetting> Settings, Origin Origin);

/// <summary>A comparison that a study asks for: everything else with a baseline.</summary>
/// <param name="Baseline">An arm's name or a strategy's.</param>
/// <param name="Margin">Percentage points of accuracy that count as no difference; null where none are given.</param>
/// <param name="MarginOrigin">Where the margin was given, or could be.</param>
public sealed record StudyComparison(Given Baseline, double? Margin, Origin MarginOrigin);

/// <summary>A study as its file says it: arms that differ from common settings, and what is compared.</summary>
/// <param name="File">The file's name, as messages give it.</param>
/// <param name="Question">The question that the study answers; null where the file doesn't say.</param>
/// <param name="Cost">What it costs to train, in words; null where the file doesn't say.</param>
/// <param name="Common">Settings of every arm.</param>
/// <param name="Arms">One at least.</param>
/// <param name="Controls">The settings <c>controls</c> and <c>controls-at</c>, where the file has a table for them.</param>
public sealed record StudyDefinition(
    string File,
    string? Question,
    string? Cost,
    ImmutableArray<StudySetting> Common,
    ImmutableArray<StudyArm> Arms,
    ImmutableArray<StudySetting> Controls,
    ImmutableArray<StudyComparison> Compare)
{
    /// <summary>More points of all grids together than any study trains; each is a set of settings, read and checked.</summary>
    public const int MostVariants = 10_000;

    /// <summary>
    /// The settings of <see cref="VarianceSettings"/> that it gives, where it measures a net's gradients; null where it compares tickets.
    /// </summary>
    public ImmutableArray<StudySetting>? Variance { get; init; }

    /// <summary>Whether it gives any setting: one that gives none doesn't say what to train.</summary>
    public bool GivesSettings => Variance is not null || Common.Length + Controls.Length + Arms.Sum(arm => arm.Settings.Length) > 0;

    /// <summary>Where a setting that the study doesn't give could be given.</summary>
    public Origin OriginOf(string setting) => new(setting, $"{File}: {setting}", AssignmentOf(setting));

    /// <summary>How a file of a study gives a setting its value: as a text, which may be anything that stands after a flag.</summary>
    public static string AssignmentOf(string setting) => $"{setting} = \"{{0}}\"";

    /// <summary>The study with one arm alone.</summary>
    public Result<StudyDefinition> Only(string arm) => Arms.FirstOrDefault(own => own.Name == arm) is { } found
        ? this with { Arms = [found] }
        : new Fault.UnknownName("arm", arm, [.. Arms.Select(own => own.Name)]);

    /// <summary>
    /// The study with a setting given anew, to every arm: what the file gives it, or a setting that says the same, no longer counts.
    /// </summary>
    /// <param name="values">One, or several for a grid.</param>
    public Result<StudyDefinition> Vary(string setting, ImmutableArray<Given> values, StudyKeys keys)
    {
        if (values.IsDefaultOrEmpty) throw new ArgumentException("no value", nameof(values));
        if (Variance is { } measured && VarianceSettings.Has(setting))
        {
            return values.Length > 1
                ? OneOnly()
                : this with { Variance = [.. measured.Where(own => own.Name != setting), new StudySetting(setting, values)] };
        }
        var known = Variance is null
            ? keys
            : keys with { Settings = [.. keys.Settings, .. VarianceSettings.Table.Select(own => own.Name)] };
        if (known.Unknown(setting, values[0].Origin) is { } unknown) return unknown;
        if (values.Length > 1 && keys.OfTheWhole.Contains(setting))
            return OneOnly();
        return this with
        {
            Common = [.. Without(Common), new StudySetting(setting, values)],
            Controls = [.. Without(Controls)],
            Arms = [.. Arms.Select(arm => arm with { Settings = [.. Without(arm.Settings)] })],
        };

        Fault.BadRequest OneOnly() => new(
            $"{values[1].Origin.Where} holds for the whole study, and {values.Length} values are given", "give one");

        IEnumerable<StudySetting> Without(ImmutableArray<StudySetting> settings) =>
            settings.Where(own => !keys.Replaces(setting, own.Name));
    }

    /// <summary>
    /// Every point of every arm's grid: arms in the file's order; in each, the common settings in the file's order with the arm's values in
    /// their places, then those of the controls, then the arm's other settings; the last of them varies fastest.
    /// </summary>
    public Result<ImmutableArray<GivenArm>> Variants(StudyKeys keys)
    {
        var (all, left) = (ImmutableArray.CreateBuilder<GivenArm>(), (long)MostVariants);
        foreach (var arm in Arms)
        {
            var settings = SettingsOf(arm, keys);
            var points = 1L;
            foreach (var setting in settings)
            {
                points *= setting.Values.Length;
                if (points > left) return TooMany();
            }
            left -= points;
            for (var point = 0; point < points; point++) all.Add(new GivenArm(arm.Name, At(point, settings)));
        }
        return all.ToImmutable();
    }

    /// <summary>The settings of an arm, those of the whole study among them.</summary>
    public ImmutableArray<StudySetting> SettingsOf(StudyArm arm, StudyKeys keys)
    {
        var own = arm.Settings.ToDictionary(setting => setting.Name, StringComparer.Ordinal);
        var common = Common.Concat(Controls)
            .Where(setting => own.ContainsKey(setting.Name) || !own.Keys.Any(name => keys.Replaces(name, setting.Name)))
            .Select(setting => own.GetValueOrDefault(setting.Name, setting)).ToList();
        return [.. common, .. arm.Settings.Except(common)];
    }

    private static Dictionary<string, Given> At(int point, ImmutableArray<StudySetting> settings)
    {
        var (given, rest) = (new Dictionary<string, Given>(settings.Length, StringComparer.Ordinal), point);
        for (var i = settings.Length - 1; i >= 0; i--)
        {
            (rest, var value) = Math.DivRem(rest, settings[i].Values.Length);
            given[settings[i].Name] = settings[i].Values[value];
        }
        return given;
    }

    private Fault.BadRequest TooMany() => new(
        $"{File}: its grids have more than {MostVariants.ToString("N0", CultureInfo.InvariantCulture)} points",
        "leave values out, or make several studies of it");
}
