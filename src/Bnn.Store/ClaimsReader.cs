using System.Collections.Immutable;
using Bnn.Core;
using Tomlyn.Syntax;

namespace Bnn.Store;

/// <summary>Reads claims from their syntax, as far as they can be read: faults go to a list, and reading goes on.</summary>
internal sealed class ClaimsReader(string file, PlacedFaults faults) : TomlReader(file, faults)
{
    private const string SourceTable = "source", ClaimTable = "claim";
    private const string SourceName = "name", Title = "title";
    private const string Source = "source", Says = "says", About = "measure", Compared = "compared", Of = "of", Against = "against",
        AtDensity = "density", Direction = "direction", Expected = "expected", Tolerance = "tolerance";

    /// <summary>What stands for the density with the highest mean.</summary>
    private const string Best = "best";

    private static readonly ImmutableArray<string> Keys =
        [Source, Says, About, Compared, Of, Against, AtDensity, Direction, Expected, Tolerance];

    private static readonly ImmutableArray<string> Required = [Source, Says, About, Of, Direction, Expected, Tolerance];

    private readonly Dictionary<string, PublishedSource> _sources = new(StringComparer.Ordinal);

    /// <summary>A publication as it was read.</summary>
    private sealed record PublishedSource(string Title, ImmutableArray<NamedValue> Setup, int Line);

    /// <summary>The densities of a claim's numbers.</summary>
    /// <param name="All">One at least; null where the density doesn't matter, or is the best.</param>
    private sealed record Densities(ImmutableArray<Density?> All, bool IsBest);

    public ImmutableArray<Claim> Read(DocumentSyntax document)
    {
        foreach (var (name, item) in Once(document.KeyValues))
        {
            Faults.Add(item, new Fault.BadRequest(
                $"{OriginOf(item, TomlSyntax.Shown(name)).Where} stands before the first table",
                $"write it below a [[{SourceTable}]] or a [[{ClaimTable}]]"));
        }
        List<TableSyntaxBase> claims = [];
        foreach (var table in document.Tables)
        {
            var name = TomlSyntax.NameOf(table.Name);
            if (name is not (SourceTable or ClaimTable))
            {
                Faults.Add(table, new Fault.UnknownName(
                    "table", TomlSyntax.Shown(name ?? $"{table.Name}".Trim()), [SourceTable, ClaimTable])
                {
                    Origin = PlaceOf(table, name ?? ""),
                });
                continue;
            }
            if (table is not TableArraySyntax)
                Faults.Add(table, new Fault.BadRequest(
                    $"{TomlSyntax.Where(File, table)}: expected [[{name}]], found [{name}]", "there may be several of them"));
            if (name == ClaimTable) claims.Add(table);
            else ReadSource(table);
        }
        return [.. claims.SelectMany(ReadClaim)];
    }

    private void ReadSource(TableSyntaxBase table)
    {
        var (items, setup) = (new Dictionary<string, KeyValueSyntax>(StringComparer.Ordinal), ImmutableArray.CreateBuilder<NamedValue>());
        foreach (var (name, item) in Once(table.Items))
        {
            if (name is SourceName or Title) items[name] = item;
            else if (FactorOf(name, item, [SourceName, Title, .. ClaimTrainings.Names]) is { } factor) setup.Add(factor);
        }
        Complete(table, SourceTable, items, [SourceName, Title]);
        var (called, title) = (SaidIn(items, SourceName), SaidIn(items, Title));
        if (called is null) return;
        if (!_sources.TryAdd(called, new PublishedSource(title ?? "", setup.ToImmutable(), TomlSyntax.PlaceOf(table).Line)))
        {
            Faults.Add(table, new Fault.BadRequest(
                $"{TomlSyntax.Where(File, table)}: a source '{TomlSyntax.Shown(called)}' is in line {_sources[called].Line} already",
                "make one of the two"));
        }
    }

    private IEnumerable<Claim> ReadClaim(TableSyntaxBase table)
    {
        var items = new Dictionary<string, KeyValueSyntax>(StringComparer.Ordinal);
        foreach (var (name, item) in Once(table.Items))
        {
            if (Keys.Contains(name)) items[name] = item;
            else Faults.Add(item, Unknown(name, item, Keys));
        }
        var isWhole = Complete(table, ClaimTable, items, Required);
        var source = Choice(items, Source, [.. _sources.Select(own => (own.Key, own.Value))]);
        var says = SaidIn(items, Says);
        var measure = Choice(items, About, [.. ClaimMeasures.All.Select(own => (own.Name, own))]);
        var form = Choice<ClaimForm?>(items, Compared, [.. Enum.GetValues<ClaimForm>().Select(own => (own.Name(), (ClaimForm?)own))]);
        var direction = Choice<ClaimDirection?>(
            items, Direction, [.. Enum.GetValues<ClaimDirection>().Select(own => (own.Name(), (ClaimDirection?)own))]);
        var densities = DensitiesIn(items);
        if (!items.ContainsKey(Compared)) form = ClaimForm.Value;
        var trainings = TrainingsIn(items, source?.Setup ?? []);
        var against = AgainstIn(items, trainings, form, table);
        if (trainings is not null && densities is not null) CheckDensity(table, items, trainings, densities, form);
        if (measure == ClaimMeasures.TestErrorOfPruning && densities is not null) CheckPruning(table, items, densities);
        var unit = measure is { Unit: MeasureUnit.Share } && form == ClaimForm.Value ? "per cent" : "a number";
        var expected = NumbersIn(items, Expected, densities, value => unit != "per cent" || value is >= 0 and <= 100,
            unit == "per cent" ? "per cent, from 0 to 100" : "a number");
        var tolerance = NumbersIn(items, Tolerance, densities, value => value >= 0, "a number, 0 or more");
        if (!isWhole || source is null || says is null || measure is null || form is null || direction is null || densities is null
            || trainings is null || expected is not { } numbers || tolerance is not { } tolerances)
            return [];
        return Enumerable.Range(0, densities.All.Length).Select(i => new Claim(
            says, source.Title, measure, form.Value, trainings, against, densities.All[i], direction.Value, numbers[i], tolerances[i])
        {
            IsAtBestDensity = densities.IsBest,
        });
    }

    /// <summary>The trainings that are measured; those of a strategy are tickets unless something else is said.</summary>
    private ClaimTrainings? TrainingsIn(Dictionary<string, KeyValueSyntax> items, ImmutableArray<NamedValue> setup)
    {
        if (FactorsIn(items, Of) is not { } own) return null;
        if (own.Any(factor => factor.Name == Factor.Kind)) return new ClaimTrainings(setup, own);
        if (own.Any(factor => factor.Name == Factor.Strategy))
            return new ClaimTrainings(setup, [new NamedValue(Factor.Kind, TrainingKind.Ticket.Name()), .. own]);
        Faults.Add(items[Of], new Fault.BadRequest(
            $"{OriginOf(items[Of], Of).Where} says neither which strategy's tickets are meant nor another kind of net",
            $"for example {Of} = {{ {Factor.Strategy} = \"magnitude\" }} or {{ {Factor.Kind} = \"dense\" }}"));
        return null;
    }

    /// <summary>
    /// What these are compared with: the same trainings with other values of some factors, or, where a kind is given, any with these
    /// factors.
    /// </summary>
    private ClaimTrainings? AgainstIn(
        Dictionary<string, KeyValueSyntax> items, ClaimTrainings? trainings, ClaimForm? form, TableSyntaxBase table)
    {
        if (!items.TryGetValue(Against, out var item))
        {
            if (form is ClaimForm.Difference or ClaimForm.Ratio)
                Faults.Add(table, new Fault.BadRequest(
                    $"{TomlSyntax.Where(File, table)}: a {form.Value.Name()} needs something that it is taken against",
                    $"for example {Against} = {{ {Factor.Kind} = \"dense\" }}"));
            return null;
        }
        var factors = FactorsIn(items, Against);
        if (form == ClaimForm.Value)
            Faults.Add(item, new Fault.BadRequest(
                $"{OriginOf(item, Against).Where} is given, but nothing says how the two are compared",
                $"give {Compared} = \"{ClaimForm.Difference.Name()}\" or \"{ClaimForm.Ratio.Name()}\", or leave it out"));
        if (factors is null || trainings is null) return null;
        return factors.Value.Any(factor => factor.Name == Factor.Kind)
            ? trainings with { Own = factors.Value }
            : trainings.With(factors.Value);
    }

    private void CheckDensity(
        TableSyntaxBase table, Dictionary<string, KeyValueSyntax> items, ClaimTrainings trainings, Densities densities, ClaimForm? form)
    {
        var kind = trainings.Own.First(factor => factor.Name == Factor.Kind).Value;
        var isMasked = kind == TrainingKind.Ticket.Name() || kind == TrainingKind.MaskedBayesian.Name();
        if (isMasked && !items.ContainsKey(AtDensity))
            Faults.Add(table, new Fault.BadRequest(
                $"{TomlSyntax.Where(File, table)}: [[{ClaimTable}]] is about masked nets and has no {AtDensity}",
                $"for example {AtDensity} = 0.05, or \"{Best}\""));
        else if (densities.IsBest && form is not ClaimForm.Value)
            Faults.Add(items[AtDensity], new Fault.BadRequest(
                $"{OriginOf(items[AtDensity], AtDensity).Where} is \"{Best}\", which is for values that aren't compared",
                "give the density"));
    }

    /// <summary>What a posterior loses by pruning is measured at some densities alone.</summary>
    private void CheckPruning(TableSyntaxBase table, Dictionary<string, KeyValueSyntax> items, Densities densities)
    {
        if (densities.All.All(density => density is { } at && PrunedPosterior.Densities.Contains(at))) return;
        var measured = string.Join(", ", PrunedPosterior.Densities);
        SyntaxNode place = items.TryGetValue(AtDensity, out var item) ? item : table;
        Faults.Add(place, new Fault.BadRequest(
            $"{TomlSyntax.Where(File, place)}: {ClaimMeasures.TestErrorOfPruning.Name} is measured at {AtDensity} {measured}",
            $"give one of these, or several, as {AtDensity}"));
    }

    /// <summary>One density, several, the best, or none at all; null where something is wrong.</summary>
    private Densities? DensitiesIn(Dictionary<string, KeyValueSyntax> items)
    {
        if (!items.TryGetValue(AtDensity, out var item)) return new Densities([null], IsBest: false);
        if (item.Value is StringValueSyntax { Value: Best }) return new Densities([null], IsBest: true);
        List<Fault> wrong = [];
        ImmutableArray<Density?> all = [.. ValuesOf(item).Select(value => TextOf(value.At, value.Value, AtDensity)).OfType<string>()
            .Select(text => Density.Parse(text).Match<Density?>(density => density, bad =>
            {
                wrong.AddRange(bad);
                return null;
            }))];
        if (wrong.Count == 0 && all.Length > 0) return new Densities(all, IsBest: false);
        if (wrong.Count > 0 || item.Value is ArraySyntax { Items.ChildrenCount: 0 })
            Wrong(item, item.Value, AtDensity, $"a share of the weights, above 0 and at most 1, an array of them, or \"{Best}\"",
                $"for example {AtDensity} = 0.05");
        return null;
    }

    /// <summary>A number for each density, or one for all; null where something is wrong.</summary>
    private ImmutableArray<double>? NumbersIn(
        Dictionary<string, KeyValueSyntax> items, string key, Densities? densities, Func<double, bool> isAllowed, string what)
    {
        if (!items.TryGetValue(key, out var item)) return null;
        var all = ImmutableArray.CreateBuilder<double>();
        foreach (var (at, value) in ValuesOf(item))
        {
            var number = value is FloatValueSyntax or IntegerValueSyntax && TextOf(at, value, key) is { } text ? Parse.Number(text) : null;
            if (number is { } finite && double.IsFinite(finite) && isAllowed(finite))
            {
                all.Add(finite);
            }
            else
            {
                Wrong(at, value, key, what, $"for example {key} = 0.2");
                return null;
            }
        }
        var count = densities?.All.Length ?? all.Count;
        if (all.Count == count && count > 0) return all.ToImmutable();
        if (all.Count == 1 && key == Tolerance) return [.. Enumerable.Repeat(all[0], count)];
        Wrong(item, item.Value, key, count == 1 ? "one number" : $"{count} numbers, one for each {AtDensity}", $"there are {all.Count}");
        return null;
    }

    private static IEnumerable<(SyntaxNode At, ValueSyntax? Value)> ValuesOf(KeyValueSyntax item) => item.Value is ArraySyntax array
        ? array.Items.Select(element => ((SyntaxNode)(element.Value ?? (SyntaxNode)item), element.Value))
        : [(item, item.Value)];

    /// <summary>The factors of a table in braces; null where there is none, or none in it can be read.</summary>
    private ImmutableArray<NamedValue>? FactorsIn(Dictionary<string, KeyValueSyntax> items, string key)
    {
        if (!items.TryGetValue(key, out var item)) return null;
        if (item.Value is not InlineTableSyntax table || table.Items.ChildrenCount == 0)
        {
            Wrong(item, item.Value, key, "factors in braces", $"for example {key} = {{ {Factor.Strategy} = \"magnitude\" }}");
            return null;
        }
        ImmutableArray<NamedValue?> read = [.. Once(table.Items.Select(element => element.KeyValue).OfType<KeyValueSyntax>())
            .Select(pair => FactorOf(pair.Name, pair.Item, ClaimTrainings.Names))];
        return read.Contains(null) || read.IsEmpty ? null : [.. read.Select(factor => factor!)];
    }

    /// <summary>A factor with its value as cells have it; null where something is wrong.</summary>
    private NamedValue? FactorOf(string name, KeyValueSyntax item, IEnumerable<string> known)
    {
        if (!ClaimTrainings.Names.Contains(name))
        {
            Faults.Add(item, Unknown(name, item, known));
            return null;
        }
        if (TextOf(item, item.Value, name) is not { } text) return null;
        return ClaimTrainings.ValueOf(name, new Given(text, OriginOf(item, name))).Match<NamedValue?>(
            value => new NamedValue(name, value),
            bad =>
            {
                foreach (var fault in bad) Faults.Add(item, fault);
                return null;
            });
    }

    /// <summary>A text that says something; null where there is none.</summary>
    private string? SaidIn(Dictionary<string, KeyValueSyntax> items, string key)
    {
        if (!items.TryGetValue(key, out var item)) return null;
        if (item.Value is StringValueSyntax { Value: { } text } && text.Trim().Length > 0) return TextOf(item, item.Value, key);
        Wrong(item, item.Value, key, "a text in quotation marks", "say it in a few words");
        return null;
    }

    /// <summary>One of some names; the default where there is none.</summary>
    private T? Choice<T>(Dictionary<string, KeyValueSyntax> items, string key, ImmutableArray<(string Name, T Value)> known)
    {
        if (SaidIn(items, key) is not { } text) return default;
        foreach (var (name, value) in known)
            if (name == text) return value;
        Faults.Add(items[key], new Fault.UnknownValue(key, TomlSyntax.Shown(text), [.. known.Select(choice => choice.Name)])
        {
            Origin = OriginOf(items[key], key),
        });
        return default;
    }

    /// <summary>Whether every key is there that must be.</summary>
    private bool Complete(
        TableSyntaxBase table, string name, Dictionary<string, KeyValueSyntax> items, ImmutableArray<string> required)
    {
        var missing = required.Where(key => !items.ContainsKey(key)).ToList();
        if (missing.Count > 0)
            Faults.Add(table, new Fault.BadRequest(
                $"{TomlSyntax.Where(File, table)}: [[{name}]] has no {string.Join(", ", missing)}", "docs/claims.md says what each is"));
        return missing.Count == 0;
    }
}
