using Bnn.Core;
using Bnn.Tests;

namespace Bnn.Conformance;

/// <summary>
/// Which noise a Bayesian net of every engine takes: that of its replicate, and after a rewind that of the whole net's steps.
/// </summary>
public sealed class NoiseLaws
{
    private const int Batch = 20, Images = 60;
    private static readonly Architecture Net = new([30, 70, 20, 4]);
    private static readonly Seed Seed = new(51);

    /// <summary>A density, that of no mask being 1, steps before the start, and a replicate.</summary>
    public static TheoryData<string, double, int, int> All
    {
        get
        {
            var data = new TheoryData<string, double, int, int>();
            foreach (var name in Engines.Names)
                foreach (var density in (double[])[1, 0.5, 0.05])
                    foreach (var (before, replicate) in ((int, int)[])[(0, 1), (7, 1), (0, 2), (100, NoiseSource.OfSeed.Replicates)])
                        data.Add(name, density, before, replicate);
            return data;
        }
    }

    public static TheoryData<string> Names => new(Engines.Names);

    /// <summary>With Adam, whose first steps are its own, whatever came before.</summary>
    [Theory, MemberData(nameof(All))]
    public void Steps_are_those_of_the_definition(string name, double density, int before, int replicate)
    {
        var setup = Setup(density, new NoiseSource.OfSeed(Seed, replicate), before);
        var (x, labels) = EngineCase.FirstOf(Data, Batch);
        var start = setup.Mask is { } mask ? setup.Start.Masked(mask) : setup.Start;
        var definition = new FlipoutNet(
            [.. start.Layers.Select((layer, l) => new DefinitionLayer(layer.Shape, EngineCase.Doubles(layer.Mu),
                EngineCase.Doubles(layer.Rho), EngineCase.Doubles(layer.Bias), setup.Mask?.Layers[l].Kept))],
            step => SeedNoise.Of(Seed, Net, Batch, before + step, replicate),
            new ElboSettings(setup.PriorScale, setup.ScaleEpsilon, 1, Images), x, labels);
        var train = definition.Train(setup.Optimizer);
        using var stepper = Engines.Named(name).Bayesian(setup, Data);
        for (var t = 1; t <= 4; t++) Near.Check($"nll of step {t}", train(t).Nll, stepper.Step(Items).Nll, Near.Mixed(2e-5));
        foreach (var (l, (layer, found)) in definition.Layers.Zip(stepper.Posterior().Layers).Index())
        {
            Near.Check($"mu of layer {l}", layer.Mu, EngineCase.Doubles(found.Mu), Near.Mixed(6e-5));
            Near.Check($"rho of layer {l}", layer.Rho!, EngineCase.Doubles(found.Rho), Near.Mixed(6e-5));
        }
    }

    [Theory, MemberData(nameof(Names))]
    public void Noise_that_is_given_is_asked_for_at_the_whole_nets_steps_too(string name)
    {
        const int Before = 7;
        foreach (var density in (double[])[1, 0.5, 0.05])
        {
            var given = new NoiseSource.Given(new GivenNoise(step => SeedNoise.Of(Seed, Net, Batch, step), Net));
            using var drawn = Engines.Named(name).Bayesian(Setup(density, new NoiseSource.OfSeed(Seed), Before), Data);
            using var fed = Engines.Named(name).Bayesian(Setup(density, given, Before), Data);
            for (var t = 0; t < 3; t++) Assert.Equal(drawn.Step(Items), fed.Step(Items));
            EngineCase.Same(drawn.State(), fed.State());
        }
    }

    [Theory, MemberData(nameof(Names))]
    public void Replicates_differ_in_their_noise_alone(string name)
    {
        foreach (var density in (double[])[1, 0.5, 0.05])
        {
            StepLoss[] losses = [.. ((int[])[1, 2, 3, 1]).Select(replicate =>
            {
                using var stepper = Engines.Named(name).Bayesian(Setup(density, new NoiseSource.OfSeed(Seed, replicate)), Data);
                return stepper.Step(Items);
            })];
            Assert.Equal(losses[0], losses[3]);
            Assert.Equal(3, losses.Select(loss => loss.Nll).Distinct().Count());
            Assert.Single(losses.Select(loss => loss.Kl).Distinct());
        }
    }

    [Theory, MemberData(nameof(Names))]
    public void Steps_below_0_before_the_start_are_refused(string name) => Assert.Throws<ArgumentException>(() =>
        Engines.Named(name).Bayesian(Setup(1, new NoiseSource.OfSeed(Seed), before: -1), Data));

    private static int[] Items { get; } = [.. Enumerable.Range(0, Batch)];

    private static Samples Data { get; } = EngineCase.Problem(Seed, Net, Images);

    private static BayesianSetup Setup(double density, NoiseSource noise, int before = 0) => new(
        Initialisation.Posterior(Seed, Net), new Optimizer.Adam(0.003), Batch, 1.0 / Images, 0.7, LayerPosterior.ScaleEpsilon, noise,
        density < 1 ? EngineCase.MaskOf(Seed, Net, density) : null)
    {
        StepsBefore = before,
    };
}
