using Bnn.Core;
using Bnn.Tests;

namespace Bnn.Gpu.Tests;

/// <summary>Small nets of every kind, and their training on the cores and elsewhere.</summary>
internal static class Nets
{
    public static readonly Seed Seed = new(7);

    /// <summary>Every kind of net that is trained by code of its own.</summary>
    public static readonly string[] Kinds =
        ["dense", "masked", "frozen", "sparse", "Bayesian", "masked Bayesian", "sparse Bayesian"];

    /// <summary>A stepper of a kind.</summary>
    public static IStepper Stepper(ITrainingEngine engine, string kind, Architecture net, Samples samples, Optimizer optimizer, int batch)
    {
        var start = Initialisation.Posterior(Seed, net);
        Mask? mask = kind switch
        {
            "dense" or "Bayesian" => null,
            "sparse" or "sparse Bayesian" => EngineCase.MaskOf(Seed, net, 0.2),
            _ => EngineCase.MaskOf(Seed, net, 0.6),
        };
        if (kind.EndsWith("Bayesian", StringComparison.Ordinal))
        {
            return engine.Bayesian(
                new BayesianSetup(start, optimizer, batch, 1.0 / samples.Count, PriorScale: 0.7, LayerPosterior.ScaleEpsilon,
                    new NoiseSource.OfSeed(Seed, Replicate: 2), mask)
                { StepsBefore = 5 },
                samples);
        }
        return engine.Ordinary(new OrdinarySetup(start.Means(), mask, optimizer, batch) { FreezesPruned = kind == "frozen" }, samples);
    }

    /// <summary>Rows of pixels or of numbers, a third of which are zero.</summary>
    public static Samples Samples(Architecture net, int count, bool arePixels)
    {
        var numbers = EngineCase.Problem(Seed, net, count);
        if (!arePixels) return numbers;
        var row = new float[net.Sizes[0]];
        var pixels = new byte[count * row.Length];
        for (var r = 0; r < count; r++)
        {
            numbers.CopyRow(r, row);
            for (var i = 0; i < row.Length; i++) pixels[r * row.Length + i] = (byte)Math.Min(255, 90 * row[i]);
        }
        return Core.Samples.FromPixels(pixels, numbers.Labels, row.Length);
    }

    /// <summary>Takes the same steps in both and compares losses, states and evaluations bit for bit.</summary>
    public static void Same(IStepper expected, IStepper actual, Samples samples, int batch, int steps)
    {
        var batches = new Batches(Seed, [.. Enumerable.Range(0, samples.Count)], batch);
        var items = new int[batch];
        for (var step = 1; step <= steps; step++)
        {
            batches.At(step, items);
            Assert.Equal(expected.Step(items), actual.Step(items));
        }
        EngineCase.Same(expected.State(), actual.State());
        Assert.Equal(expected.Evaluate(samples, []), actual.Evaluate(samples, []));
        Assert.Equal(expected.Evaluate(samples, items), actual.Evaluate(samples, items));
    }
}
