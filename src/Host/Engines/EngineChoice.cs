using System.Globalization;
using Bnn.Core;
using Bnn.Simd;
using Bnn.TF;

namespace Host.Engines;

/// <summary>The engine that was asked for, resolved; the library is loaded only when it is opened.</summary>
public sealed record EngineChoice(string Engine, bool ScalarKernels, string? Library, int Threads, bool GraphNoise)
{
    public const string Simd = "simd", TensorFlow = "tensorflow", KernelVariable = "BNN_KERNEL", DefaultThreads = "1", HostNoise = "host", OwnNoise = "graph";

    public const int MostThreads = 64;

    /// <summary>Reads the flags; null takes the default.</summary>
    public static EngineChoice Read(string? engine, string? library, string? threads, string? noise, ICollection<Fault> faults)
    {
        engine ??= Simd;
        if (engine is not (Simd or TensorFlow)) faults.Add(new Fault.UnknownName("engine", engine, [Simd, TensorFlow]));
        if (engine == Simd && (library ?? threads ?? noise) is not null)
            faults.Add(new Fault.BadCommandLine("--tf-library, --tf-threads and --tf-noise say nothing to the simd engine", "add --engine tensorflow, or leave them out"));
        if (!int.TryParse(threads ?? DefaultThreads, NumberStyles.None, CultureInfo.InvariantCulture, out var count) || count is < 1 or > MostThreads)
            faults.Add(new Fault.BadSetting("--tf-threads", threads!, $"a whole number from 1 to {MostThreads}", "for example --tf-threads 2"));
        if (noise is not (null or HostNoise or OwnNoise)) faults.Add(new Fault.UnknownName("value of --tf-noise", noise, [HostNoise, OwnNoise]));
        return new EngineChoice(engine, Kernel(faults) == "scalar", library, count, noise == OwnNoise);
    }

    public Result<ITrainingEngine> Open()
    {
        if (Engine == Simd) return new SimdEngine(ScalarKernels);
        return TensorFlowLibrary.Load(Library, Environment.GetEnvironmentVariable, AppContext.BaseDirectory)
            .Map<ITrainingEngine>(library => new TensorFlowEngine(library, Threads, GraphNoise ? null : new SimdEngine(ScalarKernels).Noise));
    }

    /// <summary>vector, or scalar for the reference kernels: the same bits. Unless one is asked for, the one that is faster on this machine.</summary>
    public static string Kernel(ICollection<Fault> faults)
    {
        const string Vector = "vector", Scalar = "scalar";
        var kernel = Environment.GetEnvironmentVariable(KernelVariable) is { Length: > 0 } text ? text : SimdEngine.HasFma ? Vector : Scalar;
        if (kernel is not (Vector or Scalar)) faults.Add(new Fault.UnknownName($"value of {KernelVariable}", kernel, [Vector, Scalar]));
        return kernel;
    }
}
