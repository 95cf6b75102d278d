using System.Collections.Immutable;
using System.Globalization;

namespace Bnn.Core;

/// <summary>Parsers of settings' texts. Faults name no setting: the table adds where the text came from.</summary>
public static class Parse
{
    /// <summary>A whole number from <paramref name="least"/> to <paramref name="most"/>.</summary>
    public static Func<string, SettingContext, Result<int>> Whole(
        int least, int most, string fix = "see the help for its default") => (text, _) =>
        int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value) && value >= least && value <= most
            ? value
            : new Fault.BadSetting(
                "", Found(text), most == int.MaxValue ? $"a whole number, {least} or more" : $"a whole number from {least} to {most}", fix);

    /// <summary>A number above 0 that single precision can hold.</summary>
    public static Func<string, SettingContext, Result<double>> Positive(string example) => (text, _) =>
        Number(text) is { } value and > 0 && (float)value is > 0 and < float.PositiveInfinity
            ? value
            : DecimalComma(text)
                ?? new Fault.BadSetting("", Found(text), "a number above 0 that single precision can hold") { Example = example };

    /// <summary>A number, 0 or more, that single precision can hold.</summary>
    public static Func<string, SettingContext, Result<double>> NotNegative(string example) => (text, _) =>
        Number(text) is { } value and >= 0 && (float)value < float.PositiveInfinity
            ? Math.Abs(value)                                                                       // −0 is 0, in keys too
            : DecimalComma(text) ?? new Fault.BadSetting("", Found(text), "a number, 0 or more") { Example = example };

    /// <summary>One of some names.</summary>
    /// <param name="setting">The setting's name.</param>
    public static Func<string, SettingContext, Result<T>> Choice<T>(string setting, params ImmutableArray<(string Name, T Value)> choices)
        where T : notnull => (text, _) =>
    {
        foreach (var (name, value) in choices)
            if (name == text) return value;
        return new Fault.UnknownValue(setting, text, [.. choices.Select(choice => choice.Name)]);
    };

    /// <summary>Any text but the empty one.</summary>
    /// <param name="what">What it must be: "a folder".</param>
    public static Func<string, SettingContext, Result<string>> Text(string what) => (text, _) =>
        text.Length > 0 ? text : new Fault.BadSetting("", "nothing", what, "leave it out for the default");

    /// <summary>One or more values, separated by commas.</summary>
    public static Result<ImmutableArray<T>> List<T>(string text, Func<string, Result<T>> parse)
    {
        var faults = new List<Fault>();
        var values = ImmutableArray.CreateBuilder<T>();
        foreach (var item in Items(text).Select(parse))
            if (item is Result<T>.Ok(var value)) values.Add(value);
            else item.ValueOr(faults);
        if (values.Count + faults.Count == 0)
            faults.Add(new Fault.BadSetting("", "an empty list", "one value or more, with commas between", "leave it out for the default"));
        return faults.Count > 0 ? faults.ToImmutableArray() : values.ToImmutable();
    }

    /// <summary>The items of a list, trimmed, empty ones left out.</summary>
    public static string[] Items(string text) => text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);

    /// <summary>A number, in the invariant culture; null if the text isn't one.</summary>
    public static double? Number(string text) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) ? value : null;

    /// <summary>
    /// A list that may be meant as numbers with decimal commas, with points: 0,05 → 0.05 and 0,1,0,05 → 0.1,0.05. Null unless it is an even
    /// number of whole numbers.
    /// </summary>
    public static string? WithPoints(string text)
    {
        var items = Items(text);
        if (items.Length == 0 || items.Length % 2 != 0) return null;
        var numbers = items.Chunk(2).ToList();
        return numbers.TrueForAll(pair => pair[0].TrimStart('+', '-') is { Length: > 0 } whole && AreDigits(whole) && AreDigits(pair[1]))
            ? string.Join(',', numbers.Select(pair => $"{pair[0]}.{pair[1]}"))
            : null;
    }

    /// <summary>Whether a text consists of the digits 0 to 9 alone.</summary>
    public static bool AreDigits(string text) => text.All(char.IsAsciiDigit);

    /// <summary>What is wrong with one number that has a decimal comma; null if it has none.</summary>
    private static Fault.BadSetting? DecimalComma(string text) => WithPoints(text) is { } pointed
        ? new Fault.BadSetting("", text, "a number with a decimal point") { Example = pointed }
        : null;

    private static string Found(string text) => text.Length == 0 ? "nothing" : text;
}
