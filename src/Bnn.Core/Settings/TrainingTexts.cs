using System.Collections.Immutable;

namespace Bnn.Core;

/// <summary>Reads and writes the texts of those settings whose values are more than a number or a name.</summary>
internal static class TrainingTexts
{
    public static Result<ImmutableArray<StrategyInfo>> Strategies(string text, SettingContext context, string expected)
    {
        var (known, faults) = (context.Strategies, new List<Fault>());
        var found = ImmutableArray.CreateBuilder<StrategyInfo>();
        if (Parse.Items(text).Length == 0) faults.Add(new Fault.BadSetting("", "an empty list", expected, "host strategies lists them"));
        if (DecimalComma(Parse.Items(text)) is { } fault) return fault;
        var names = Parse.Items(text)
            .SelectMany(item => item == TrainingSettings.Every ? [.. known.Select(info => info.Name)] : (string[])[item]);
        foreach (var name in names)
            if (StrategyText.Parse(name, known).ValueOr(faults) is { } info && !found.Contains(info)) found.Add(info);
        return faults.Count > 0 ? faults.ToImmutableArray() : found.ToImmutable();
    }

    public static Result<ScopeChoice> Scope(string text, SettingContext context)
    {
        if (text.StartsWith(ScopeChoice.CountsOfPrefix, StringComparison.Ordinal))
        {
            var faults = new List<Fault>();
            return StrategyText.Parse(text[ScopeChoice.CountsOfPrefix.Length..], context.Strategies).ValueOr(faults) is { } strategy
                ? new ScopeChoice(MaskScope.Global, strategy)
                : faults.ToImmutableArray();
        }
        foreach (var scope in Enum.GetValues<MaskScope>())
            if (scope.Name() == text) return new ScopeChoice(scope);
        return new Fault.UnknownValue(
            "scope", text, [.. Enum.GetValues<MaskScope>().Select(scope => scope.Name()), $"{ScopeChoice.CountsOfPrefix}STRATEGY"]);
    }

    public static string WriteRewind(Moment moment) => moment.Step is { } step ? SettingText.Whole(step) : moment.ToString();

    /// <summary>The highest first.</summary>
    public static Result<ImmutableArray<Density>> Densities(string text) => Parse.List(text, Bnn.Core.Density.Parse) switch
    {
        Result<ImmutableArray<Density>>.Failed when Parse.WithPoints(text) is { } pointed =>
            new Fault.BadSetting("", text, "shares with a decimal point; commas stand between them") { Example = pointed },
        var densities => densities.Map(all => all.Distinct().OrderByDescending(density => density.Value).ToImmutableArray()),
    };

    /// <summary>A strategy's parameter whose value was cut in two by its decimal comma; null if there is none.</summary>
    private static Fault.BadSetting? DecimalComma(string[] items)
    {
        for (var i = 1; i < items.Length; i++)
        {
            var (before, item) = (items[i - 1], items[i]);
            if (!Parse.AreDigits(item) || !before.Contains('=', StringComparison.Ordinal) || !char.IsAsciiDigit(before[^1])) continue;
            return new Fault.BadSetting(
                "", $"{before},{item}", "a decimal point in a parameter; commas stand between strategies", $"write {before}.{item}");
        }
        return null;
    }

    /// <summary>Whole numbers that may be meant as halves of numbers with decimal commas are not guessed at.</summary>
    public static Result<ImmutableArray<double>> Thresholds(string text)
    {
        if (Parse.WithPoints(text) is not { } pointed)
            return Parse.List(text, FiniteNumber).Map(values => values.Distinct().ToImmutableArray());
        var items = Parse.Items(text);
        return new Fault.BadSetting(
            "", text, "numbers with a decimal point", $"it would be read as {items.Length} thresholds, {string.Join(" and ", items)}: "
                + $"write {pointed} if that is meant, or {AllWithPoints(items)}");
    }

    /// <summary>As <see cref="Thresholds"/> takes it.</summary>
    public static string WriteThresholds(ImmutableArray<double> thresholds)
    {
        var text = SettingText.List(thresholds, SettingText.Number);
        return Parse.WithPoints(text) is null ? text : AllWithPoints(Parse.Items(text));
    }

    private static string AllWithPoints(string[] whole) => string.Join(',', whole.Select(item => $"{item}.0"));

    private static Result<double> FiniteNumber(string text) => Parse.Number(text) is { } value && double.IsFinite(value)
        ? value
        : new Fault.BadSetting(
            "", text, "a finite number, in units of the strategy's criterion", "for example 0.01, if the strategy is variance");

    public static Result<ImmutableArray<Seed>> Seeds(string text)
    {
        var faults = new List<Fault>();
        var seeds = new List<Seed>();
        var seen = new HashSet<Seed>();
        if (Parse.Items(text).Length == 0) faults.Add(new Fault.BadSetting("", "an empty list", "one seed or more") { Example = "1" });
        foreach (var item in Parse.Items(text))
        {
            var ends = item.Split("..", 2, StringSplitOptions.None).Select(Bnn.Core.Seed.Parse).ToArray();
            if (ends.Any(end => end is Result<Seed>.Failed))
            {
                foreach (var end in ends) end.ValueOr(faults);
                continue;
            }
            var (first, last) = (ends[0].OrThrow().Value, ends[^1].OrThrow().Value);
            if (last < first || last - first >= TrainingSettings.MostSeeds)
            {
                faults.Add(new Fault.BadSetting("", item, $"a range first..last of 1 to {TrainingSettings.MostSeeds} seeds")
                {
                    Example = "1..3",
                });
                continue;
            }
            for (var value = first; ; value++)
            {
                if (seen.Add(new Seed(value))) seeds.Add(new Seed(value));
                if (value == last) break;
            }
        }
        if (seeds.Count > TrainingSettings.MostSeeds)
        {
            faults.Add(new Fault.BadSetting(
                "", $"{seeds.Count} seeds", $"at most {TrainingSettings.MostSeeds}", "split them over several commands"));
        }
        return faults.Count > 0 ? faults.ToImmutableArray() : seeds.ToImmutableArray();
    }
}
