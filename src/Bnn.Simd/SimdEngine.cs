using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;
using Bnn.Core;

namespace Bnn.Simd;

/// <summary>The default engine: managed code on the processor's vector registers, one thread per training, no native library.</summary>
/// <param name="scalar">Trains with the reference kernels: the same bits, slowly.</param>
public sealed class SimdEngine(bool scalar = false) : ITrainingEngine
{
    /// <summary>The share of kept weights below which keeping these alone is faster than masks on dense kernels.</summary>
    internal const double SparseBelow = 0.3;

    public string Name => "simd";

    public int Numerics => 2;

    public string Description => (scalar, HasFma) switch
    {
        (true, true) => "scalar reference kernels: slow, the same bits",
        (true, false) => "scalar reference kernels, since there is neither AVX-512 nor AVX2 with FMA: slow, the same bits",
        (false, true) => Level,
        (false, false) => "vector kernels without FMA: slow, the same bits",
    };

    /// <summary>
    /// Whether this machine multiplies and adds in one instruction; on x86, AVX2 comes with it. Without it the runtime calls a function
    /// for every lane; the reference kernels, which don't take vectors apart and reassemble them around each call, are then faster.
    /// </summary>
    public static bool HasFma => Fma.IsSupported || AdvSimd.IsSupported;

    /// <summary>
    /// The instructions that the kernels use. Where the runtime prefers vectors narrower than the widest (DOTNET_PreferredVectorBitWidth,
    /// some processors) it reports 512 bits as not accelerated, and yet compiles 512-bit code to AVX-512.
    /// </summary>
    private static string Level =>
        Vector512.IsHardwareAccelerated ? "512-bit vectors (AVX-512)"
        : Avx512F.IsSupported ? "512-bit vectors (AVX-512), though the runtime prefers narrower ones"
        : Avx2.IsSupported ? "256-bit vectors (AVX2, FMA)"
        : "128-bit vectors";

    public bool CanFreeze => true;

    /// <summary>The noise of a seed's named streams, for another engine.</summary>
    public INoise Noise(NoiseSource.OfSeed source) =>
        scalar ? new PhiloxNoise<ScalarKernels>(source) : new PhiloxNoise<VectorKernels>(source);

    public IBayesianStepper Bayesian(BayesianSetup setup, Samples train)
    {
        setup.Check();
        return scalar ? Bayesian<ScalarKernels>(setup, train) : Bayesian<VectorKernels>(setup, train);
    }

    public IStepper Ordinary(OrdinarySetup setup, Samples train)
    {
        setup.Check();
        return scalar ? Ordinary<ScalarKernels>(setup, train) : Ordinary<VectorKernels>(setup, train);
    }

    public NetworkProbe Probe(PointWeights weights, Samples samples, ReadOnlySpan<int> items) => scalar
        ? Probe<ScalarKernels>(weights, samples, items)
        : Probe<VectorKernels>(weights, samples, items);

    public Evaluation Evaluate(PointWeights weights, Samples samples)
    {
        var optimizer = new Optimizer.Sgd(1);       // never steps: no moments
        using var stepper = Ordinary(new OrdinarySetup(weights, Mask: null, optimizer, Batch: 1), samples);
        return stepper.Evaluate(samples, []);
    }

    public float[] Logits(PointWeights weights, Samples samples) => scalar
        ? Logits<ScalarKernels>(weights, samples)
        : Logits<VectorKernels>(weights, samples);

    private static float[] Logits<TKernels>(PointWeights weights, Samples samples)
        where TKernels : IKernels
    {
        using var stepper = new OrdinaryStepper<TKernels>(
            new OrdinarySetup(weights, Mask: null, new Optimizer.Sgd(1), Batch: 1), samples);
        return stepper.Logits(samples);
    }

    private static IBayesianStepper Bayesian<TKernels>(BayesianSetup setup, Samples train)
        where TKernels : IKernels => IsSparse(setup.Mask)
            ? new SparseBayesianStepper<TKernels>(setup, train)
            : new BayesianStepper<TKernels>(setup, train);

    private static IStepper Ordinary<TKernels>(OrdinarySetup setup, Samples train)
        where TKernels : IKernels => !setup.FreezesPruned && IsSparse(setup.Mask)
            ? new TicketStepper<TKernels>(setup, train)
            : new OrdinaryStepper<TKernels>(setup, train);

    /// <summary>
    /// Whether a mask keeps few weights. Depends on its density alone, so that a training's bits are a function of its settings. Where
    /// pruned weights are frozen, few are kept but none can be left out.
    /// </summary>
    internal static bool IsSparse(Mask? mask)
    {
        if (mask is null) return false;
        var (kept, all) = (0L, 0L);
        foreach (var layer in mask.Layers)
        {
            all += layer.Kept.Length;
            kept += layer.Kept.Length - layer.Kept.AsSpan().Count((byte)0);
        }
        return kept < SparseBelow * all;
    }

    private NetworkProbe Probe<TKernels>(PointWeights weights, Samples samples, ReadOnlySpan<int> items)
        where TKernels : IKernels
    {
        const int Most = 100;
        var net = new Architecture([weights.Layers[0].Shape.Inputs, .. weights.Layers.Select(layer => layer.Shape.Outputs)]);
        var sums = new ProbeSums(net);
        while (!items.IsEmpty)
        {
            // Whole batches of one size, then the rest as a batch of its own.
            var size = Math.Min(Most, items.Length);
            using var stepper = new OrdinaryStepper<TKernels>(new OrdinarySetup(weights, Mask: null, new Optimizer.Sgd(1), size), samples);
            for (; items.Length >= size; items = items[size..]) stepper.AddTo(sums, items[..size]);
        }
        return sums.Means();
    }
}
