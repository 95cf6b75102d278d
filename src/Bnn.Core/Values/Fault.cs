using System.Collections.Immutable;
using System.Diagnostics;
using System.Globalization;

namespace Bnn.Core;

/// <summary>
/// What is wrong with an input, as a value: what, where, expected, found, and how to fix it. Bugs are exceptions instead.
/// </summary>
public abstract record Fault
{
    private Fault() { }

    /// <summary>Where the faulty value came from, if it is a setting's.</summary>
    public Origin? Origin { get; init; }

    /// <summary>A setting with a value that it doesn't allow.</summary>
    /// <param name="Setting">The setting's name, or that of a part of its value (a strategy's parameter); empty where the value's own type
    /// rejected it, which doesn't know about settings.</param>
    /// <param name="Fix">What to do; without one an <see cref="Example"/> is shown.</param>
    public sealed record BadSetting(string Setting, string Found, string Expected, string Fix = "") : Fault
    {
        /// <summary>A value that is allowed.</summary>
        public string? Example { get; init; }
    }

    /// <summary>A setting whose value is none of its choices; the nearest is proposed.</summary>
    public sealed record UnknownValue(string Setting, string Found, ImmutableArray<string> Known) : Fault;

    /// <summary>A name that is none of the known ones; the nearest is proposed.</summary>
    public sealed record UnknownName(string Kind, string Found, ImmutableArray<string> Known) : Fault;

    /// <summary>A request that can't be carried out: its parts contradict each other or are not understood.</summary>
    public sealed record BadRequest(string Reason, string Fix) : Fault;

    /// <summary>
    /// A data file whose content is not what its format requires. <paramref name="Offset"/> in bytes of the unpacked file.
    /// </summary>
    public sealed record BadData(string File, long Offset, string Expected, string Found, string Fix) : Fault;

    /// <summary>A data file or folder that isn't there, or is something else.</summary>
    public sealed record MissingData(string Path, string Expected, string Fix) : Fault
    {
        /// <summary>What is there instead.</summary>
        public string Found { get; init; } = "nothing there";
    }

    /// <summary>A plugin file or <c>plugins.json</c> that can't be used.</summary>
    public sealed record PluginRejected(string Path, string Reason, string Hint) : Fault;

    /// <summary>An engine that can't be used here.</summary>
    public sealed record EngineUnavailable(string Engine, string Reason, string Hint) : Fault;

    /// <summary>An engine that computes here, but not what its version computes elsewhere.</summary>
    public sealed record WrongArithmetic(string Engine, string Expected, string Found, string Fix) : Fault;

    /// <summary>A strategy that failed to give usable scores.</summary>
    public sealed record StrategyFailed(string Strategy, string Plugin, string Reason, string Hint) : Fault;

    /// <summary>A result on disk that can't be read, or that doesn't match what was requested.</summary>
    public sealed record DamagedStore(string Path, string Expected, string Found, string Fix) : Fault;

    /// <summary>A disk that can't be written or read as it should.</summary>
    public sealed record Disk(string Path, string Reason, string Fix) : Fault
    {
        /// <summary>Whether it takes no other file either: it is full, read-only or broken.</summary>
        public bool TakesNothing { get; init; }
    }

    /// <summary>A loss that is not a number: training can't go on from <paramref name="Step"/>.</summary>
    public sealed record Diverged(string Training, int Step, string Quantity, double Value, string Hint) : Fault;

    /// <summary>One or two lines for a person: what, where, expected, found, fix. Names and paths in it are shown without control
    /// characters.</summary>
    public string Describe() => Printable.Lines(InWords());

    private string InWords() => this switch
    {
        BadSetting f => $"{f.Where(f.Setting)}: expected {f.Expected}, found {f.Found}; {f.HowToFix()}",
        UnknownValue f => Unknown($"value of {f.Where(f.Setting)}", f.Found, f.Known),
        UnknownName f => (f.Origin is null ? "" : $"{f.Origin.Where}: ") + Unknown(f.Kind, f.Found, f.Known),
        BadRequest f => $"{f.Reason}; {f.Fix}",
        BadData f => string.Create(
            CultureInfo.InvariantCulture, $"{f.File}: byte {f.Offset}: expected {f.Expected}, found {f.Found}; {f.Fix}"),
        MissingData f => $"{f.Path}: expected {f.Expected}, found {f.Found}; {f.Fix}{f.By()}",
        PluginRejected f => $"{f.Path}: {f.Reason}; {f.Hint}",
        EngineUnavailable f => $"engine {f.Engine}: {f.Reason}; {f.Hint}",
        WrongArithmetic f => $"engine {f.Engine}: arithmetic: expected {f.Expected}, found {f.Found}; {f.Fix}",
        StrategyFailed f => $"strategy '{f.Strategy}' ({f.Plugin}): {f.Reason}; {f.Hint}",
        DamagedStore f => $"{f.Path}: expected {f.Expected}, found {f.Found}; {f.Fix}{f.By()}",
        Disk f => $"{f.Path}: {f.Reason}; {f.Fix}{f.By()}",
        Diverged f => string.Create(CultureInfo.InvariantCulture, $"{f.Training}: at step {f.Step} {f.Quantity} was {f.Value}; {f.Hint}"),
        _ => throw new UnreachableException(),
    };

    /// <summary>The value's origin; where a part of the value is at fault, origin and part.</summary>
    private string Where(string setting) => (Origin, setting) switch
    {
        (null, "") => "a value",
        (null, _) => setting,
        _ when setting.Length == 0 || setting == Origin.Setting => Origin.Where,
        _ => $"{Origin.Where}: {setting}",
    };

    /// <summary>" by --output": the setting to give another value.</summary>
    private string By() => Origin is null ? "" : $" by {Origin.Where}";

    private static string Unknown(string kind, string found, ImmutableArray<string> known) => Names.Nearest(found, known) is { } nearest
        ? $"unknown {kind} '{found}': did you mean '{nearest}'? Known: {string.Join(", ", known)}"
        : $"unknown {kind} '{found}'. Known: {(known.IsEmpty ? "none" : string.Join(", ", known))}";
}

file static class BadSettingText
{
    public static string HowToFix(this Fault.BadSetting fault) => fault.Example is { } example
        ? $"for example {fault.Origin?.Assign(example) ?? example}"
        : fault.Fix;
}
