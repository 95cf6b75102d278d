using Bnn.Core;
using Tomlyn.Syntax;

namespace Bnn.Store;

/// <summary>What readers of TOML share: texts of values, each key once, and faults that say where. Reading goes on after a fault.</summary>
/// <param name="file">What messages call the file.</param>
internal abstract class TomlReader(string file, PlacedFaults faults)
{
    protected string File => file;

    protected PlacedFaults Faults => faults;

    /// <summary>A value as it would be typed after a flag; null where it can't be one.</summary>
    protected string? TextOf(SyntaxNode at, ValueSyntax? value, string name)
    {
        switch (value)
        {
            case StringValueSyntax { Value: { } text } when !text.Any(TomlSyntax.IsStrange):
                return text;
            case StringValueSyntax:
                Wrong(at, value, name, "a text without control characters and line ends", "write it on one line");
                return null;
            case IntegerValueSyntax { Token.Text: { } typed }:
                return WithoutUnderscores(typed);
            case FloatValueSyntax { Token.Text: { } typed }:
                return WithoutUnderscores(typed);
            case BooleanValueSyntax truth:
                return truth.Value ? "true" : "false";
            case ArraySyntax:
                Wrong(at, value, name, "a text, a number, true or false", $"a list is one text: {name} = \"300,100\"");
                return null;
            default:
                Wrong(at, value, name, "a text, a number, true or false", "put it in quotation marks if it is a text");
                return null;
        }
    }

    private static string WithoutUnderscores(string typed) => typed.Replace("_", "", StringComparison.Ordinal);

    /// <summary>Each key with its name, the first time that it is there; the others, and names in parts, are faults.</summary>
    protected IEnumerable<(string Name, KeyValueSyntax Item)> Once(IEnumerable<KeyValueSyntax> items)
    {
        var seen = new Dictionary<string, KeyValueSyntax>(StringComparer.Ordinal);
        foreach (var item in items)
        {
            if (TomlSyntax.NameOf(item.Key) is not { } name)
                faults.Add(item, new Fault.BadRequest(
                    $"{TomlSyntax.Where(file, item)}: '{TomlSyntax.Shown($"{item.Key}".Trim())}' has dots in it",
                    "no key here has"));
            else if (seen.TryAdd(name, item))
                yield return (name, item);
            else
                faults.Add(item, new Fault.BadRequest(
                    $"{OriginOf(item, TomlSyntax.Shown(name)).Where} is given already, in line {TomlSyntax.PlaceOf(seen[name]).Line}",
                    "keep one of the two"));
        }
    }

    /// <summary>A fault of a value that isn't what it must be; false, for those who ask whether all is well.</summary>
    protected bool Wrong(SyntaxNode at, ValueSyntax? value, string name, string expected, string fix)
    {
        faults.Add(at, new Fault.BadSetting(name, Found(value), expected, fix) { Origin = OriginOf(at, name) });
        return false;
    }

    private static string Found(ValueSyntax? value) => value switch
    {
        StringValueSyntax { Value.Length: 0 } => "an empty text",
        StringValueSyntax text => TomlSyntax.Shown(text.Value ?? ""),
        ArraySyntax { Items.ChildrenCount: 0 } => "an empty array",
        ArraySyntax => "an array",
        InlineTableSyntax => "a table in braces",
        DateTimeValueSyntax => "a date or a time",
        null => "nothing",
        _ => TomlSyntax.Shown($"{value}".Trim()),
    };

    protected Fault.UnknownName Unknown(string name, SyntaxNode at, IEnumerable<string> known) =>
        new("key", TomlSyntax.Shown(name), [.. known]) { Origin = PlaceOf(at, name) };

    protected Origin OriginOf(SyntaxNode at, string name) =>
        new(name, $"{TomlSyntax.Where(file, at)}: {name}", StudyDefinition.AssignmentOf(name));

    /// <summary>The same for faults that say the name themselves.</summary>
    protected Origin PlaceOf(SyntaxNode at, string name) => new(name, TomlSyntax.Where(file, at), StudyDefinition.AssignmentOf(name));
}
