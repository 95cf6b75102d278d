using System.Collections.Immutable;
using Bnn.Core;

namespace Host.Engines;

/// <summary>An engine as the host knows it: its name, the settings that are its own, and how it is opened. Nothing is loaded before that.</summary>
public interface IEngineProvider
{
    /// <summary>What the setting <c>engine</c> takes.</summary>
    string Name { get; }

    /// <summary>One line for the help: what it needs.</summary>
    string Needs { get; }

    /// <summary>Settings that only this engine has a use for.</summary>
    ImmutableArray<Setting> Settings { get; }

    /// <summary>Trainings at a time where nobody says how many. An engine that trains many networks together wants more than there are cores.</summary>
    int DefaultJobs { get; }

    /// <summary>The engine, or why it can't be used here.</summary>
    Result<ITrainingEngine> Open(SettingValues values);

    /// <summary>What <c>host engines</c> shows: version, library, threads, devices.</summary>
    Result<EngineListing> List(SettingValues values);
}

/// <summary>A row of <c>host engines</c>.</summary>
public sealed record EngineListing(string Version, string Library, string Threads, string Devices);

/// <summary>The engines there are; a new one is a provider and a line here (docs/extending/engine.md).</summary>
public static class EngineRegistry
{
    public static ImmutableArray<IEngineProvider> All { get; } = [new SimdProvider(), new TensorFlowProvider()];

    public static Setting<string> Engine { get; } = new()
    {
        Name = "engine",
        ValueName = "NAME",
        Help = $"{string.Join(", or ", All.Select(provider => provider.Needs.Length > 0 ? $"{provider.Name} ({provider.Needs})" : provider.Name))}; "
            + "see host engines.",
        Part = SettingPart.Source,
        Default = All[0].Name,
        Parse = Parse.Choice("engine", [.. All.Select(provider => (provider.Name, provider.Name))]),
        Write = name => name,
    };

    /// <summary>The choice of engine, then each engine's own settings.</summary>
    public static ImmutableArray<Setting> Settings { get; } = [Engine, .. All.SelectMany(provider => provider.Settings)];

    public static IEngineProvider Of(SettingValues values) => All.First(provider => provider.Name == values.Get(Engine));

    /// <summary>Settings that were given and that the chosen engine has no use for.</summary>
    public static IEnumerable<Fault> Misplaced(SettingValues values)
    {
        var chosen = Of(values);
        foreach (var other in All.Where(provider => provider != chosen))
        {
            var given = other.Settings.Where(values.IsGiven).Select(setting => values.OriginOf(setting).Where).ToList();
            if (given.Count == 0) continue;
            yield return new Fault.BadRequest(
                $"{Bnn.Report.Text.List(given)} {(given.Count == 1 ? "has" : "have")} no meaning to the engine {chosen.Name}",
                $"add {values.OriginOf(Engine).Assign(other.Name)}, or leave {(given.Count == 1 ? "it" : "them")} out");
        }
    }
}
