using Bnn.Core;
using Bnn.Tests;

namespace Bnn.Conformance;

/// <summary>
/// Ordinary nets whose pruned weights are frozen, of every engine that can, against the definition: such a weight is a constant.
/// </summary>
public sealed class FrozenLaws
{
    private const int Batch = 20, Images = 60;

    /// <summary>Far above the smallest normal number, and below what a flush leaves.</summary>
    private const float Tiny = 1e-35f;

    private static readonly Architecture Net = new([30, 70, 20, 4]);
    private static readonly Seed Seed = new(41);

    public static TheoryData<string, double> All
    {
        get
        {
            var data = new TheoryData<string, double>();
            foreach (var name in Engines.Names)
                foreach (var density in (double[])[0.9, 0.5, 0.05, 0]) data.Add(name, density);
            return data;
        }
    }

    public static TheoryData<string> Names => new(Engines.Names);

    /// <summary>The stepper; the test is skipped where the engine can't freeze what this setup does.</summary>
    public static IStepper Ordinary(ITrainingEngine engine, OrdinarySetup setup, Samples train)
    {
        Assert.SkipWhen(setup.FreezesPruned && !engine.CanFreeze, $"{engine.Name} can't freeze pruned weights");
        return engine.Ordinary(setup, train);
    }

    [Theory, MemberData(nameof(Names))]
    public void An_engine_does_as_it_says_or_refuses_to(string name)
    {
        var engine = Engines.Named(name);
        var refused = Record.Exception(() => engine.Ordinary(Setup(0.5, new Optimizer.Sgd(1)), Data).Dispose());
        if (engine.CanFreeze) Assert.Null(refused);
        else Assert.IsType<NotSupportedException>(refused);
    }

    [Theory, MemberData(nameof(All))]
    public void Steps_are_those_of_the_definition(string name, double density)
    {
        foreach (var (optimizer, steps) in ((Optimizer, int)[])[
            (new Optimizer.Adam(0.003), 5), (new Optimizer.Sgd(0.05), OptimizerDefinition.FlushEvery + 2)])
        {
            var setup = Setup(density, optimizer);
            var (x, labels) = EngineCase.FirstOf(Data, Batch);
            var definition = new FlipoutNet(
                [.. setup.Start.Layers.Zip(setup.Mask!.Layers, (layer, mask) => new DefinitionLayer(
                    layer.Shape, EngineCase.Doubles(layer.Weight), null, EngineCase.Doubles(layer.Bias), mask.Kept)
                {
                    FreezesPruned = true,
                })],
                _ => [], new ElboSettings(1, 0, 0, 1), x, labels);
            var train = definition.Train(optimizer);
            using var stepper = Ordinary(Engines.Named(name), setup, Data);
            for (var t = 1; t <= steps; t++)
                Near.Check($"nll of step {t}", train(t).Nll, stepper.Step(Items).Nll, Near.Mixed(2e-5));
            foreach (var (l, (layer, found)) in definition.Layers.Zip(WeightsOf(stepper).Layers).Index())
            {
                Near.Check($"weights of layer {l}", layer.Mu, EngineCase.Doubles(found.Weight), Near.Mixed(6e-5));
                Near.Check($"bias of layer {l}", layer.Bias, EngineCase.Doubles(found.Bias), Near.Mixed(6e-5));
            }
        }
    }

    [Theory, MemberData(nameof(All))]
    public void Frozen_weights_keep_their_bits_and_have_no_moments(string name, double density)
    {
        foreach (var optimizer in (Optimizer[])[new Optimizer.Adam(0.003), new Optimizer.Sgd(0.05)])
        {
            var setup = Setup(density, optimizer);
            using var stepper = Ordinary(Engines.Named(name), setup, Data);
            Check(setup, stepper);
            for (var t = 0; t < OptimizerDefinition.FlushEvery + 2; t++)
            {
                stepper.Step(Items);
                Check(setup, stepper);
            }
            using var other = Ordinary(Engines.Named(name), setup, Data);
            other.Restore(stepper.State());
            Check(setup, other);
        }

        static void Check(OrdinarySetup setup, IStepper stepper)
        {
            var (weights, state) = (WeightsOf(stepper), stepper.State());
            for (var l = 0; l < Net.Layers.Length; l++)
            {
                var (start, kept) = (setup.Start.Layers[l].Weight, setup.Mask!.Layers[l].Kept);
                float[] Of(string tensor) => state.Tensors.Single(found => found.Name == tensor).Floats!;
                Assert.Equal(weights.Layers[l].Weight, Of(TensorNames.Weight(l)));
                float[][] moments = setup.Optimizer is Optimizer.Adam
                    ? [Of(TensorNames.FirstMoment(TensorNames.Weight(l))), Of(TensorNames.SecondMoment(TensorNames.Weight(l)))]
                    : [];
                for (var w = 0; w < kept.Length; w++)
                {
                    if (kept[w] != 0) continue;
                    Assert.Equal(BitConverter.SingleToInt32Bits(start[w]), BitConverter.SingleToInt32Bits(weights.Layers[l].Weight[w]));
                    foreach (var moment in moments) Assert.Equal(0, BitConverter.SingleToInt32Bits(moment[w]));
                }
            }
        }
    }

    /// <summary>A state is that of the same setup, but its moments at pruned weights may be another optimizer's.</summary>
    [Theory, MemberData(nameof(Names))]
    public void Moments_that_a_state_has_at_frozen_weights_are_left_out(string name)
    {
        var setup = Setup(0.5, new Optimizer.Adam(0.003));
        using var stepper = Ordinary(Engines.Named(name), setup, Data);
        stepper.Step(Items);
        var state = stepper.State();
        var (moments, kept) = (state.Tensors.Single(tensor => tensor.Name == TensorNames.FirstMoment(TensorNames.Weight(1))),
            setup.Mask!.Layers[1].Kept);
        moments.Floats![Array.IndexOf(kept, (byte)0)] = 1;
        using var other = Ordinary(Engines.Named(name), setup, Data);
        other.Restore(state);
        EngineCase.Same(stepper.State(), other.State());
    }

    [Theory, MemberData(nameof(All))]
    public void Evaluation_takes_frozen_weights_too(string name, double density)
    {
        var engine = Engines.Named(name);
        using var stepper = Ordinary(engine, Setup(density, new Optimizer.Adam(0.01)), Data);
        for (var t = 0; t < 3; t++) stepper.Step(Items);
        var (expected, found) = (engine.Evaluate(WeightsOf(stepper), Data), stepper.Evaluate(Data, []));
        Near.Check("nll", expected.Nll, found.Nll, Near.Relative(2e-6));
        Assert.Equal((expected.Correct, expected.Count), (found.Correct, found.Count));
    }

    [Theory, MemberData(nameof(Names))]
    public void Without_a_mask_there_is_nothing_to_freeze(string name)
    {
        var setup = Setup(0.5, new Optimizer.Adam(0.003)) with { Mask = null };
        using var whole = Ordinary(Engines.Named(name), setup with { FreezesPruned = false }, Data);
        using var freezing = Ordinary(Engines.Named(name), setup, Data);
        for (var t = 0; t < OptimizerDefinition.FlushEvery + 2; t++) Assert.Equal(whole.Step(Items), freezing.Step(Items));
        EngineCase.Same(whole.State(), freezing.State());
    }

    private static int[] Items { get; } = [.. Enumerable.Range(0, Batch)];

    private static Samples Data { get; } = EngineCase.Problem(Seed, Net, Images);

    /// <summary>Every fifth weight is 0 at the start and every seventh tiny, whether it is kept or not.</summary>
    private static OrdinarySetup Setup(double density, Optimizer optimizer)
    {
        var start = Initialisation.Posterior(Seed, Net).Means();
        foreach (var layer in start.Layers)
        {
            for (var w = 0; w < layer.Weight.Length; w++)
                layer.Weight[w] = w % 5 == 0 ? 0f : w % 7 == 0 ? Tiny : layer.Weight[w];
        }
        return new OrdinarySetup(start, EngineCase.MaskOf(Seed, Net, density), optimizer, Batch) { FreezesPruned = true };
    }

    private static PointWeights WeightsOf(IStepper stepper)
    {
        var weights = PointWeights.Zero(Net);
        stepper.CopyWeightsTo(weights);
        return weights;
    }
}
