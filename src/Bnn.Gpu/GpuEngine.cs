using System.Globalization;
using Bnn.Core;
using Bnn.Simd;

namespace Bnn.Gpu;

/// <summary>
/// The managed engine with a graphics processor beside the cores: nets that share a recipe are trained there together, hundreds at a time,
/// with the same bits. So it goes by the managed engine's name, and its trainings have the same keys.
/// </summary>
public sealed class GpuEngine : ITrainingEngine, IDisposable
{
    /// <summary>What it is called where it is chosen, and in faults; keys have <see cref="Name"/>.</summary>
    public const string EngineName = "gpu";

    private readonly SimdEngine _cores;
    private readonly Conductor _conductor;
    private readonly GpuOptions _options;
    private readonly SemaphoreSlim _freeCores;

    private GpuEngine(SimdEngine cores, Device device, GpuOptions options)
        : this(cores, new Conductor(device, options), options, new SemaphoreSlim(options.Cores),
            new(device.Name, device.Driver, device.Capability, device.Memory, device.Multiprocessors))
    {
    }

    private GpuEngine(SimdEngine cores, Conductor conductor, GpuOptions options, SemaphoreSlim freeCores, DeviceListing device) =>
        (_cores, _conductor, _options, _freeCores, Device) = (cores, conductor, options, freeCores, device);

    public string Name => _cores.Name;

    public int Numerics => _cores.Numerics;

    public string Description => $"{Device.Name}, and {_cores.Description}";

    public bool CanFreeze => _cores.CanFreeze;

    public int BesideCores => Lost is null ? _options.Nets : 0;

    public DeviceListing Device { get; }

    /// <summary>Why the device isn't used any more; null while it is.</summary>
    public string? Lost => _conductor.Lost;

    /// <summary>Steps that nets did on the device, for what has to know whether it was used.</summary>
    public long StepsOnDevice => _conductor.Steps;

    /// <summary>The engine, or why no graphics processor can be used here.</summary>
    public static Result<GpuEngine> Open(SimdEngine cores, GpuOptions options) =>
        Gpu.Device.Open().Map(device => new GpuEngine(cores, device, options));

    /// <summary>The engine with threads that stand for a graphics processor: the same kernels, slowly.</summary>
    /// <param name="groupSize">Threads of a group, a power of two.</param>
    public static GpuEngine OnProcessor(SimdEngine cores, GpuOptions options, int groupSize) =>
        new(cores, Gpu.Device.OnProcessor(groupSize), options);

    /// <summary>
    /// The fingerprint of the arithmetic on the device, every net trained there, if it is the one of this version and what it doesn't stand
    /// for has the cores' bits, too; what to do otherwise.
    /// </summary>
    public Result<string> CheckFingerprint()
    {
        try
        {
            var onDevice = new GpuEngine(_cores, _conductor, _options with { Fewest = 1 }, _freeCores, Device);
            var found = Fingerprint.Of(onDevice);
            if (found == Fingerprint.Expected(Numerics) && Fingerprint.DifferenceOf(onDevice, _cores) is { } difference)
                found = $"other bits in {difference}";
            return found == Fingerprint.Expected(Numerics) ? found : new Fault.WrongArithmetic(
                EngineName, $"the fingerprint {Fingerprint.Expected(Numerics)} (numerics {Numerics}) on {Device.Name}", found,
                "train on the cores (--engine simd), and report this with what host doctor prints");
        }
        catch (DeviceLostException e)
        {
            return new Fault.EngineUnavailable(EngineName, e.Message, "train on the cores (--engine simd)");
        }
    }

    /// <summary>What is handed to NVIDIA's driver: each kernel's name and text, made without a device.</summary>
    public static IEnumerable<(string Name, string Text)> KernelTexts() => (
        from kind in Enum.GetValues<NetKind>()
        from evaluates in (bool[])[false, true]
        select Fleet.KernelOf(kind, evaluates)).Distinct().Select(kernel => (kernel.Name, PtxText.Of(kernel)));

    public IBayesianStepper Bayesian(BayesianSetup setup, Samples train)
    {
        setup.Check();
        // Noise that someone gives is given to the cores.
        if (setup.Noise is not NoiseSource.OfSeed noise) return _cores.Bayesian(setup, train);
        var kind = KindOf(setup);
        return new MovingBayesianStepper(
            Place(kind, setup.Start.Layers.Select(layer => layer.Shape), setup.Batch, train), new NetMap(kind, setup, noise),
            () => _cores.Bayesian(setup, train));
    }

    public IStepper Ordinary(OrdinarySetup setup, Samples train)
    {
        setup.Check();
        var kind = KindOf(setup);
        return new MovingStepper(
            Place(kind, setup.Start.Layers.Select(layer => layer.Shape), setup.Batch, train), new NetMap(kind, setup),
            () => _cores.Ordinary(setup, train));
    }

    public NetworkProbe Probe(PointWeights weights, Samples samples, ReadOnlySpan<int> items) => _cores.Probe(weights, samples, items);

    public Evaluation Evaluate(PointWeights weights, Samples samples) => _cores.Evaluate(weights, samples);

    public float[] Logits(PointWeights weights, Samples samples) => _cores.Logits(weights, samples);

    public void Dispose()
    {
        _conductor.Dispose();
        _freeCores.Dispose();
    }

    /// <summary>Which kernels train a net: the managed engine's choice, since the kinds add in different orders.</summary>
    internal static NetKind KindOf(BayesianSetup setup) =>
        SimdEngine.IsSparse(setup.Mask) ? NetKind.SparseFlipout : NetKind.Flipout;

    /// <inheritdoc cref="KindOf(BayesianSetup)"/>
    internal static NetKind KindOf(OrdinarySetup setup) =>
        !setup.FreezesPruned && SimdEngine.IsSparse(setup.Mask) ? NetKind.Sparse : NetKind.Dense;

    private Quarters Place(NetKind kind, IEnumerable<LayerShape> shapes, int batch, Samples train)
    {
        LayerShape[] layers = [.. shapes];
        var sizes = string.Join(',', layers.Select(shape => shape.Inputs).Append(layers[^1].Outputs)
            .Select(size => size.ToString(CultureInfo.InvariantCulture)));
        return new(new Recipe(kind, sizes, batch, train), _conductor, _freeCores, _options);
    }
}

/// <summary>A graphics processor for people to read.</summary>
/// <param name="Name">As its maker calls it.</param>
/// <param name="Driver">"CUDA 12.8"; empty for threads that stand for a processor, which have none.</param>
/// <param name="Capability">"9.0"; empty for threads that stand for one.</param>
/// <param name="Memory">Bytes.</param>
/// <param name="Multiprocessors">Groups of threads that run at the same time.</param>
public sealed record DeviceListing(string Name, string Driver, string Capability, long Memory, int Multiprocessors)
{
    /// <summary>"NVIDIA H100 80GB HBM3, CUDA 12.8, compute capability 9.0, 85.0 GB, 132 multiprocessors".</summary>
    public override string ToString()
    {
        var driver = Driver.Length > 0 ? $", {Driver}, compute capability {Capability}" : "";
        return string.Create(
            CultureInfo.InvariantCulture, $"{Name}{driver}, {Memory / 1e9:0.0} GB, {Multiprocessors} multiprocessors");
    }
}
