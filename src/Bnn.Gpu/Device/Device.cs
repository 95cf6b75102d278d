using System.Reflection;
using Bnn.Core;
using ILGPU;
using ILGPU.Backends;
using ILGPU.Backends.EntryPoints;
using ILGPU.Backends.PTX;
using ILGPU.Runtime;
using ILGPU.Runtime.CPU;
using ILGPU.Runtime.Cuda;

namespace Bnn.Gpu;

/// <summary>A kernel's code.</summary>
/// <param name="Threads">Of a group, on a graphics processor.</param>
internal readonly record struct KernelMethod(MethodInfo Method, int Threads)
{
    /// <summary>"DenseKernels.Train".</summary>
    public string Name => $"{Method.DeclaringType!.Name}.{Method.Name}";
}

/// <summary>A kernel on the device, to be started with one group of threads for each net.</summary>
internal delegate void Launch(int groups, Views views);

/// <summary>
/// A graphics processor, or, for tests, threads that stand for one. Belongs to one thread at a time.
/// </summary>
internal sealed class Device : IDisposable
{
    /// <summary>The oldest processors that are used: those that the driver of CUDA 12 knows.</summary>
    private const int OldestMajor = 6;

    /// <summary>The fewest threads that such a stand-in can have; its groups may have one.</summary>
    private const int LeastWarp = 2;

    private readonly Context _context;
    private readonly Accelerator _accelerator;
    private readonly int? _groupSize;
    private readonly Dictionary<string, Kernel> _kernels = [];

    private Device(Context context, Accelerator accelerator, int? groupSize) =>
        (_context, _accelerator, _groupSize) = (context, accelerator, groupSize);

    public string Name => _accelerator is CudaAccelerator ? _accelerator.Name : "threads that stand for a graphics processor";

    /// <summary>Bytes of memory, and those of them that are free.</summary>
    public long Memory => _accelerator is CudaAccelerator ? _accelerator.MemorySize : GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;

    /// <inheritdoc cref="Memory"/>
    public long FreeMemory => _accelerator is CudaAccelerator cuda ? cuda.GetFreeMemory() : Memory;

    /// <summary>"CUDA 12.8"; empty where there is none.</summary>
    public string Driver => _accelerator is CudaAccelerator { DriverVersion: var version } ? $"CUDA {version.Major}.{version.Minor}" : "";

    /// <summary>"9.0"; empty where there is none.</summary>
    public string Capability =>
        _accelerator is CudaAccelerator { Architecture: var architecture } ? $"{architecture.Major}.{architecture.Minor}" : "";

    /// <summary>Groups of threads that run at the same time.</summary>
    public int Multiprocessors => _accelerator.NumMultiprocessors;

    /// <summary>The first of NVIDIA's graphics processors, or why there is none to use.</summary>
    public static Result<Device> Open()
    {
        if (!DriverLibrary.Exists) return Unavailable("NVIDIA's driver isn't there (libcuda.so.1)");
        DriverLibrary.Register();
        Intrinsics.Register();
        Context? context = null;
        try
        {
            context = Context.Create(builder => builder.Cuda().Optimize(OptimizationLevel.O2));
            var devices = context.GetCudaDevices();
            if (devices.Count == 0) return Fail(context, "NVIDIA's driver knows of no processor");
            var device = devices[0];
            if (device.Architecture is not { Major: >= OldestMajor })
                return Fail(context, $"{device.Name} is too old: it computes with {device.Architecture}, and SM_{OldestMajor}0 is needed");
            return new Device(context, device.CreateCudaAccelerator(context), groupSize: null);
        }
        catch (Exception e) when (IsOfDevice(e))
        {
            return Fail(context, Reason(e));
        }
    }

    /// <summary>Threads of the processor in groups of this size, which run the same kernels slowly.</summary>
    public static Device OnProcessor(int groupSize)
    {
        Intrinsics.Register();
        var device = new CPUDevice(Math.Max(LeastWarp, groupSize), 1, 1);
        var context = Context.Create(builder => builder.CPU(device).Optimize(OptimizationLevel.O2));
        return new Device(context, context.GetCPUDevice(0).CreateCPUAccelerator(context), groupSize);
    }

    /// <summary>Whether an exception tells of the device or its driver, and not of a fault of ours.</summary>
    public static bool IsOfDevice(Exception e) =>
        e is AcceleratorException or CudaException or InternalCompilerException or NotSupportedException or DllNotFoundException
            or EntryPointNotFoundException or OutOfMemoryException or TypeInitializationException;

    public static string Reason(Exception e) => OneLine(e.GetBaseException().Message);

    /// <summary>A kernel by its method, compiled when it is first asked for.</summary>
    public Launch KernelOf(KernelMethod kernelMethod)
    {
        var (method, threads) = (kernelMethod.Method, _groupSize ?? kernelMethod.Threads);
        if (!_kernels.TryGetValue(kernelMethod.Name, out var kernel))
        {
            var entry = EntryPointDescription.FromExplicitlyGroupedKernel(method);
            var compiled = _accelerator.GetBackend().Compile(entry, new KernelSpecialization(threads, null));
            if (compiled is PTXCompiledKernel ptx) PtxText.Round(ptx);
            kernel = _accelerator.LoadKernel(compiled);
            _kernels.Add(kernelMethod.Name, kernel);
        }
        var launch = kernel.CreateLauncherDelegate<Action<AcceleratorStream, KernelConfig, Views>>();
        return (groups, views) => launch(_accelerator.DefaultStream, new KernelConfig(groups, threads), views);
    }

    /// <summary>Makes the device the calling thread's, as those that use it must.</summary>
    public void Bind() => _accelerator.Bind();

    /// <summary>Waits until all that was started is done.</summary>
    public void Wait() => _accelerator.Synchronize();

    /// <summary>Memory on the device, all 0.</summary>
    public MemoryBuffer1D<T, Stride1D.Dense> Allocate<T>(long length)
        where T : unmanaged
    {
        var buffer = _accelerator.Allocate1D<T>(Math.Max(1, length));
        buffer.MemSetToZero();
        return buffer;
    }

    public void Dispose()
    {
        foreach (var kernel in _kernels.Values) kernel.Dispose();
        _accelerator.Dispose();
        _context.Dispose();
    }

    private static Result<Device> Fail(Context? context, string reason)
    {
        context?.Dispose();
        return Unavailable(reason);
    }

    private static Fault.EngineUnavailable Unavailable(string reason) =>
        new(GpuEngine.EngineName, reason, "use the default engine, which trains on the cores and gives the same bits");

    private static string OneLine(string text) => text.ReplaceLineEndings(" ").Trim();
}
