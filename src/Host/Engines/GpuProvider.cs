using System.Collections.Immutable;
using Bnn.Core;
using Bnn.Gpu;
using Bnn.Simd;
using Host.Experiments;

namespace Host.Engines;

/// <summary>
/// The managed engine with NVIDIA's graphics processor beside the cores. It isn't another engine to keys: its results are the managed
/// engine's, bit for bit, which is checked before anything is trained.
/// </summary>
public sealed class GpuProvider : IEngineProvider
{
    public const string EngineName = GpuEngine.EngineName;

    /// <summary>Set to <c>processor</c>, threads stand for a graphics processor: slow, for tests.</summary>
    public const string DeviceVariable = "BNN_GPU";

    private const string Processor = "processor";
    private const int MostNets = 4096, ThreadsOfProcessor = 4;

    public static Setting<int> Nets { get; } = new()
    {
        Name = "gpu-nets",
        ValueName = "N",
        Help = "Networks of a kind on the graphics processor at the same time; changes no result.",
        Part = SettingPart.Immaterial,
        DefaultInWords = "512, or as many as its memory holds",
        Parse = Parse.Whole(1, MostNets, "leave it out for as many as its memory holds"),
        Write = nets => $"{nets}",
    };

    /// <summary>
    /// Whether there may be a graphics processor: NVIDIA's driver left its traces. Nothing of it is loaded to find out.
    /// </summary>
    public static bool MayWork => StandsIn || (OperatingSystem.IsWindows()
        ? File.Exists(Path.Combine(Environment.SystemDirectory, "nvcuda.dll"))
        : File.Exists("/dev/nvidiactl") || File.Exists("/dev/dxg"));

    public string Name => EngineName;

    public string Needs => "with NVIDIA's driver";

    public ImmutableArray<Setting> Settings => [Nets];

    public int DefaultJobs => SimdProvider.Cores;

    private static bool StandsIn => Environment.GetEnvironmentVariable(DeviceVariable) == Processor;

    /// <summary>The engine, once the device was found to compute what the cores do.</summary>
    public Result<ITrainingEngine> Open(SettingValues values) => OpenChecked(values).Map<ITrainingEngine>(opened => opened.Engine);

    public Result<EngineListing> List(SettingValues values) => OpenChecked(values, anew: true).Map(opened =>
    {
        using var engine = opened.Engine;
        var library = engine.Device.Driver.Length > 0 ? $"NVIDIA's driver, {engine.Device.Driver}" : "managed, none";
        return new EngineListing(
            $"numerics {engine.Numerics}, fingerprint {opened.Fingerprint}", library, "1 per training", $"{engine.Device}");
    });

    /// <summary>For <c>host doctor</c>: the device and its fingerprint.</summary>
    public static Result<string> Examine(SettingValues values) => OpenChecked(values, anew: true).Map(opened =>
    {
        using var engine = opened.Engine;
        return $"{engine.Device}: fingerprint {opened.Fingerprint}, as expected";
    });

    private static Result<(GpuEngine Engine, string Fingerprint)> OpenChecked(SettingValues values, bool anew = false)
    {
        if (Environment.GetEnvironmentVariable(DeviceVariable) is { Length: > 0 } device and not Processor)
            return new Fault.UnknownName($"value of {DeviceVariable}", device, [Processor]);
        var options = new GpuOptions
        {
            Cores = values.Find(RunSettings.Jobs, out var jobs) ? jobs : SimdProvider.Cores,
            OnLost = reason => Console.Error.WriteLine($"host: {reason}; the cores go on, and what it did is done again"),
        };
        if (values.Find(Nets, out var nets)) options = options with { Nets = nets };
        return SimdProvider.Open().Bind(cores => Open(cores, options)).Bind(engine => DeviceFingerprint.Check(engine, anew).Match(
            fingerprint => (engine, fingerprint),
            faults =>
            {
                engine.Dispose();
                return (Result<(GpuEngine, string)>)faults;
            }));
    }

    private static Result<GpuEngine> Open(SimdEngine cores, GpuOptions options) => StandsIn
        ? GpuEngine.OnProcessor(cores, options, ThreadsOfProcessor)
        : GpuEngine.Open(cores, options);
}
