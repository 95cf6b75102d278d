using System.Collections.Immutable;
using Bnn.Core;
using Bnn.Simd;
using Host.Cluster;

namespace Host.Engines;

/// <summary>The default engine: managed code, always available.</summary>
public sealed class SimdProvider : IEngineProvider
{
    public const string EngineName = "simd", KernelVariable = "BNN_KERNEL";

    private const string Vector = "vector", Scalar = "scalar";

    public string Name => EngineName;

    public string Needs => "";

    public ImmutableArray<Setting> Settings => [];

    public int DefaultJobs => Cores;

    /// <summary>Cores that this process may use.</summary>
    public static int Cores => ClusterJob.Current.Cpus ?? Environment.ProcessorCount;

    public Result<ITrainingEngine> Open(SettingValues values) => Open().Map<ITrainingEngine>(engine => engine);

    public Result<EngineListing> List(SettingValues values) => Open().Map(engine =>
        new EngineListing($"numerics {engine.Numerics}", "managed, none", "1 per training", $"CPU, {engine.Description}"));

    /// <summary>
    /// The engine with vector kernels, or with the scalar reference kernels, which give the same bits. Unless the environment asks for one
    /// of them, it uses those that are faster on this machine.
    /// </summary>
    public static Result<SimdEngine> Open()
    {
        var faster = SimdEngine.HasFma ? Vector : Scalar;
        var kernel = Environment.GetEnvironmentVariable(KernelVariable) is { Length: > 0 } text ? text : faster;
        return kernel is Vector or Scalar
            ? new SimdEngine(kernel == Scalar)
            : new Fault.UnknownName($"value of {KernelVariable}", kernel, [Vector, Scalar]);
    }
}
