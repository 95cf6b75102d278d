using System.Collections.Immutable;

namespace Bnn.Core;

/// <summary>What an arm is given, or one point of its grid.</summary>
/// <param name="Name">Empty where the experiment has no named arms.</param>
/// <param name="Settings">A text for each setting that is given, by its name.</param>
public sealed record GivenArm(string Name, IReadOnlyDictionary<string, Given> Settings);

/// <summary>
/// An experiment with every setting resolved and checked against the others; what depends on the data comes with <see cref="Plan"/>.
/// </summary>
public sealed class ExperimentSettings
{
    private ExperimentSettings(SettingValues values, ImmutableArray<ArmSettings> arms) => (Values, Arms) = (values, arms);

    /// <summary>The values as they were given; those of the first arm where arms are given apart.</summary>
    public SettingValues Values { get; }

    /// <summary>What is trained: an arm for each choice of the settings that were given as lists.</summary>
    public ImmutableArray<ArmSettings> Arms { get; }

    /// <summary>Whether its arms were given apart, as a study does.</summary>
    public bool HasNamedArms => Arms.Any(arm => arm.Name.Length > 0);

    /// <summary>The strategies asked for, in the order given.</summary>
    public ImmutableArray<StrategyInfo> Strategies => [.. Arms.SelectMany(arm => arm.Strategies).Distinct()];

    /// <summary>The strategies compared with that aren't asked for themselves.</summary>
    public ImmutableArray<StrategyInfo> Compared => [.. Arms.SelectMany(arm => arm.Compared).Distinct().Except(Strategies)];

    public ImmutableArray<Seed> Seeds => [.. Arms.SelectMany(arm => arm.Seeds).Distinct()];

    /// <summary>Every setting that a result depends on, resolved, for people: with each value where arms differ.</summary>
    public ImmutableArray<NamedValue> Shown => !HasNamedArms
        ? Values.Shown
        : [.. Arms.SelectMany(arm => arm.Values.Shown).GroupBy(setting => setting.Name, setting => setting.Value)
            .Select(values => new NamedValue(values.Key, string.Join(" | ", values.Distinct(StringComparer.Ordinal))))];

    /// <summary>Reads every setting and shows all faults together, those of single values and those between them.</summary>
    /// <param name="table">The settings there are; <see cref="TrainingSettings.All"/> at least.</param>
    /// <param name="given">The texts that were given, by the setting's name.</param>
    /// <param name="ungiven">Where a setting that was not given could be given.</param>
    /// <param name="strategies">Strategies that the plugins offer.</param>
    public static Result<ExperimentSettings> Create(
        IReadOnlyList<Setting> table, IReadOnlyDictionary<string, Given> given, Func<string, Origin> ungiven,
        IReadOnlyList<StrategyInfo> strategies) => Create(table, [new GivenArm("", given)], ungiven, strategies);

    /// <summary>The same for arms that are given apart.</summary>
    /// <param name="table">The settings there are.</param>
    /// <param name="arms">One at least.</param>
    /// <param name="ungiven">Where a setting that was not given could be given.</param>
    /// <param name="strategies">Strategies that the plugins offer.</param>
    public static Result<ExperimentSettings> Create(
        IReadOnlyList<Setting> table, IReadOnlyList<GivenArm> arms, Func<string, Origin> ungiven, IReadOnlyList<StrategyInfo> strategies)
    {
        var (faults, context, read) = (new List<Fault>(), new SettingContext(strategies), new List<ArmSettings>());
        var first = SettingValues.Read(table, arms[0].Settings, ungiven, context).ValueOr(faults);
        foreach (var arm in arms)
        {
            foreach (var point in Points(table, arm.Settings, context))
            {
                var bad = new List<Fault>();
                var values = SettingValues.Read(table, point, ungiven, context).ValueOr(bad) ?? WithoutFaulty(point, bad);
                faults.AddRange(bad);
                if (values is null) continue;
                var settings = new ArmSettings(arm.Name, values);
                faults.AddRange(settings.Contradictions());
                read.Add(settings);
            }
        }
        return faults.Count > 0
            ? faults.DistinctBy(fault => fault.Describe()).ToImmutableArray()
            : new ExperimentSettings(first!, [.. read]);

        // What contradicts what shows in the settings that are sound, too.
        SettingValues? WithoutFaulty(IReadOnlyDictionary<string, Given> point, List<Fault> bad)
        {
            var sound = point.Where(setting => bad.TrueForAll(fault => fault.Origin?.Setting != setting.Key))
                .ToDictionary(StringComparer.Ordinal);
            return SettingValues.Read(table, sound, ungiven, context).Match<SettingValues?>(values => values, _ => null);
        }
    }

    /// <summary>Every choice of one item from each list that makes a grid, the last list fastest.</summary>
    private static IEnumerable<IReadOnlyDictionary<string, Given>> Points(
        IReadOnlyList<Setting> table, IReadOnlyDictionary<string, Given> given, SettingContext context)
    {
        IEnumerable<ImmutableDictionary<string, Given>> points = [given.ToImmutableDictionary(StringComparer.Ordinal)];
        foreach (var setting in table.Where(setting => setting.IsGrid))
        {
            if (!given.TryGetValue(setting.Name, out var list) || Parse.Items(list.Text) is not { Length: > 1 } items) continue;
            if (setting.Read(list.Text, context) is Result<object>.Failed) continue;            // told once, as it was given
            points = points.SelectMany(point => items.Select(item => point.SetItem(setting.Name, list with { Text = item })));
        }
        return points;
    }
}
