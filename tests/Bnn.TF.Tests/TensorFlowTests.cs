using Bnn.Core;
using Bnn.Simd;
using Bnn.Tests;

namespace Bnn.TF.Tests;

/// <summary>TensorFlow compared with the default engine, and what only TensorFlow has.</summary>
public sealed class TensorFlowTests
{
    private static readonly Architecture Net = new([40, 30, 10]);
    private static readonly Seed Seed = new(3);
    private const int Batch = 12, Count = 240;

    [Fact]
    public void With_the_hosts_noise_both_engines_take_the_same_steps()
    {
        var (simd, tensorFlow) = (new SimdEngine(), Engines.Named("tensorflow"));
        using var one = Bayesian(simd, Seed);
        using var two = Bayesian(tensorFlow, Seed);
        var batches = new Batches(Seed, [.. Enumerable.Range(0, Count)], Batch);
        var items = new int[Batch];
        for (var t = 1; t <= 100; t++)
        {
            batches.At(t, items);
            var (a, b) = (one.Step(items), two.Step(items));
            Near.Check($"loss of step {t}", a.Nll + a.Kl / Count, b.Nll + b.Kl / Count, Near.Relative(1e-4));
            if (t != 10) continue;
            foreach (var (x, y) in one.Posterior().Layers.Zip(two.Posterior().Layers))
            {
                Near.Check("mu after 10 steps", EngineCase.Doubles(x.Mu), EngineCase.Doubles(y.Mu), Near.Absolute(1e-5));
                Near.Check("rho after 10 steps", EngineCase.Doubles(x.Rho), EngineCase.Doubles(y.Rho), Near.Absolute(1e-5));
            }
        }
    }

    [Fact]
    public void The_graphs_own_noise_follows_the_seed_and_differs_from_the_hosts()
    {
        var own = new TensorFlowEngine(Engines.Loaded, threads: 1, noise: null);
        Assert.Equal(Mu(own, Seed), Mu(own, Seed));
        Assert.NotEqual(Mu(own, Seed), Mu(own, new Seed(4)));
        Assert.NotEqual(Mu(own, Seed), Mu(own, Seed, replicate: 2));
        Assert.NotEqual(Mu(own, Seed), Mu(own, Seed, stepsBefore: 1));
        Assert.NotEqual(Mu(own, Seed), Mu(Engines.Named("tensorflow"), Seed));
        Assert.EndsWith("-graph-noise", own.Name, StringComparison.Ordinal);
        Assert.DoesNotContain("graph", Engines.Named("tensorflow").Name, StringComparison.Ordinal);
    }

    [Fact]
    public void Several_trainings_at_once_give_the_bits_of_one_alone_and_leave_the_managed_engine_alone()
    {
        var (simd, tensorFlow) = (new SimdEngine(), Engines.Named("tensorflow"));
        var (alone, managed) = (Mu(tensorFlow, Seed), Mu(simd, Seed));
        var all = new float[6][];
        var threads = Enumerable.Range(0, all.Length)
            .Select(k => new Thread(() => all[k] = Mu(k % 2 == 0 ? tensorFlow : simd, Seed)))
            .ToList();
        threads.ForEach(thread => thread.Start());
        threads.ForEach(thread => thread.Join());
        for (var k = 0; k < all.Length; k++) Assert.Equal(k % 2 == 0 ? alone : managed, all[k]);
    }

    [Fact]
    public void Two_threads_inside_an_operation_change_no_bit()
    {
        var two = new TensorFlowEngine(Engines.Loaded, threads: 2, new SimdEngine().Noise);
        Assert.Equal(Mu(Engines.Named("tensorflow"), Seed), Mu(two, Seed));
    }

    [Fact]
    public void A_failure_names_its_operation()
    {
        _ = Engines.Loaded;
        using var status = new Status();
        using var graph = new GraphHandle();
        var build = new GraphBuilder(graph, status);
        var a = build.Constant<float>(TfType.Float, [1, 2], [1, 2]);
        Assert.Contains("MatMul", Assert.Throws<TensorFlowException>(() => build.MatMul(a, a)).Message, StringComparison.Ordinal);
        var missing = Assert.Throws<TensorFlowException>(() => build.Gradients(build.SumAll(build.Op("Floor", a), 2), [a]));
        Assert.Contains("a gradient is not there", missing.Message, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public void A_tensor_for_which_there_is_no_memory_is_told()
    {
        _ = Engines.Loaded;
        var refused = Assert.Throws<TensorFlowException>(() => Tensor.Allocate(TfType.Float, [1L << 30, 1L << 25]));
        Assert.Contains("no memory for a tensor", refused.Message, StringComparison.Ordinal);
    }

    private static float[] Mu(ITrainingEngine engine, Seed seed, int replicate = 1, int stepsBefore = 0)
    {
        using var stepper = Bayesian(engine, seed, replicate, stepsBefore);
        var batches = new Batches(Seed, [.. Enumerable.Range(0, Count)], Batch);
        var items = new int[Batch];
        for (var t = 1; t <= 30; t++)
        {
            batches.At(t, items);
            stepper.Step(items);
        }
        return [.. stepper.Posterior().Layers.SelectMany(layer => layer.Mu)];
    }

    private static IBayesianStepper Bayesian(ITrainingEngine engine, Seed noise, int replicate = 1, int stepsBefore = 0)
    {
        var values = new float[Count * Net.Sizes[0]];
        NormalDraws.FillRow(Seed.Stream(StreamName.Split, 9), 0, 0, values);
        for (var k = 0; k < values.Length; k++) values[k] = values[k] < 0.5f ? 0 : values[k];
        var samples = Samples.FromValues(values, [.. Enumerable.Range(0, Count).Select(row => (byte)(row % 10))], Net.Sizes[0]);
        return engine.Bayesian(
            new BayesianSetup(
                Initialisation.Posterior(Seed, Net), new Optimizer.Adam(0.0012), Batch, 1.0 / Count, 1, LayerPosterior.ScaleEpsilon,
                new NoiseSource.OfSeed(noise, replicate))
            {
                StepsBefore = stepsBefore,
            },
            samples);
    }
}
