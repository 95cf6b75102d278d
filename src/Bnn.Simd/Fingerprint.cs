using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Bnn.Core;
using Architecture = Bnn.Core.Architecture;

namespace Bnn.Simd;

/// <summary>
/// A few short trainings whose bits represent the engine's arithmetic: two machines, or two builds, with the same fingerprint give the
/// same results. Problem and noise are made from a seed, so nothing is read.
/// </summary>
/// <remarks>
/// Samples and masks borrow the streams of the split and of random strategies, which no training here uses otherwise: other streams would
/// give another fingerprint to the same arithmetic.
/// </remarks>
public static class Fingerprint
{
    /// <summary>Steps go past the flush of tiny numbers. The sparse ticket's batch takes a whole group of lanes and a narrow one.</summary>
    private const int Rows = 140, Batch = 12, SparseBatch = LaneMatrix.Group + 6, Steps = OptimizerDefinition.FlushEvery + 6;

    private static readonly Seed Seed = new(20261124);

    /// <summary>Widths on both sides of a tile of 64 columns, none of them a whole number of vectors.</summary>
    private static readonly Architecture Net = new([150, 90, 21, 10]);

    /// <summary>The fingerprint of a version of the arithmetic; null if it has none yet.</summary>
    public static string? Expected(int numerics) => numerics switch
    {
        2 => "1b49983154aefc3b",
        _ => null,
    };

    /// <summary>
    /// The first 16 hexadecimal digits of a hash over parameters, losses, evaluations and gradients, as <paramref name="engine"/>
    /// computes them here.
    /// </summary>
    public static string Of(ITrainingEngine engine)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var start = Start();
        foreach (var optimizer in (Optimizer[])[new Optimizer.Adam(0.0012), new Optimizer.Sgd(0.1)])
        {
            var samples = optimizer is Optimizer.Adam ? Pixels() : Numbers();
            using (var bayesian = engine.Bayesian(
                new(start, optimizer, Batch, 1.0 / Rows, PriorScale: 1, LayerPosterior.ScaleEpsilon, new NoiseSource.OfSeed(Seed)),
                samples))
            {
                AddTraining(hash, bayesian, samples, Batch);
                foreach (var layer in bayesian.Posterior().Layers) Add(hash, layer.Mu, layer.Rho, layer.Bias);
            }
            foreach (var (mask, batch) in ((Mask?, int)[])[(null, Batch), (Keeping(0.5), Batch), (Keeping(0.05), SparseBatch)])
            {
                var weights = mask is null ? start.Means() : start.Means().Masked(mask);
                using var stepper = engine.Ordinary(new(weights, mask, optimizer, batch), samples);
                AddTraining(hash, stepper, samples, batch);
                var final = PointWeights.Zero(Net);
                stepper.CopyWeightsTo(final);
                Add(hash, final);
            }
        }
        var probe = engine.Probe(start.Means(), Numbers(), [.. Enumerable.Range(0, Rows)]);
        Add(hash, probe.Gradient);
        Add(hash, [.. probe.InputActivity]);
        return Convert.ToHexStringLower(hash.GetHashAndReset())[..16];
    }

    /// <summary>
    /// What of the trainings that the fingerprint doesn't stand for, masked Bayesian nets and frozen weights, has other bits with one
    /// engine than with another; null if nothing has.
    /// </summary>
    public static string? DifferenceOf(ITrainingEngine engine, ITrainingEngine other)
    {
        var (start, adam, samples) = (Start(), new Optimizer.Adam(0.0012), Pixels());
        foreach (var share in (double[])[0.5, 0.05])
        {
            var setup = new BayesianSetup(
                start, adam, Batch, 1.0 / Rows, PriorScale: 1, LayerPosterior.ScaleEpsilon, new NoiseSource.OfSeed(Seed), Keeping(share));
            if (!Agree(trainer => trainer.Bayesian(setup, samples))) return $"a Bayesian net with {share:P0} of the weights";
        }
        var freezing = new OrdinarySetup(start.Means(), Keeping(0.5), adam, Batch) { FreezesPruned = true };
        return Agree(trainer => trainer.Ordinary(freezing, samples)) ? null : "a net with frozen weights";

        bool Agree(Func<ITrainingEngine, IStepper> stepperOf)
        {
            byte[][] hashes = [.. ((ITrainingEngine[])[engine, other]).Select(trainer =>
            {
                using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
                using var stepper = stepperOf(trainer);
                AddTraining(hash, stepper, samples, Batch);
                foreach (var tensor in stepper.State().Tensors) hash.AppendData(tensor.Content);
                return hash.GetHashAndReset();
            })];
            return hashes[0].AsSpan().SequenceEqual(hashes[1]);
        }
    }

    /// <summary>The fingerprint, if it is the one that belongs to the numerics version.</summary>
    public static Result<string> Check(ITrainingEngine engine) => Check(engine, Of(engine));

    internal static Result<string> Check(ITrainingEngine engine, string found)
    {
        var expected = Expected(engine.Numerics);
        return found == expected ? found : new Fault.WrongArithmetic(
            engine.Name, $"the fingerprint {expected ?? "of a version that has one"} (numerics {engine.Numerics})", found,
            "keep its results apart from those of other machines, compare with BNN_KERNEL=scalar, " +
            "and report both fingerprints with what this command prints");
    }

    /// <summary>Rows with many zeros; every fifth input is zero in all of them, as an image's border is.</summary>
    private static Samples Numbers()
    {
        var width = Net.Sizes[0];
        var values = new float[Rows * width];
        for (var row = 0; row < Rows; row++) NormalDraws.FillRow(Seed.Stream(StreamName.Split), 0, row, values.AsSpan(row * width, width));
        for (var k = 0; k < values.Length; k++) values[k] = values[k] < 0.3f || k % width % 5 == 0 ? 0f : values[k];
        return Samples.FromValues(values, Labels(), width);
    }

    /// <summary>Rows of the same kind as <see cref="Numbers"/>, as bytes.</summary>
    private static Samples Pixels()
    {
        var width = Net.Sizes[0];
        var stream = Seed.Stream(StreamName.Split, 1);
        var pixels = new byte[Rows * width];
        for (var k = 0; k < pixels.Length; k++)
        {
            var value = Math.Max(0, (int)(stream.Word(0, (uint)k) % 700) - 444);
            pixels[k] = (byte)(k % width % 5 == 0 ? 0 : value);
        }
        return Samples.FromPixels(pixels, Labels(), width);
    }

    private static byte[] Labels() => [.. Enumerable.Range(0, Rows).Select(row => (byte)(row % Net.Sizes[^1]))];

    /// <summary>
    /// The usual start except for one weight, which only the flush changes in an ordinary training: its input is always zero.
    /// </summary>
    private static PosteriorSnapshot Start()
    {
        var start = Initialisation.Posterior(Seed, Net);
        start.Layers[0].Mu[0] = -1e-33f;
        return start;
    }

    private static Mask Keeping(double share)
    {
        return new([.. Net.Layers.Select((shape, layer) =>
            new LayerMask(shape, [.. Enumerable.Range(0, shape.Weights).Select(w => Keep(layer, w))]))]);

        byte Keep(int layer, int w)
        {
            var word = Seed.Stream(StreamName.StrategyRandom, layer).Word(0, (uint)w);
            return (byte)(word < share * uint.MaxValue ? 1 : 0);
        }
    }

    /// <summary>Trains, and adds the loss of every step and the evaluation after the last one to the hash.</summary>
    private static void AddTraining(IncrementalHash hash, IStepper stepper, Samples samples, int batch)
    {
        var batches = new Batches(Seed, [.. Enumerable.Range(0, Rows)], batch);
        var items = new int[batch];
        for (var step = 1; step <= Steps; step++)
        {
            batches.At(step, items);
            var loss = stepper.Step(items);
            Add(hash, loss.Nll, loss.Kl);
        }
        var evaluation = stepper.Evaluate(samples, []);
        Add(hash, evaluation.Nll, evaluation.Correct);
    }

    private static void Add(IncrementalHash hash, PointWeights weights)
    {
        foreach (var layer in weights.Layers) Add(hash, layer.Weight, layer.Bias);
    }

    private static void Add(IncrementalHash hash, params ReadOnlySpan<float[]> arrays)
    {
        foreach (var array in arrays) hash.AppendData(MemoryMarshal.AsBytes(array.AsSpan()));
    }

    private static void Add(IncrementalHash hash, params ReadOnlySpan<double> numbers) => hash.AppendData(MemoryMarshal.AsBytes(numbers));
}
