using System.Collections.Immutable;
using Bnn.Core;
using Bnn.TF;

namespace Host.Engines;

/// <summary>The engine that computes with TensorFlow's native library.</summary>
public sealed class TensorFlowProvider : IEngineProvider
{
    public const string EngineName = "tensorflow";

    private const string HostNoise = "host", GraphNoise = "graph";
    private const int MostThreads = 64;

    public static Setting<string> Library { get; } = new()
    {
        Name = "tf-library",
        ValueName = "PATH",
        Help = "TensorFlow's library: a file or a folder.",
        Part = SettingPart.Immaterial,
        DefaultInWords = "the usual places",
        Parse = Parse.Text("a file or a folder"),
        Write = path => path,
    };

    public static Setting<int> Threads { get; } = new()
    {
        Name = "tf-threads",
        ValueName = "N",
        Help = "Threads of one TensorFlow training; changes no result.",
        Part = SettingPart.Immaterial,
        Default = "1",
        Parse = Parse.Whole(1, MostThreads),
        Write = threads => $"{threads}",
    };

    /// <summary>Part of the engine's name in keys, since other noise gives other bits.</summary>
    public static Setting<string> Noise { get; } = new()
    {
        Name = "tf-noise",
        ValueName = "WHO",
        Help = $"Who draws Flipout's noise: {HostNoise}, as the default engine does, or {GraphNoise}, TensorFlow itself.",
        Part = SettingPart.Source,
        Default = HostNoise,
        Parse = Parse.Choice("tf-noise", (HostNoise, HostNoise), (GraphNoise, GraphNoise)),
        Write = who => who,
        ShownByAnother = true,
    };

    public string Name => EngineName;

    public string Needs => "with its native library";

    public ImmutableArray<Setting> Settings => [Library, Threads, Noise];

    public int DefaultJobs => SimdProvider.Cores;

    public Result<ITrainingEngine> Open(SettingValues values) =>
        Load(values).Bind(library => SimdProvider.Open().Map<ITrainingEngine>(simd =>
            new TensorFlowEngine(library, values.Get(Threads), values.Get(Noise) == GraphNoise ? null : simd.Noise)));

    public Result<EngineListing> List(SettingValues values) => Load(values).Map(library =>
        new EngineListing(library.Version, library.Path, "1 per training (tf-threads)", string.Join(", ", library.Devices())));

    private static Result<TensorFlowLibrary> Load(SettingValues values) => TensorFlowLibrary.Load(
        values.Find(Library, out var path) ? path : null, Environment.GetEnvironmentVariable, AppContext.BaseDirectory);
}
