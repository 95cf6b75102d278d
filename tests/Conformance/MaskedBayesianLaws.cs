using Bnn.Core;
using Bnn.Tests;

namespace Bnn.Conformance;

/// <summary>
/// Masked Bayesian nets of every engine against the definition: a pruned weight doesn't exist, and the others are as in the whole net.
/// </summary>
public sealed class MaskedBayesianLaws
{
    private const int Batch = 20, Images = 60;
    private static readonly Architecture Net = new([30, 70, 20, 4]);
    private static readonly Seed Seed = new(21);

    /// <summary>Shares of kept weights; −1 keeps nothing of the second layer, −2 nothing of some inputs and outputs.</summary>
    private static readonly double[] Densities = [0.9, 0.5, 0.2, 0.05, 0, -1, -2];

    public static TheoryData<string, double> All
    {
        get
        {
            var data = new TheoryData<string, double>();
            foreach (var name in Engines.Names)
                foreach (var density in Densities) data.Add(name, density);
            return data;
        }
    }

    public static TheoryData<string> Names => new(Engines.Names);

    [Theory, MemberData(nameof(All))]
    public void Steps_are_those_of_the_definition_with_the_noise_of_the_whole_net(string name, double density)
    {
        foreach (var (optimizer, steps) in ((Optimizer, int)[])[
            (new Optimizer.Adam(0.003), 5), (new Optimizer.Sgd(0.05), OptimizerDefinition.FlushEvery + 2)])
        {
            var definition = Definition(Mask(density));
            using var run = FlipoutRun.Start(definition, Engines.Named(name), optimizer, new NoiseSource.OfSeed(Seed));
            var train = definition.Train(optimizer);
            for (var t = 1; t <= steps; t++)
            {
                var (expected, actual) = (train(t), run.Step());
                Near.Check($"nll of step {t}", expected.Nll, actual.Nll, Near.Mixed(2e-5));
                Near.Check($"kl of step {t}", expected.Kl.Sum(), actual.Kl, Near.Mixed(1e-5));
            }
            foreach (var (l, (layer, found)) in definition.Layers.Zip(run.Stepper.Posterior().Layers).Index())
            {
                Near.Check($"mu of layer {l}", layer.Mu, EngineCase.Doubles(found.Mu), Near.Mixed(6e-5));
                Near.Check($"rho of layer {l}", layer.Rho!, EngineCase.Doubles(found.Rho), Near.Mixed(6e-5));
                Near.Check($"bias of layer {l}", layer.Bias, EngineCase.Doubles(found.Bias), Near.Mixed(6e-5));
            }
        }
    }

    /// <summary>Checks that the start's values there are ignored.</summary>
    [Theory, MemberData(nameof(All))]
    public void Pruned_means_scales_and_moments_are_positive_zero_after_every_step(string name, double density)
    {
        var mask = Mask(density);
        using var stepper = Start(Engines.Named(name), mask, new Optimizer.Adam(0.0012), Initialisation.Posterior(Seed, Net));
        var weights = PointWeights.Zero(Net);
        Check();
        foreach (var _ in Enumerable.Range(0, OptimizerDefinition.FlushEvery + 2))
        {
            stepper.Step(Items);
            Check();
        }

        void Check()
        {
            stepper.CopyWeightsTo(weights);
            var (posterior, state) = (stepper.Posterior(), stepper.State());
            for (var l = 0; l < mask.Layers.Length; l++)
            {
                float[][] arrays = [weights.Layers[l].Weight, posterior.Layers[l].Mu, posterior.Layers[l].Rho,
                    .. state.Tensors.Where(tensor =>
                        tensor.Name.StartsWith($"layer{l + 1}.", StringComparison.Ordinal) && tensor.Shape.Length == 2)
                        .Select(tensor => tensor.Floats!)];
                Assert.Equal(9, arrays.Length);
                foreach (var values in arrays)
                    for (var w = 0; w < values.Length; w++)
                        if (mask.Layers[l].Kept[w] == 0) Assert.Equal(0, BitConverter.SingleToInt32Bits(values[w]));
            }
        }
    }

    [Theory, MemberData(nameof(Names))]
    public void A_mask_that_keeps_all_gives_the_bits_of_none(string name)
    {
        foreach (var optimizer in (Optimizer[])[new Optimizer.Adam(0.0012), new Optimizer.Sgd(0.1)])
        {
            var start = Initialisation.Posterior(Seed, Net);
            using var whole = Start(Engines.Named(name), null, optimizer, start);
            using var masked = Start(Engines.Named(name), Core.Mask.All(Net), optimizer, start);
            for (var t = 0; t < OptimizerDefinition.FlushEvery + 2; t++) Assert.Equal(whole.Step(Items), masked.Step(Items));
            foreach (var (a, b) in whole.State().Tensors.Zip(masked.State().Tensors)) Assert.Equal(a.Floats, b.Floats);
        }
    }

    [Theory, MemberData(nameof(All))]
    public void Evaluation_takes_the_kept_means(string name, double density)
    {
        var mask = Mask(density);
        var engine = Engines.Named(name);
        using var stepper = Start(engine, mask, new Optimizer.Adam(0.01), Initialisation.Posterior(Seed, Net));
        for (var t = 0; t < 3; t++) stepper.Step(Items);
        var expected = engine.Evaluate(stepper.Posterior().Means(), Data);
        var found = stepper.Evaluate(Data, []);
        Near.Check("nll", expected.Nll, found.Nll, Near.Relative(2e-6));
        Assert.Equal((expected.Correct, expected.Count), (found.Correct, found.Count));
    }

    [Theory, MemberData(nameof(Names))]
    public void A_mask_of_another_net_is_refused(string name)
    {
        var (engine, start) = (Engines.Named(name), Initialisation.Posterior(Seed, Net));
        foreach (var sizes in (int[][])[[30, 70, 20], [30, 70, 4, 20], [70, 30, 20, 4]])
            Assert.Throws<ArgumentException>(() => Start(engine, Core.Mask.All(new Architecture([.. sizes])), new Optimizer.Sgd(1), start));
        var mask = Core.Mask.All(Net);
        mask = new Mask(mask.Layers.SetItem(1, mask.Layers[1] with { Kept = new byte[3] }));
        Assert.Throws<ArgumentException>(() => Start(engine, mask, new Optimizer.Sgd(1), start));
    }

    private static int[] Items { get; } = [.. Enumerable.Range(0, Batch)];

    private static Samples Data { get; } = EngineCase.Problem(Seed, Net, Images);

    private static IBayesianStepper Start(ITrainingEngine engine, Mask? mask, Optimizer optimizer, PosteriorSnapshot start) =>
        engine.Bayesian(
            new BayesianSetup(start, optimizer, Batch, 1.0 / Images, 0.7, LayerPosterior.ScaleEpsilon, new NoiseSource.OfSeed(Seed), mask),
            Data);

    private static FlipoutNet Definition(Mask mask)
    {
        var x = new float[Batch * Net.Sizes[0]];
        foreach (var row in Items) Data.CopyRow(row, x.AsSpan(row * Net.Sizes[0], Net.Sizes[0]));
        return new FlipoutNet(
            [.. Initialisation.Posterior(Seed, Net).Layers.Zip(mask.Layers, (layer, kept) =>
                new DefinitionLayer(layer.Shape, Kept(layer.Mu, kept), Kept(layer.Rho, kept), EngineCase.Doubles(layer.Bias), kept.Kept))],
            step => SeedNoise.Of(Seed, Net, Batch, step), new ElboSettings(0.7, LayerPosterior.ScaleEpsilon, 1, Images),
            EngineCase.Doubles(x), [.. Items.Select(row => (int)Data.Labels[row])]);
    }

    private static double[] Kept(float[] values, LayerMask mask) => [.. values.Select((value, w) => mask.Kept[w] != 0 ? (double)value : 0)];

    private static Mask Mask(double density) =>
        new([.. Net.Layers.Select((shape, l) => new LayerMask(shape, [.. Enumerable.Range(0, shape.Weights).Select(w =>
    {
        var chosen = Seed.Stream(StreamName.Shuffle, l).Word(1, (uint)w) < (density < 0 ? 0.25 : density) * uint.MaxValue;
        var (input, output) = (w / shape.Outputs, w % shape.Outputs);
        var emptied = density == -1 ? l == 1 : density == -2 && (input % 5 == 1 || output % 4 == 2);
        return chosen && !emptied ? (byte)1 : (byte)0;
    })]))]);
}
