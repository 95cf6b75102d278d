using Bnn.Core;
using Bnn.Tests;
using Architecture = Bnn.Core.Architecture;

namespace Bnn.Simd.Tests;

/// <summary>A ticket trained on its kept weights alone equals the masked network, to the accuracy of float32.</summary>
public sealed class TicketStepperTests
{
    /// <summary>
    /// Narrow and wide nets, of one layer and of four, with batches of one, some and all of three groups. The seeds are fixed, since a
    /// unit's sum is occasionally so near 0 that float32 and double give it different signs.
    /// </summary>
    public static TheoryData<int, int[], int, bool> Tasks { get; } = new()
    {
        { 1, [12, 4], 1, false },
        { 2, [12, 4], 16, true },
        { 3, [30, 20, 4], 17, false },
        { 4, [40, 70, 10], 60, true },
        { 5, [25, 130, 40, 7], 64, false },
        { 6, [50, 64, 33, 20, 3], 65, true },
        { 7, [20, 300, 5], 130, false },
        { 8, [130, 48, 10], 130, true },
    };

    [Theory, MemberData(nameof(Tasks))]
    public void Both_sets_of_kernels_train_a_ticket_to_the_same_bits(int seed, int[] net, int batch, bool pixels)
    {
        var task = new SmallTask(new Architecture([.. net]), batch, new Seed((ulong)seed), count: 2 * batch, pixels: pixels);
        foreach (var mask in task.Tickets)
            Assert.Equal(task.Bits(task.TicketStepper<ScalarKernels>(mask), 70), task.Bits(task.TicketStepper<VectorKernels>(mask), 70));
    }

    [Theory, MemberData(nameof(Tasks))]
    public void Steps_agree_with_the_definition_and_with_masks_on_dense_kernels(int seed, int[] net, int batch, bool pixels)
    {
        var task = new SmallTask(new Architecture([.. net]), batch, new Seed((ulong)seed), pixels: pixels);
        foreach (var optimizer in (Optimizer[])[new Optimizer.Sgd(0.2), new Optimizer.Adam(0.01)])
        {
            foreach (var mask in task.Tickets)
            {
                using var ticket = task.TicketStepper<VectorKernels>(mask, optimizer);
                using var dense = new OrdinaryStepper<VectorKernels>(task.Setup(mask, optimizer), task.Samples);
                var definition = task.Definition(mask);
                var train = definition.Train(optimizer);
                for (var t = 1; t <= 5; t++)
                {
                    var expected = train(t);
                    Near.Check("nll", expected.Nll, ticket.Step(task.Items).Nll, Near.Mixed(1e-6));
                    Near.Check("nll of the dense", expected.Nll, dense.Step(task.Items).Nll, Near.Mixed(1e-6));
                    Near.Check("logits", expected.Logits, EngineCase.Doubles(ticket.Logits()), Near.Mixed(3e-6));
                }
                foreach (var (layer, (actual, other)) in definition.Layers.Zip(task.Weights(ticket).Layers.Zip(task.Weights(dense).Layers)))
                {
                    Near.Check("weights", layer.Mu, EngineCase.Doubles(actual.Weight), Near.Mixed(3e-6));
                    Near.Check("bias", layer.Bias, EngineCase.Doubles(actual.Bias), Near.Mixed(3e-6));
                    var (actualWeight, actualBias) = (EngineCase.Doubles(actual.Weight), EngineCase.Doubles(actual.Bias));
                    Near.Check("weights of the dense", EngineCase.Doubles(other.Weight), actualWeight, Near.Mixed(3e-6));
                    Near.Check("bias of the dense", EngineCase.Doubles(other.Bias), actualBias, Near.Mixed(3e-6));
                }
            }
        }
    }

    [Theory, MemberData(nameof(Tasks))]
    public void Evaluation_agrees_with_the_definition_for_any_number_of_items(int seed, int[] net, int batch, bool pixels)
    {
        var task = new SmallTask(new Architecture([.. net]), batch, new Seed((ulong)seed), count: 233, pixels: pixels);
        foreach (var mask in task.Tickets)
        {
            using var ticket = task.TicketStepper<VectorKernels>(mask);
            Check(ticket.Evaluate(task.Samples, []), 233);
            // A smaller block after a larger one, whose remains must not count.
            foreach (var count in (int[])[233, 65, 64, 63, 16, 1])
                Check(ticket.Evaluate(task.Samples, [.. Enumerable.Range(0, count)]), count);
            var shuffled = ticket.Evaluate(task.Samples, [200, 3, 3, 150]);
            var single = ((int[])[200, 3, 3, 150]).Select(item => ticket.Evaluate(task.Samples, [item])).ToList();
            Near.Check("nll", single.Average(one => one.Nll), shuffled.Nll, Near.Relative(1e-12));
            Assert.Equal(single.Sum(one => one.Correct), shuffled.Correct);

            void Check(Evaluation actual, int count)
            {
                var definition = task.Definition(mask, count);
                var expected = definition.Evaluate(1);
                Assert.Equal(count, actual.Count);
                Near.Check("nll", expected.Nll, actual.Nll, Near.Mixed(1e-6));
                Assert.Equal(Classification.Accuracy(expected.Logits, definition.Labels), actual.Accuracy, 12);
            }
        }
    }

    [Fact]
    public void Evaluation_between_steps_changes_no_bit()
    {
        var task = new SmallTask(new Architecture([30, 20, 4]), batch: 17, new Seed(9));
        var mask = task.Tickets.First();
        using var undisturbed = task.TicketStepper<VectorKernels>(mask);
        using var evaluated = task.TicketStepper<VectorKernels>(mask);
        for (var t = 0; t < 5; t++)
        {
            evaluated.Evaluate(task.Samples, [1, 2]);
            Assert.Equal(undisturbed.Step(task.Items), evaluated.Step(task.Items));
        }
    }

    /// <summary>The moments evolve, and with them the weight, exactly as with masks on dense kernels, since nothing is summed.</summary>
    [Fact]
    public void Weights_of_an_input_that_is_zero_in_the_batch_follow_their_moments()
    {
        var net = new Architecture([2, 3]);
        var samples = Samples.FromValues([0f, 1f, 1f, 0f], [0, 1], 2);
        var mask = new Mask([new LayerMask(net.Layers[0], [1, 0, 0, 0, 0, 0])]);
        var setup = new OrdinarySetup(Initialisation.Posterior(new Seed(1), net).Means().Masked(mask), mask, new Optimizer.Adam(0.01),
            Batch: 1);
        using var ticket = new TicketStepper<VectorKernels>(setup, samples);
        using var dense = new OrdinaryStepper<VectorKernels>(setup, samples);
        var (weights, expected) = (PointWeights.Zero(net), PointWeights.Zero(net));
        var before = float.NaN;
        foreach (var item in (int[])[1, 0, 0, 1, 0])
        {
            ticket.Step([item]);
            dense.Step([item]);
            ticket.CopyWeightsTo(weights);
            dense.CopyWeightsTo(expected);
            Assert.Equal(expected.Layers[0].Weight, weights.Layers[0].Weight);
            Assert.NotEqual(before, weights.Layers[0].Weight[0]);
            before = weights.Layers[0].Weight[0];
        }
    }

    [Theory]
    [InlineData(0.05, true)]
    [InlineData(0.29, true)]
    [InlineData(0.3, false)]
    [InlineData(0.5, false)]
    [InlineData(1, false)]
    public void The_engine_takes_it_where_few_weights_are_kept(double density, bool isTicket)
    {
        var net = new Architecture([10, 20, 5]);
        var all = net.Layers.Sum(shape => shape.Weights);
        var (kept, mask) = ((int)Math.Round(density * all), Mask.All(net));
        var first = net.Layers[0].Weights;
        foreach (var w in Enumerable.Range(0, all - kept))
            (w < first ? ref mask.Layers[0].Kept[w] : ref mask.Layers[1].Kept[w - first]) = 0;
        var setup = new OrdinarySetup(Initialisation.Posterior(new Seed(1), net).Means().Masked(mask), mask, new Optimizer.Sgd(1),
            Batch: 1);
        var samples = Samples.FromValues(new float[10], [0], 10);
        using var stepper = new SimdEngine().Ordinary(setup, samples);
        Assert.Equal(isTicket, stepper is TicketStepper<VectorKernels>);
        using var freezing = new SimdEngine().Ordinary(setup with { FreezesPruned = true }, samples);
        Assert.IsType<OrdinaryStepper<VectorKernels>>(freezing);
    }

    [Fact]
    public void A_batch_of_another_size_is_refused()
    {
        var task = new SmallTask(new Architecture([3, 2]), batch: 4, new Seed(1));
        using var stepper = task.TicketStepper<VectorKernels>(task.Tickets.First());
        Assert.Throws<ArgumentException>(() => stepper.Step([0, 1, 2]));
    }
}
