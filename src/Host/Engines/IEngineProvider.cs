using System.Collections.Immutable;
using Bnn.Core;

namespace Host.Engines;

/// <summary>
/// An engine as the host knows it: its name, its own settings, and how to open it. Nothing of an engine is loaded before it is opened.
/// </summary>
public interface IEngineProvider
{
    /// <summary>The value of the setting <c>engine</c> that chooses this engine.</summary>
    string Name { get; }

    /// <summary>What the engine needs, in a few words for the help; empty if nothing.</summary>
    string Needs { get; }

    /// <summary>Settings that not all engines have a use for, and this one has.</summary>
    ImmutableArray<Setting> Settings { get; }

    /// <summary>
    /// Number of trainings at a time unless the user gives one. An engine that trains many networks together wants more than there are
    /// cores.
    /// </summary>
    int DefaultJobs { get; }

    /// <summary>The engine, or why it can't be used here.</summary>
    Result<ITrainingEngine> Open(SettingValues values);

    /// <summary>What <c>host engines</c> shows: version, library, threads, devices.</summary>
    Result<EngineListing> List(SettingValues values);
}

/// <summary>A row of <c>host engines</c>.</summary>
public sealed record EngineListing(string Version, string Library, string Threads, string Devices);

/// <summary>Lists the engines; a new one needs a provider and a line here (docs/extending/engine.md).</summary>
public static class EngineRegistry
{
    public static ImmutableArray<IEngineProvider> All { get; } =
        [new AutoProvider(), new SimdProvider(), new GpuProvider(), new TensorFlowProvider()];

    public static Setting<string> Engine { get; } = new()
    {
        Name = "engine",
        ValueName = "NAME",
        Help = $"{string.Join(", or ", All.Select(NameWithNeeds))}; see host engines.",
        Part = SettingPart.Source,
        Default = All[0].Name,
        Parse = Parse.Choice("engine", [.. All.Select(provider => (provider.Name, provider.Name))]),
        Write = name => name,
    };

    /// <summary>The choice of engine, then each engine's own settings.</summary>
    public static ImmutableArray<Setting> Settings { get; } = [Engine, .. All.SelectMany(provider => provider.Settings).Distinct()];

    public static IEngineProvider Of(SettingValues values) => All.First(provider => provider.Name == values.Get(Engine));

    private static string NameWithNeeds(IEngineProvider provider) =>
        provider.Needs.Length > 0 ? $"{provider.Name} ({provider.Needs})" : provider.Name;

    /// <summary>A fault for each engine whose settings were given although another engine is chosen.</summary>
    public static IEnumerable<Fault> Misplaced(SettingValues values)
    {
        var chosen = Of(values);
        var misplaced =
            from setting in Settings
            where setting != Engine && !chosen.Settings.Contains(setting) && values.IsGiven(setting)
            // Of several engines that take it the last was made for it.
            group values.OriginOf(setting).Where by All.Last(provider => provider.Settings.Contains(setting));
        foreach (var given in misplaced)
        {
            List<string> names = [.. given];
            yield return new Fault.BadRequest(
                $"{Bnn.Report.Text.List(names)} {(names.Count == 1 ? "has" : "have")} no meaning to the engine {chosen.Name}",
                $"add {values.OriginOf(Engine).Assign(given.Key.Name)}, or leave {(names.Count == 1 ? "it" : "them")} out");
        }
    }
}
