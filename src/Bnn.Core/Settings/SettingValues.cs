using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;

namespace Bnn.Core;

/// <summary>A setting's text as it was given, and where.</summary>
public sealed record Given(string Text, Origin Origin);

/// <summary>The values of a table of settings, defaults included. Never changed after it is made.</summary>
public sealed class SettingValues
{
    private readonly Dictionary<Setting, object> _values = [];
    private readonly IReadOnlyDictionary<string, Given> _given;
    private readonly Func<string, Origin> _ungiven;

    private SettingValues(
        IReadOnlyList<Setting> table, IReadOnlyDictionary<string, Given> given, Func<string, Origin> ungiven, SettingContext context) =>
        (Table, _given, _ungiven, Context) = (table, given, ungiven, context);

    public IReadOnlyList<Setting> Table { get; }

    /// <summary>What the texts were read with.</summary>
    public SettingContext Context { get; }

    /// <summary>Reads every text and shows all faults together, each with its origin.</summary>
    /// <param name="given">The texts that were given, by the setting's name.</param>
    /// <param name="ungiven">Where a setting that was not given could be given.</param>
    public static Result<SettingValues> Read(
        IReadOnlyList<Setting> table, IReadOnlyDictionary<string, Given> given, Func<string, Origin> ungiven, SettingContext context)
    {
        var (values, faults) = (new SettingValues(table, given, ungiven, context), new List<Fault>());
        foreach (var setting in table)
        {
            if (setting.InsteadOf is { } other && values.IsGiven(setting) && values.IsGiven(other))
            {
                var (one, two) = (values.OriginOf(other).Where, values.OriginOf(setting).Where);
                faults.Add(new Fault.BadRequest($"{one} and {two} are both given, and say the same in two ways", "give one of them"));
            }
            if ((given.GetValueOrDefault(setting.Name)?.Text ?? setting.Default) is not { } text) continue;
            if (setting.Read(text, context).ValueOr(faults, fault => At(fault, values.OriginOf(setting))) is { } value)
                values._values[setting] = value;
        }
        if (faults.Count > 0) return faults.ToImmutableArray();
        foreach (var setting in table.Where(setting => !values._values.ContainsKey(setting)))
            if (setting.Otherwise(values) is { } value) values._values[setting] = value;
        return values;
    }

    /// <summary>The same values but for one.</summary>
    public SettingValues With<T>(Setting<T> setting, T value)
        where T : notnull
    {
        var changed = new SettingValues(Table, _given, _ungiven, Context);
        foreach (var (other, own) in _values) changed._values[other] = own;
        changed._values[setting] = value;
        return changed;
    }

    /// <summary>The value of a setting that always has one.</summary>
    /// <exception cref="KeyNotFoundException">It has none.</exception>
    public T Get<T>(Setting<T> setting)
        where T : notnull => (T)_values[setting];

    /// <summary>The value of a setting that may have none; false where it has none.</summary>
    public bool Find<T>(Setting<T> setting, [MaybeNullWhen(false)] out T value)
        where T : notnull
    {
        value = default;
        if (!_values.TryGetValue(setting, out var found)) return false;
        value = (T)found;
        return true;
    }

    /// <summary>Whether it was given, rather than left at its default.</summary>
    public bool IsGiven(Setting setting) => _given.ContainsKey(setting.Name);

    /// <summary>The text that was given, or the default's; null where there is neither.</summary>
    public string? Text(Setting setting) => _given.GetValueOrDefault(setting.Name)?.Text ?? setting.Default;

    /// <summary>Where it was given, or could be.</summary>
    public Origin OriginOf(Setting setting) => OriginOf(setting.Name);

    /// <inheritdoc cref="OriginOf(Setting)"/>
    public Origin OriginOf(string setting) => _given.GetValueOrDefault(setting)?.Origin ?? _ungiven(setting);

    /// <summary>The fault with its origin, if it is a setting's and has none yet.</summary>
    public Fault Located(Fault fault) => fault switch
    {
        { Origin: not null } => fault,
        Fault.BadSetting bad when Table.Any(setting => setting.Name == bad.Setting) => fault with { Origin = OriginOf(bad.Setting) },
        Fault.UnknownValue bad when Table.Any(setting => setting.Name == bad.Setting) => fault with { Origin = OriginOf(bad.Setting) },
        _ => fault,
    };

    /// <summary>The settings that were given, in the table's order, as texts; those that change no result are left out.</summary>
    public ImmutableArray<NamedValue> GivenTexts => [
        .. from setting in Table
           where setting.Part != SettingPart.Immaterial && IsGiven(setting)
           select new NamedValue(setting.Name, _given[setting.Name].Text)];

    /// <summary>Every setting that was given, in the table's order, as it was typed.</summary>
    public ImmutableArray<NamedValue> TypedTexts => [
        .. from setting in Table
           where IsGiven(setting)
           select new NamedValue(setting.Name, _given[setting.Name].Text)];

    /// <summary>Every setting that a result depends on, resolved, for people.</summary>
    public ImmutableArray<NamedValue> Shown => [
        .. from setting in Table
           where setting.Part != SettingPart.Immaterial && !setting.ShownByAnother
           let text = setting.Show(this)
           where text is not null
           select new NamedValue(setting.Name, text)];

    private static Fault At(Fault fault, Origin origin) => fault with { Origin = fault.Origin ?? origin };
}
