using System.Collections.Immutable;
using System.Globalization;

namespace Bnn.Core;

/// <summary>What went wrong with an input, as a value: what, where, expected, found, and how to mend it. Bugs are exceptions instead.</summary>
public abstract record Fault
{
    private Fault() { }

    /// <summary>A setting outside what it allows.</summary>
    public sealed record BadSetting(string Name, string Found, string Expected, string Fix) : Fault;

    /// <summary>A name that is none of the known ones; the nearest is proposed.</summary>
    public sealed record UnknownName(string Kind, string Found, ImmutableArray<string> Known) : Fault;

    /// <summary>A command line that can't be taken as written.</summary>
    public sealed record BadCommandLine(string Reason, string Fix) : Fault;

    /// <summary>A data file that isn't what it says it is. <paramref name="Offset"/> in bytes of the unpacked file.</summary>
    public sealed record BadData(string File, long Offset, string Expected, string Found, string Fix) : Fault;

    /// <summary>A data file or folder that isn't there.</summary>
    public sealed record MissingData(string Path, string Expected, string Fix) : Fault;

    /// <summary>A plugin file or <c>plugins.json</c> that can't be used.</summary>
    public sealed record PluginRejected(string Path, string Reason, string Hint) : Fault;

    /// <summary>An engine that can't be used here.</summary>
    public sealed record EngineUnavailable(string Engine, string Reason, string Hint) : Fault;

    /// <summary>An engine that computes here, but not what its version computes elsewhere.</summary>
    public sealed record WrongArithmetic(string Engine, string Expected, string Found, string Fix) : Fault;

    /// <summary>A strategy that was asked for scores and gave none that can be used.</summary>
    public sealed record StrategyFailed(string Strategy, string Plugin, string Reason, string Hint) : Fault;

    /// <summary>A result on disk that doesn't agree with what is asked for, or that can't be read.</summary>
    public sealed record DamagedStore(string Path, string Expected, string Found, string Fix) : Fault;

    /// <summary>A disk that doesn't take or give what it should.</summary>
    public sealed record Disk(string Path, string Reason, string Fix) : Fault;

    /// <summary>A loss that is not a number: training can't go on from <paramref name="Step"/>.</summary>
    public sealed record Diverged(string Training, int Step, string Quantity, double Value, string Hint) : Fault;

    /// <summary>One or two lines for a person: what, where, expected, found, fix.</summary>
    public string Describe() => this switch
    {
        BadSetting f => $"{f.Name}: expected {f.Expected}, found {f.Found}; {f.Fix}",
        UnknownName f when Names.Nearest(f.Found, f.Known) is { } nearest =>
            $"unknown {f.Kind} '{f.Found}': did you mean '{nearest}'? Known: {string.Join(", ", f.Known)}",
        UnknownName f => $"unknown {f.Kind} '{f.Found}'. Known: {string.Join(", ", f.Known)}",
        BadCommandLine f => $"{f.Reason}; {f.Fix}",
        BadData f => string.Create(CultureInfo.InvariantCulture, $"{f.File}: byte {f.Offset}: expected {f.Expected}, found {f.Found}; {f.Fix}"),
        MissingData f => $"{f.Path}: expected {f.Expected}, found nothing there; {f.Fix}",
        PluginRejected f => $"{f.Path}: {f.Reason}; {f.Hint}",
        EngineUnavailable f => $"engine {f.Engine}: {f.Reason}; {f.Hint}",
        WrongArithmetic f => $"engine {f.Engine}: arithmetic: expected {f.Expected}, found {f.Found}; {f.Fix}",
        StrategyFailed f => $"strategy '{f.Strategy}' ({f.Plugin}): {f.Reason}; {f.Hint}",
        DamagedStore f => $"{f.Path}: expected {f.Expected}, found {f.Found}; {f.Fix}",
        Disk f => $"{f.Path}: {f.Reason}; {f.Fix}",
        Diverged f => string.Create(CultureInfo.InvariantCulture, $"{f.Training}: at step {f.Step} {f.Quantity} was {f.Value}; {f.Hint}"),
        _ => throw new System.Diagnostics.UnreachableException(),
    };
}
