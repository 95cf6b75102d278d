using System.Collections.Immutable;
using Bnn.Core;

namespace Host.Engines;

/// <summary>
/// The default: the managed engine, with a graphics processor beside the cores where there is one that works. Results don't depend on it.
/// </summary>
public sealed class AutoProvider : IEngineProvider
{
    public const string EngineName = "auto";

    public string Name => EngineName;

    public string Needs => "";

    public ImmutableArray<Setting> Settings => [GpuProvider.Nets];

    public int DefaultJobs => SimdProvider.Cores;

    public Result<ITrainingEngine> Open(SettingValues values)
    {
        if (!GpuProvider.MayWork) return new SimdProvider().Open(values);
        var faults = new List<Fault>();
        if (new GpuProvider().Open(values).ValueOr(faults) is { } engine) return new Result<ITrainingEngine>.Ok(engine);
        foreach (var fault in faults) Console.Error.WriteLine($"host: {fault.Describe()}; the cores are used");
        return new SimdProvider().Open(values);
    }

    public Result<EngineListing> List(SettingValues values) => new SimdProvider().List(values).Map(simd => simd with
    {
        Library = $"{GpuProvider.EngineName} where it works, else {SimdProvider.EngineName}",
        Devices = GpuProvider.MayWork ? "both" : simd.Devices,
    });
}
