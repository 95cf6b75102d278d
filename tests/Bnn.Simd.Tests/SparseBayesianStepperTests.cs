using Bnn.Core;
using Bnn.Tests;
using Architecture = Bnn.Core.Architecture;

namespace Bnn.Simd.Tests;

/// <summary>A masked Bayesian net trained on its kept weights alone is what it is on dense kernels, to the accuracy of float32.</summary>
public sealed class SparseBayesianStepperTests
{
    public static TheoryData<int, int[], int, bool> Tasks => TicketStepperTests.Tasks;

    public static TheoryData<string> Engine => new(Engines.Names);

    public static MatrixTheoryData<string, int> RewoundEngine => new(Engines.Names, [0, 10]);

    [Theory, MemberData(nameof(Tasks))]
    public void Both_sets_of_kernels_train_it_to_the_same_bits(int seed, int[] net, int batch, bool pixels)
    {
        var task = new SmallTask(new Architecture([.. net]), batch, new Seed((ulong)seed), count: 2 * batch, pixels: pixels);
        var steps = batch < 20 ? OptimizerDefinition.FlushEvery + 2 : 5;
        foreach (var mask in task.Tickets)
        {
            Assert.Equal(
                task.Bits(new SparseBayesianStepper<ScalarKernels>(task.BayesianSetup(mask), task.Samples), steps),
                task.Bits(new SparseBayesianStepper<VectorKernels>(task.BayesianSetup(mask), task.Samples), steps));
        }
    }

    /// <summary>The definition is slow, so there are fewer examples, but one task takes several groups of lanes.</summary>
    public static TheoryData<int, int[], int, bool> SmallTasks { get; } = new()
    {
        { 1, [12, 4], 1, false },
        { 2, [30, 20, 4], 17, true },
        { 3, [25, 130, 10, 7], 16, false },
        { 4, [20, 8, 3], 130, true },
    };

    /// <summary>Also with noise that is given row by row, which is the definition's.</summary>
    [Theory, MemberData(nameof(SmallTasks))]
    public void Steps_agree_with_the_definition_and_with_masks_on_dense_kernels(int seed, int[] net, int batch, bool pixels)
    {
        var task = new SmallTask(new Architecture([.. net]), batch, new Seed((ulong)seed), pixels: pixels);
        foreach (var optimizer in (Optimizer[])[new Optimizer.Sgd(0.05), new Optimizer.Adam(0.003)])
        {
            foreach (var mask in task.Tickets)
            {
                var (setup, definition) = (task.BayesianSetup(mask, optimizer), task.MaskedDefinition(mask));
                var given = new GivenNoise(definition.NoiseOfStep, task.Net);
                using var sparse = new SparseBayesianStepper<VectorKernels>(setup, task.Samples);
                using var dense = new BayesianStepper<VectorKernels>(setup, task.Samples);
                using var fed = new SparseBayesianStepper<VectorKernels>(setup with { Noise = new NoiseSource.Given(given) }, task.Samples);
                var train = definition.Train(optimizer);
                for (var t = 1; t <= 3; t++)
                {
                    var expected = train(t);
                    foreach (var stepper in (IBayesianStepper[])[sparse, dense, fed])
                    {
                        var loss = stepper.Step(task.Items);
                        Near.Check("nll", expected.Nll, loss.Nll, Near.Mixed(3e-6));
                        Near.Check("kl", expected.Kl.Sum(), loss.Kl, Near.Mixed(3e-6));
                    }
                }
                Assert.Equal(sparse.State().Tensors.SelectMany(tensor => tensor.Floats!),
                    fed.State().Tensors.SelectMany(tensor => tensor.Floats!));
                foreach (var (layer, (found, other)) in definition.Layers.Zip(sparse.Posterior().Layers.Zip(dense.Posterior().Layers)))
                {
                    Near.Check("mu", layer.Mu, EngineCase.Doubles(found.Mu), Near.Mixed(1e-5));
                    Near.Check("rho", layer.Rho!, EngineCase.Doubles(found.Rho), Near.Mixed(1e-5));
                    Near.Check("bias", layer.Bias, EngineCase.Doubles(found.Bias), Near.Mixed(1e-5));
                    Near.Check("mu of the dense", EngineCase.Doubles(other.Mu), EngineCase.Doubles(found.Mu), Near.Mixed(1e-5));
                    Near.Check("rho of the dense", EngineCase.Doubles(other.Rho), EngineCase.Doubles(found.Rho), Near.Mixed(1e-5));
                }
            }
        }
    }

    /// <summary>Without KL and gradient nothing else changes them. The step is the net's own, also where it was rewound.</summary>
    [Theory, MemberData(nameof(RewoundEngine))]
    public void Tiny_means_become_positive_zero_at_step_64_and_not_before_and_rho_never(string engine, int stepsBefore)
    {
        var task = new SmallTask(new Architecture([12, 50, 3]), batch: 4, new Seed(6), zeroInput: 7);
        foreach (var mask in (Mask?[])[null, task.Mask, task.Tickets.First()])
        {
            var kept = mask is null ? 0 : Array.IndexOf(mask.Layers[0].Kept, (byte)1, 7 * 50) - 7 * 50;
            Assert.InRange(kept, 0, 49);
            var setup = task.BayesianSetup(mask) with { KlFactor = 0, StepsBefore = stepsBefore };
            setup.Start.Layers[0].Mu[7 * 50 + kept] = -1e-33f;
            setup.Start.Layers[0].Rho[7 * 50 + kept] = 1e-33f;
            using var stepper = Engines.Named(engine).Bayesian(setup, task.Samples);
            for (var t = 1; t <= 64; t++)
            {
                stepper.Step(task.Items);
                var layer = stepper.Posterior().Layers[0];
                Assert.Equal(BitConverter.SingleToInt32Bits(t < 64 ? -1e-33f : 0f),
                    BitConverter.SingleToInt32Bits(layer.Mu[7 * 50 + kept]));
                Assert.Equal(1e-33f, layer.Rho[7 * 50 + kept]);
            }
        }
    }

    [Theory]
    [InlineData(0.05, true)]
    [InlineData(0.29, true)]
    [InlineData(0.3, false)]
    [InlineData(0.5, false)]
    public void The_engine_takes_it_where_few_weights_are_kept(double density, bool isSparse)
    {
        var net = new Architecture([10, 20]);
        var mask = new Mask(
            [new LayerMask(net.Layers[0], [.. Enumerable.Range(0, 200).Select(w => w < 200 * density ? (byte)1 : (byte)0)])]);
        var setup = new BayesianSetup(
            Initialisation.Posterior(new Seed(1), net), new Optimizer.Sgd(1), Batch: 1, 1, 1, LayerPosterior.ScaleEpsilon,
                new NoiseSource.OfSeed(new Seed(1)), mask);
        using var stepper = new SimdEngine().Bayesian(setup, Samples.FromValues(new float[10], [0], 10));
        Assert.Equal(isSparse, stepper is SparseBayesianStepper<VectorKernels>);
    }

    /// <summary>The fingerprint is older than masked Bayesian nets; their bits are part of the same version of the arithmetic.</summary>
    [Theory]
    [InlineData("vector", false, "c844bf1b2aff0ea3")]
    [InlineData("scalar", false, "c844bf1b2aff0ea3")]
    [InlineData("vector", true, "58ebc25dab5bbe62")]
    [InlineData("scalar", true, "58ebc25dab5bbe62")]
    public void The_bits_of_numerics_2_are_these(string engine, bool isSparse, string expected)
    {
        var task = new SmallTask(new Architecture([40, 70, 10]), batch: 70, new Seed(5), count: 90, pixels: true);
        Assert.Equal(2, Engines.Named(engine).Numerics);
        var stepper = task.BayesianStepper(Engines.Named(engine), isSparse ? task.Tickets.First() : task.Mask);
        Assert.Equal(expected, task.Bits(stepper, 66)[..16]);
    }

    [Fact]
    public void Evaluation_between_steps_changes_no_bit()
    {
        var task = new SmallTask(new Architecture([30, 20, 4]), batch: 17, new Seed(9));
        var setup = task.BayesianSetup(task.Tickets.First());
        using var undisturbed = new SparseBayesianStepper<VectorKernels>(setup, task.Samples);
        using var evaluated = new SparseBayesianStepper<VectorKernels>(setup, task.Samples);
        for (var t = 0; t < 5; t++)
        {
            evaluated.Evaluate(task.Samples, [1, 2]);
            Assert.Equal(undisturbed.Step(task.Items), evaluated.Step(task.Items));
        }
    }
}
