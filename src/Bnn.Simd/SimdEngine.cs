using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Bnn.Contract;
using Bnn.Core;

namespace Bnn.Simd;

/// <summary>The default engine: managed code on the processor's vector registers, one thread a training, nothing native.</summary>
/// <remarks>BNN_KERNEL=scalar, passed in by the host, trains with the reference kernels: the same bits, slowly.</remarks>
public sealed class SimdEngine(bool scalar = false) : ITrainingEngine
{
    private readonly SparseSamplesCache _cache = new();

    public string Name => "simd";

    public int Numerics => 1;

    public string Description => scalar ? "scalar reference kernels" : Level;

    private static string Level =>
        Vector512.IsHardwareAccelerated ? "512-bit vectors (AVX-512)"
        : Vector256.IsHardwareAccelerated && Fma.IsSupported ? "256-bit vectors (AVX2, FMA)"
        : Vector128.IsHardwareAccelerated ? "128-bit vectors"
        : "no vector registers: slow, the same bits";

    public INoise Noise(Seed seed) => scalar ? new PhiloxNoise<ScalarKernels>(seed) : new PhiloxNoise<VectorKernels>(seed);

    public IBayesianStepper Bayesian(BayesianSetup setup, Samples train) => scalar
        ? new BayesianStepper<ScalarKernels>(setup, train, _cache)
        : new BayesianStepper<VectorKernels>(setup, train, _cache);

    public IStepper Deterministic(DeterministicSetup setup, Samples train) => scalar
        ? new DeterministicStepper<ScalarKernels>(setup, train, _cache)
        : new DeterministicStepper<VectorKernels>(setup, train, _cache);

    public NetworkProbe Probe(PointWeights weights, Samples samples, ReadOnlySpan<int> items) => scalar
        ? Probe<ScalarKernels>(weights, samples, items)
        : Probe<VectorKernels>(weights, samples, items);

    public Evaluation Evaluate(PointWeights weights, Samples samples)
    {
        var optimizer = new Optimizer.Sgd(1);       // never steps: no moments
        using var stepper = Deterministic(new DeterministicSetup(weights, Mask: null, optimizer, Batch: 1), samples);
        return stepper.Evaluate(samples, []);
    }

    private NetworkProbe Probe<TKernels>(PointWeights weights, Samples samples, ReadOnlySpan<int> items)
        where TKernels : IKernels
    {
        const int Most = 100;
        var sums = new ProbeSums(new Architecture([weights.Layers[0].Shape.Inputs, .. weights.Layers.Select(layer => layer.Shape.Outputs)]));
        while (!items.IsEmpty)
        {
            // Whole batches of one size, then the rest as a batch of its own.
            var size = Math.Min(Most, items.Length);
            using var stepper = new DeterministicStepper<TKernels>(new DeterministicSetup(weights, Mask: null, new Optimizer.Sgd(1), size), samples, _cache);
            for (; items.Length >= size; items = items[size..]) stepper.AddTo(sums, items[..size]);
        }
        return sums.Means();
    }
}
