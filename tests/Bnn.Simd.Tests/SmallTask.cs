using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Bnn.Core;
using Bnn.Tests;
using Architecture = Bnn.Core.Architecture;

namespace Bnn.Simd.Tests;

/// <summary>A small problem made from a seed.</summary>
internal sealed class SmallTask
{
    private readonly int _batch;

    public SmallTask(Architecture net, int batch, Seed seed, int? zeroInput = null, int? count = null, bool pixels = false)
    {
        (Net, _batch, Seed) = (net, batch, seed);
        var (width, rows) = (net.Sizes[0], count ?? batch);
        var values = new float[rows * width];
        NormalDraws.FillRow(seed.Stream(StreamName.Split, 9), 0, 0, values);
        for (var k = 0; k < values.Length; k++) values[k] = values[k] < 0.3f || k % width == zeroInput ? 0 : values[k];
        var labelStream = seed.Stream(StreamName.Split, 8);
        byte[] labels = [.. Enumerable.Range(0, rows).Select(row => (byte)(labelStream.Word(0, (uint)row) % (uint)net.Sizes[^1]))];
        Samples = pixels
            ? Samples.FromPixels(Array.ConvertAll(values, value => (byte)Math.Min(255, 100 * value)), labels, width)
            : Samples.FromValues(values, labels, width);
        for (var row = 0; row < rows; row++) Samples.CopyRow(row, values.AsSpan(row * width, width));
        X = EngineCase.Doubles(values);
        Items = [.. Enumerable.Range(0, batch)];
        Mask = Random(0.5, MaskScope.Layerwise);
    }

    public Architecture Net { get; }

    public Seed Seed { get; }

    public double[] X { get; }

    public Samples Samples { get; }

    public int[] Items { get; }

    /// <summary>A mask that keeps half of each layer's weights.</summary>
    public Mask Mask { get; }

    /// <summary>
    /// Masks that keep few weights: chosen from all together and by layer, one that keeps nothing of a layer, and one that keeps nothing
    /// of an input.
    /// </summary>
    public IEnumerable<Mask> Tickets
    {
        get
        {
            foreach (var density in (double[])[0.05, 0.2])
                foreach (var scope in (MaskScope[])[MaskScope.Global, MaskScope.Layerwise]) yield return Random(density, scope);
            var most = Random(0.2, MaskScope.Layerwise);
            yield return Without(most, (int)(Seed.Value % (ulong)Net.Layers.Length), _ => true);
            yield return Without(most, 0, w => w / Net.Layers[0].Outputs == Net.Sizes[0] / 2);
        }
    }

    public BayesianSetup BayesianSetup(Mask? mask = null, Optimizer? optimizer = null) => new(
        Initialisation.Posterior(Seed, Net), optimizer ?? new Optimizer.Adam(0.0012), _batch, 1.0 / 60, 1, LayerPosterior.ScaleEpsilon,
        new NoiseSource.OfSeed(Seed), mask);

    public IBayesianStepper BayesianStepper(ITrainingEngine engine, Mask? mask = null) => engine.Bayesian(BayesianSetup(mask), Samples);

    public OrdinarySetup Setup(Mask? mask, Optimizer? optimizer = null) =>
        new(Start(mask), mask, optimizer ?? new Optimizer.Adam(0.0012), _batch);

    /// <summary>The same with frozen weights.</summary>
    public OrdinarySetup Freezing(Mask? mask) => Setup(mask) with { Start = Start(null), FreezesPruned = true };

    public IStepper MaskedStepper(ITrainingEngine engine) => engine.Ordinary(Setup(Mask), Samples);

    public TicketStepper<TKernels> TicketStepper<TKernels>(Mask mask, Optimizer? optimizer = null)
        where TKernels : IKernels => new(Setup(mask, optimizer), Samples);

    /// <summary>A hash over all bits of a training and an evaluation after it; disposes of the stepper.</summary>
    public string Bits(IStepper stepper, int steps)
    {
        using var held = stepper;
        var losses = Losses(stepper, steps);
        var evaluation = stepper.Evaluate(Samples, []);
        losses.Add(new StepLoss(evaluation.Nll, evaluation.Correct));
        float[] parameters = stepper is IBayesianStepper bayesian
            ? [.. bayesian.Posterior().Layers.SelectMany(layer => layer.Mu.Concat(layer.Rho).Concat(layer.Bias))]
            : [.. Weights(stepper).Layers.SelectMany(layer => layer.Weight.Concat(layer.Bias))];
        return Convert.ToHexStringLower(SHA256.HashData([
            .. MemoryMarshal.AsBytes(parameters.AsSpan()), .. MemoryMarshal.AsBytes(CollectionsMarshal.AsSpan(losses))]));
    }

    public List<StepLoss> Losses(IStepper stepper, int steps)
    {
        var batches = new Batches(Seed, [.. Enumerable.Range(0, Samples.Count)], _batch);
        var (items, losses) = (new int[_batch], new List<StepLoss>());
        for (var t = 1; t <= steps; t++)
        {
            batches.At(t, items);
            losses.Add(stepper.Step(items));
        }
        return losses;
    }

    public PointWeights Weights(IStepper stepper)
    {
        var weights = PointWeights.Zero(Net);
        stepper.CopyWeightsTo(weights);
        return weights;
    }

    /// <summary>The Bayesian training as the definition takes it, with the noise of the engine's streams.</summary>
    public FlipoutNet Definition()
    {
        var start = Initialisation.Posterior(Seed, Net);
        return new FlipoutNet(
            [.. start.Layers.Select(layer => new DefinitionLayer(
                layer.Shape, EngineCase.Doubles(layer.Mu), EngineCase.Doubles(layer.Rho), EngineCase.Doubles(layer.Bias)))],
            step => SeedNoise.Of(Seed, Net, _batch, step),
            new ElboSettings(1, LayerPosterior.ScaleEpsilon, 1, 60), X, Labels(_batch));
    }

    /// <summary>The definition's training of a masked Bayesian net.</summary>
    public FlipoutNet MaskedDefinition(Mask mask)
    {
        var whole = Definition();
        return whole with
        {
            Layers = [.. whole.Layers.Zip(mask.Layers, (layer, kept) => layer with
            {
                Mask = kept.Kept,
                Mu = [.. layer.Mu.Select((mu, w) => kept.Kept[w] * mu)],
                Rho = [.. layer.Rho!.Select((rho, w) => kept.Kept[w] != 0 ? rho : 0)],
            })],
        };
    }

    /// <summary>The definition's masked training, or its evaluation of the first items.</summary>
    public FlipoutNet Definition(Mask? mask, int? items = null) => new(
        [.. Start(mask).Layers.Select((layer, l) => new DefinitionLayer(
            layer.Shape, EngineCase.Doubles(layer.Weight), null, EngineCase.Doubles(layer.Bias), mask?.Layers[l].Kept))],
        _ => [], new ElboSettings(1, 0, 0, 1), X[..((items ?? _batch) * Net.Sizes[0])], Labels(items ?? _batch));

    private PointWeights Start(Mask? mask)
    {
        var means = Initialisation.Posterior(Seed, Net).Means();
        return mask is null ? means : means.Masked(mask);
    }

    private int[] Labels(int items) => [.. Samples.Labels.Take(items).Select(label => (int)label)];

    private Mask Random(double density, MaskScope scope)
    {
        var criterion = Net.Layers.Select((shape, l) =>
            Enumerable.Range(0, shape.Weights).Select(w => (double)Seed.Stream(StreamName.Shuffle, l).Word(1, (uint)w)).ToArray()).ToList();
        return scope == MaskScope.Global
            ? MaskSelection.Globally(Net, criterion, Keep.Highest, 1 - density, previous: null)
            : MaskSelection.AtRates(Net, criterion, Keep.Highest, [.. Net.Layers.Select(_ => 1 - density)], previous: null);
    }

    private static Mask Without(Mask mask, int layer, Func<int, bool> isPruned) => new(mask.Layers.SetItem(layer, mask.Layers[layer] with
    {
        Kept = [.. mask.Layers[layer].Kept.Select((kept, w) => isPruned(w) ? (byte)0 : kept)],
    }));
}
