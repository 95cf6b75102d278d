using System.Collections.Immutable;
using Bnn.Core;
using Tomlyn.Syntax;

namespace Bnn.Store;

/// <summary>Reads a study from its syntax, as far as it can be read: faults go to a list, and reading goes on.</summary>
internal sealed class StudyReader(string file, StudyKeys keys, PlacedFaults faults) : TomlReader(file, faults)
{
    private const string Question = "question", Cost = "cost", ArmName = "name", Baseline = "baseline", Margin = "margin";
    private const string CommonTable = "common", ArmTable = "arm", ControlsTable = "controls", CompareTable = "compare",
        VarianceTable = "gradient-variance";

    /// <summary>What tables look like, in the order of docs/studies.md.</summary>
    private static readonly ImmutableArray<(string Name, bool IsRepeated, string Written)> Tables = [
        (CommonTable, false, $"[{CommonTable}]"), (ArmTable, true, $"[[{ArmTable}]]"), (ControlsTable, false, $"[{ControlsTable}]"),
        (CompareTable, true, $"[[{CompareTable}]]"), (VarianceTable, false, $"[{VarianceTable}]")];

    /// <summary>Keys of [controls], with the settings that they give.</summary>
    private static readonly ImmutableDictionary<string, string> Controls =
        ImmutableDictionary<string, string>.Empty.Add("kinds", "controls").Add("at", "controls-at");

    private readonly List<UnnamedArm> _arms = [];
    private readonly List<StudyComparison> _comparisons = [];
    private readonly Dictionary<string, TableSyntaxBase> _single = new(StringComparer.Ordinal);
    private ImmutableArray<StudySetting> _common = [], _controls = [];
    private ImmutableArray<StudySetting>? _variance;

    /// <summary>An arm as it was read.</summary>
    /// <param name="Name">Null where it was given none.</param>
    private sealed record UnnamedArm(string? Name, ImmutableArray<StudySetting> Settings, SyntaxNode At);

    public StudyDefinition Read(DocumentSyntax document)
    {
        var top = TopOf(document);
        foreach (var table in document.Tables) ReadTable(table);
        foreach (var setting in _controls.Where(setting => _common.Any(common => common.Name == setting.Name)))
            Faults.Add(_single[ControlsTable], Twice(setting.Values[0].Origin, _common.First(common => common.Name == setting.Name)));
        return new StudyDefinition(
            File, top.GetValueOrDefault(Question), top.GetValueOrDefault(Cost), _common, Named(document), _controls, [.. _comparisons])
        {
            Variance = _variance,
        };
    }

    private Dictionary<string, string> TopOf(DocumentSyntax document)
    {
        var top = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (name, item) in Once(document.KeyValues))
        {
            if (name is not (Question or Cost))
                Faults.Add(item, Misplaced(name, item));
            else if (item.Value is not StringValueSyntax { Value: { } text } || text.Trim().Length == 0)
                Wrong(item, item.Value, name, "a text in quotation marks", "say it in a sentence");
            else if (text.Split(null as char[], StringSplitOptions.RemoveEmptyEntries) is var words
                && words.Any(word => word.Any(TomlSyntax.IsStrange)))
                Wrong(item, item.Value, name, "a text that can be shown", "leave its control characters out");
            else
                top[name] = string.Join(' ', words);
        }
        return top;
    }

    private void ReadTable(TableSyntaxBase table)
    {
        var (name, isRepeated) = (TomlSyntax.NameOf(table.Name), table is TableArraySyntax);
        if (Tables.FirstOrDefault(known => known.Name == name) is not { Name: not null } known)
        {
            Faults.Add(table, new Fault.UnknownName(
                "table", TomlSyntax.Shown(name ?? $"{table.Name}".Trim()), [.. Tables.Select(other => other.Name)])
            {
                Origin = PlaceOf(table, name ?? ""),
            });
            return;
        }
        if (known.IsRepeated != isRepeated)
            Faults.Add(table, new Fault.BadRequest(
                $"{TomlSyntax.Where(File, table)}: expected {known.Written}, found {(isRepeated ? $"[[{name}]]" : $"[{name}]")}",
                known.IsRepeated ? "there may be several of them" : "there is one of it"));
        if (!known.IsRepeated && !_single.TryAdd(known.Name, table))
            Faults.Add(table, new Fault.BadRequest(
                $"{TomlSyntax.Where(File, table)}: {known.Written} is in line {TomlSyntax.PlaceOf(_single[known.Name]).Line} already",
                "make one of the two"));
        switch (known.Name)
        {
            case CommonTable:
                _common = SettingsOf(table, isArm: false);
                break;
            case ArmTable:
                ReadArm(table);
                break;
            case ControlsTable:
                _controls = ControlsOf(table);
                break;
            case VarianceTable:
                _variance = VarianceOf(table);
                break;
            default:
                ReadComparison(table);
                break;
        }
    }

    private void ReadArm(TableSyntaxBase table)
    {
        string? name = null;
        foreach (var item in table.Items.Where(item => TomlSyntax.NameOf(item.Key) == ArmName))
        {
            if (item.Value is not StringValueSyntax { Value: { } text } || !ArmNames.IsName(text))
                Wrong(item, item.Value, ArmName, ArmNames.Allowed, "name it so that a report can");
            else
                name ??= text;
        }
        _arms.Add(new UnnamedArm(name, SettingsOf(table, isArm: true), table));
    }

    private ImmutableArray<StudySetting> SettingsOf(TableSyntaxBase table, bool isArm)
    {
        var settings = ImmutableArray.CreateBuilder<StudySetting>();
        foreach (var (name, item) in Once(table.Items))
        {
            if (isArm && name == ArmName) continue;
            var isOfTheWhole = keys.OfTheWhole.Contains(name);
            if (keys.Unknown(TomlSyntax.Shown(name), PlaceOf(item, name)) is { } unknown)
                Faults.Add(item, unknown);
            else if (isArm && isOfTheWhole)
                Faults.Add(item, new Fault.BadRequest(
                    $"{OriginOf(item, name).Where} holds for the whole study and can't differ between arms",
                    $"move it to [{CommonTable}]"));
            else if (isOfTheWhole && item.Value is ArraySyntax)
                Wrong(item, item.Value, name, "one value, since it holds for the whole study", "an array is a grid: give one value");
            else if (ValuesOf(item, name) is { IsEmpty: false } values)
                settings.Add(new StudySetting(name, values));
        }
        return settings.ToImmutable();
    }

    private ImmutableArray<StudySetting> ControlsOf(TableSyntaxBase table)
    {
        var settings = ImmutableArray.CreateBuilder<StudySetting>();
        foreach (var (name, item) in Once(table.Items))
        {
            if (!Controls.TryGetValue(name, out var setting))
                Faults.Add(item, Unknown(name, item, Controls.Keys));
            else if (item.Value is ArraySyntax)
                Wrong(
                    item, item.Value, name, "a list as one text",
                    $"for example {name} = \"{(name == "at" ? "0.05,0.01" : "random,reinit")}\"");
            else if (TextOf(item, item.Value, name) is { } text)
                settings.Add(new StudySetting(setting, [new Given(text, OriginOf(item, name) with { Setting = setting })]));
        }
        return settings.ToImmutable();
    }

    private ImmutableArray<StudySetting> VarianceOf(TableSyntaxBase table)
    {
        var settings = ImmutableArray.CreateBuilder<StudySetting>();
        foreach (var (name, item) in Once(table.Items))
        {
            if (!VarianceSettings.Has(name))
                Faults.Add(item, Unknown(name, item, VarianceSettings.Table.Select(setting => setting.Name)));
            else if (item.Value is ArraySyntax)
                Wrong(item, item.Value, name, "one value", $"for example {name} = \"{(name == "repeats" ? "50" : "1,10,100")}\"");
            else if (TextOf(item, item.Value, name) is { } text)
                settings.Add(new StudySetting(name, [new Given(text, OriginOf(item, name))]));
        }
        return settings.ToImmutable();
    }

    private void ReadComparison(TableSyntaxBase table)
    {
        (Given? Baseline, double? Margin) read = (null, null);
        var marginOrigin = OriginOf(table, Margin);
        var isWhole = true;
        foreach (var (name, item) in Once(table.Items))
        {
            switch (name)
            {
                case Baseline when item.Value is StringValueSyntax && TextOf(item, item.Value, name) is { Length: > 0 } baseline:
                    read.Baseline = new Given(baseline, OriginOf(item, name));
                    break;
                case Baseline:
                    isWhole = Wrong(item, item.Value, name, "an arm's name or a strategy's", $"for example {name} = \"magnitude\"");
                    break;
                case Margin when item.Value is FloatValueSyntax or IntegerValueSyntax && TextOf(item, item.Value, name) is { } text
                        && Parse.Number(text) is { } margin and > 0 && double.IsFinite(margin):
                    (read.Margin, marginOrigin) = (margin, OriginOf(item, name));
                    break;
                case Margin:
                    Wrong(item, item.Value, name, "a number above 0, in percentage points", $"for example {name} = 0.2");
                    break;
                default:
                    Faults.Add(item, Unknown(name, item, [Baseline, Margin]));
                    break;
            }
        }
        if (read.Baseline is { } given && _comparisons.FirstOrDefault(other => other.Baseline.Text == given.Text) is { } same)
            Faults.Add(table, new Fault.BadRequest(
                $"{given.Origin.Where} '{TomlSyntax.Shown(given.Text)}' is compared with already ({same.Baseline.Origin.Where})",
                "keep one of the two"));
        else if (read.Baseline is not null)
            _comparisons.Add(new StudyComparison(read.Baseline, read.Margin, marginOrigin));
        else if (isWhole)
            Faults.Add(table, new Fault.BadRequest(
                $"{TomlSyntax.Where(File, table)}: [[{CompareTable}]] has no {Baseline}", $"for example {Baseline} = \"magnitude\""));
    }

    /// <summary>The arms with a name each; where there are none, one of the common settings alone.</summary>
    private ImmutableArray<StudyArm> Named(SyntaxNode document)
    {
        if (_arms.Count == 0) return [new StudyArm(ArmNames.OfCommon, [], OriginOf(document, ArmTable))];
        var names = ArmNames.Of(_common, [.. _arms.Select(arm => arm.Settings)]);
        var (all, byName) = (ImmutableArray.CreateBuilder<StudyArm>(), new Dictionary<string, StudyArm>(StringComparer.Ordinal));
        foreach (var (arm, ownName) in _arms.Zip(names))
        {
            var named = new StudyArm(arm.Name ?? ownName, arm.Settings, OriginOf(arm.At, ArmTable));
            if (byName.TryAdd(named.Name, named))
                all.Add(named);
            else
                Faults.Add(arm.At, new Fault.BadRequest(
                    $"{named.Origin.Where}: a second one called '{named.Name}' (the first: {byName[named.Name].Origin.Where})",
                    $"give each a {ArmName} of its own"));
        }
        return all.ToImmutable();
    }

    /// <summary>A value's texts, more than one for a grid; empty where something is wrong with it.</summary>
    private ImmutableArray<Given> ValuesOf(KeyValueSyntax item, string name)
    {
        if (item.Value is not ArraySyntax grid)
            return TextOf(item, item.Value, name) is { } text ? [new Given(text, OriginOf(item, name))] : [];
        var (values, seen) = (ImmutableArray.CreateBuilder<Given>(), new HashSet<string>(StringComparer.Ordinal));
        foreach (var value in grid.Items.Select(element => element.Value))
        {
            if (value is null || TextOf(value, value, name) is not { } text) continue;
            var origin = OriginOf(value, name);
            if (seen.Add(text)) values.Add(new Given(text, origin));
            else Faults.Add(value, new Fault.BadRequest($"{origin.Where}: '{TomlSyntax.Shown(text)}' is there twice", "leave one out"));
        }
        if (grid.Items.ChildrenCount == 0) Wrong(item, grid, name, "one value or more", "an array is a grid: give values, or leave it out");
        return values.ToImmutable();
    }

    /// <summary>A key before the first table that belongs elsewhere or nowhere.</summary>
    private Fault Misplaced(string name, KeyValueSyntax item) => keys.Settings.Contains(name)
        ? new Fault.BadRequest(
            $"{OriginOf(item, name).Where} is a setting, and stands before the first table", $"write it below [{CommonTable}]")
        : Unknown(name, item, [Question, Cost]);

    private Fault.BadRequest Twice(Origin origin, StudySetting common) => new(
        $"{origin.Where} and {common.Values[0].Origin.Where} say the same", "keep one of the two");
}
