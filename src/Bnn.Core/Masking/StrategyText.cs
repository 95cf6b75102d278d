using System.Collections.Immutable;
using System.Globalization;

namespace Bnn.Core;

/// <summary>Reads <c>name:parameter=value:parameter=value</c>.</summary>
public static class StrategyText
{
    /// <summary>The strategy with every parameter's value, or everything that is wrong with the text.</summary>
    public static Result<StrategyInfo> Parse(string text, IReadOnlyList<StrategyInfo> known)
    {
        var parts = text.Split(':');
        if (known.FirstOrDefault(info => info.Name == parts[0]) is not { } info)
            return new Fault.UnknownName("strategy", parts[0], [.. known.Select(k => k.Name)]);
        var faults = new List<Fault>();
        var given = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var part in parts[1..])
        {
            var pair = part.Split('=', 2);
            if (info.Parameters.IsEmpty)
                faults.Add(new Fault.BadSetting($"strategy {info.Name}", $"'{part}'", "no parameters", "leave it out"));
            else if (info.Parameters.All(parameter => parameter.Name != pair[0]))
                faults.Add(new Fault.UnknownName(
                    $"parameter of {info.Name}", pair[0], [.. info.Parameters.Select(parameter => parameter.Name)]));
            else if (pair.Length < 2 || pair[1].Length == 0)
                faults.Add(new Fault.BadSetting(
                    $"{info.Name}:{pair[0]}", "nothing", "a value",
                    $"for example {info.Name}:{pair[0]}={Parameter(info, pair[0]).Default}"));
            else if (!given.TryAdd(pair[0], pair[1]))
                faults.Add(new Fault.BadSetting($"{info.Name}:{pair[0]}", "two values", "one", "give it once"));
        }
        return faults.Count > 0 ? faults.ToImmutableArray() : WithArguments(info, given, known);
    }

    private static Result<StrategyInfo> WithArguments(
        StrategyInfo info, Dictionary<string, string> given, IReadOnlyList<StrategyInfo> known)
    {
        var faults = new List<Fault>();
        var arguments = ImmutableArray.CreateBuilder<NamedValue>();
        StrategyInfo? of = null;
        foreach (var parameter in info.Parameters)
        {
            var text = given.GetValueOrDefault(parameter.Name, parameter.Default);
            arguments.Add(new NamedValue(parameter.Name, Value(info, parameter, text, faults)));
            if (parameter.Kind != ParameterKind.Strategy) continue;
            if (text == info.Name)
                faults.Add(new Fault.BadSetting(
                    $"{info.Name}:{parameter.Name}", text, "another strategy",
                    $"for example {info.Name}:{parameter.Name}={parameter.Default}"));
            else
                of = Parse(text, known).ValueOr(faults);
        }
        if (of?.Of is not null)
            faults.Add(new Fault.BadSetting(info.Name, of.Label, "a strategy that refers to no other", "name that one"));
        return faults.Count > 0 ? faults.ToImmutableArray() : info with { Arguments = arguments.ToImmutable(), Of = of };
    }

    /// <summary>The value as it is written in keys: numbers in their shortest form, so that 0.50 and 0.5 are one.</summary>
    private static string Value(StrategyInfo info, StrategyParameter parameter, string text, List<Fault> faults)
    {
        var name = $"{info.Name}:{parameter.Name}";
        switch (parameter.Kind)
        {
            case ParameterKind.Number when double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number)
                && number >= parameter.Least && number <= parameter.Most && double.IsFinite(number):
                return (number + 0.0).ToString("R", CultureInfo.InvariantCulture);      // −0 is 0
            case ParameterKind.Whole when int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var whole)
                && whole >= parameter.Least && whole <= parameter.Most:
                return whole.ToString(CultureInfo.InvariantCulture);
            case ParameterKind.Flag when text is "true" or "false":
            case ParameterKind.Choice when parameter.Choices.Contains(text):
            case ParameterKind.Strategy:
                return text;
            case ParameterKind.Choice:
                faults.Add(new Fault.UnknownName($"value of {name}", text, parameter.Choices));
                return text;
            default:
                faults.Add(new Fault.BadSetting(name, text, Allowed(parameter), $"for example {name}={parameter.Default}"));
                return text;
        }
    }

    /// <summary>
    /// A parameter whose own default is not allowed; null if there is none. Whether a default names a strategy is checked when it is
    /// used.
    /// </summary>
    public static StrategyParameter? WithBadDefault(StrategyInfo info) => info.Parameters.FirstOrDefault(parameter =>
    {
        var faults = new List<Fault>();
        Value(info, parameter, parameter.Default, faults);
        return faults.Count > 0;
    });

    /// <summary>What a parameter may be, for people.</summary>
    public static string Allowed(StrategyParameter parameter) => parameter.Kind switch
    {
        ParameterKind.Number => $"a number{Range(parameter)}",
        ParameterKind.Whole => $"a whole number{Range(parameter)}",
        ParameterKind.Flag => "true or false",
        ParameterKind.Choice => $"one of {string.Join(", ", parameter.Choices)}",
        _ => "a strategy's name",
    };

    private static string Range(StrategyParameter parameter) => (double.IsFinite(parameter.Least), double.IsFinite(parameter.Most)) switch
    {
        (true, true) => string.Create(CultureInfo.InvariantCulture, $" from {parameter.Least} to {parameter.Most}"),
        (true, false) => string.Create(CultureInfo.InvariantCulture, $", {parameter.Least} or more"),
        (false, true) => string.Create(CultureInfo.InvariantCulture, $", {parameter.Most} or less"),
        _ => "",
    };

    private static StrategyParameter Parameter(StrategyInfo info, string name) =>
        info.Parameters.First(parameter => parameter.Name == name);
}
