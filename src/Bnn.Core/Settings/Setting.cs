using System.Globalization;
using System.Text.Json;

namespace Bnn.Core;

/// <summary>What parsing a setting may look at beside its text.</summary>
/// <param name="Strategies">Strategies that the plugins offer.</param>
public sealed record SettingContext(IReadOnlyList<StrategyInfo> Strategies);

/// <summary>What a setting may look at when it writes to a key.</summary>
/// <param name="Net">The whole network, whose outer sizes come from the data.</param>
/// <param name="Seed">Null for the text that names a cell.</param>
public sealed record KeyContext(SettingValues Values, Architecture Net, Seed? Seed);

/// <summary>
/// One setting, whole: name, help, default, parsing, writing, which trainings it belongs to and what it writes into their keys. Flags,
/// help, settings as shown, config.json and the command that repeats an experiment are all made from it.
/// </summary>
public abstract class Setting
{
    /// <summary>The name as people type it: <c>kl-weight</c>.</summary>
    public required string Name { get; init; }

    /// <summary>What stands for the value in help: N, LIST, DIR.</summary>
    public required string ValueName { get; init; }

    /// <summary>The help text: one sentence or two.</summary>
    public required string Help { get; init; }

    public required SettingPart Part { get; init; }

    /// <summary>The default as it would be given; null where there is none or it follows from something else.</summary>
    public string? Default { get; init; }

    /// <summary>The default in words, where it isn't a text that could be given.</summary>
    public string? DefaultInWords { get; init; }

    /// <summary>
    /// Whether it was added after keys had been made. Such a setting is left out of keys at its default, so that keys of older
    /// trainings stay valid.
    /// </summary>
    public bool AddedLater { get; init; }

    /// <summary>Another setting that says the same in another way: one of the two may be given.</summary>
    public Setting? InsteadOf { get; init; }

    /// <summary>
    /// Whether its text may be a list, of which every item makes trainings of its own. A training's value has one item.
    /// </summary>
    public bool IsGrid { get; init; }

    /// <summary>Whether it is hidden, alone and in tables of settings, because another setting shows it.</summary>
    public bool ShownByAnother { get; init; }

    /// <summary>Whether it is part of the keys of trainings at all.</summary>
    public abstract bool IsInKeys { get; }

    /// <summary>The value, or what is wrong with the text.</summary>
    internal abstract Result<object> Read(string text, SettingContext context);

    /// <summary>The value when no text is given: what follows from other settings, or null for none.</summary>
    internal abstract object? Otherwise(SettingValues values);

    /// <summary>As tables of settings show the value; null for no value.</summary>
    internal abstract string? Show(SettingValues values);

    /// <summary>Writes its fields of config.json, or nothing.</summary>
    internal abstract void WriteKey(Utf8JsonWriter json, KeyContext context);
}

/// <inheritdoc/>
/// <typeparam name="T">The type of the value.</typeparam>
public sealed class Setting<T> : Setting
    where T : notnull
{
    public required Func<string, SettingContext, Result<T>> Parse { get; init; }

    public required Func<T, string> Write { get; init; }

    /// <summary>The value where none is given and there is no default text.</summary>
    public Func<SettingValues, T>? FollowsFrom { get; init; }

    /// <summary>How the value is shown where <see cref="Write"/> doesn't say enough; null where it means nothing.</summary>
    public Func<SettingValues, string?>? Shown { get; init; }

    /// <summary>What it writes into keys: nothing, its value, or a function of it and others.</summary>
    public Action<Utf8JsonWriter, T, KeyContext>? InKey { get; init; }

    public override bool IsInKeys => InKey is not null;

    internal override Result<object> Read(string text, SettingContext context) => Parse(text, context).Map<object>(value => value);

    internal override object? Otherwise(SettingValues values) => FollowsFrom is null ? null : FollowsFrom(values);

    internal override string? Show(SettingValues values) => Shown is not null
        ? Shown(values)
        : values.Find(this, out var value) ? Write(value) : null;

    internal override void WriteKey(Utf8JsonWriter json, KeyContext context)
    {
        if (InKey is null || !context.Values.Find(this, out var value)) return;
        if (AddedLater && Write(value) == Default) return;
        InKey(json, value, context);
    }
}

/// <summary>How numbers of settings are written.</summary>
internal static class SettingText
{
    public static string Number(double value) => value.ToString("R", CultureInfo.InvariantCulture);

    public static string Whole(int value) => value.ToString(CultureInfo.InvariantCulture);

    public static string List<T>(IEnumerable<T> items, Func<T, string> write) => string.Join(',', items.Select(write));
}
