using Bnn.Core;
using Bnn.Tests;

namespace Bnn.Conformance;

/// <summary>What must hold of every engine, whatever its arithmetic.</summary>
public sealed class EngineLaws
{
    private static readonly Architecture Net = new([30, 20, 10, 4]);
    private static readonly Seed Seed = new(11);
    private const int Batch = 6;

    public static TheoryData<string> All => new(Engines.Names);

    [Theory, MemberData(nameof(All))]
    public void The_same_seed_twice_gives_the_same_bits(string name)
    {
        var engine = Engines.Named(name);
        Assert.Equal(TrainBayesian(engine), TrainBayesian(engine));
        Assert.Equal(TrainMasked(engine), TrainMasked(engine));
    }

    [Theory, MemberData(nameof(All))]
    public void Masked_weights_are_zero_after_every_step(string name)
    {
        using var stepper = Masked(Engines.Named(name));
        var weights = PointWeights.Zero(Net);
        for (var t = 0; t < 70; t++)
        {
            stepper.Step(Items(t));
            stepper.CopyWeightsTo(weights);
            foreach (var (layer, mask) in weights.Layers.Zip(Mask().Layers))
                for (var w = 0; w < mask.Kept.Length; w++)
                    if (mask.Kept[w] == 0) Assert.Equal(0, BitConverter.SingleToInt32Bits(layer.Weight[w]));
        }
    }

    [Theory, MemberData(nameof(All))]
    public void Snapshots_make_a_round_trip(string name)
    {
        var engine = Engines.Named(name);
        var start = Initialisation.Posterior(Seed, Net);
        using var stepper = Bayesian(engine, start);
        foreach (var (before, after) in start.Layers.Zip(stepper.Posterior().Layers))
        {
            Assert.Equal(before.Mu, after.Mu);
            Assert.Equal(before.Rho, after.Rho);
            Assert.Equal(before.Bias, after.Bias);
        }
    }

    [Theory, MemberData(nameof(All))]
    public void A_batch_of_another_size_is_refused(string name)
    {
        using var stepper = Masked(Engines.Named(name));
        Assert.Throws<ArgumentException>(() => stepper.Step([0, 1]));
    }

    [Theory, MemberData(nameof(All))]
    public void Evaluation_of_some_and_of_all_agrees_with_the_definition(string name)
    {
        var engine = Engines.Named(name);
        var weights = Initialisation.Posterior(Seed, Net).Means();
        var samples = Data();
        var layers = Definition(weights);
        var x = new float[samples.Count * samples.Width];
        for (var row = 0; row < samples.Count; row++) samples.CopyRow(row, x.AsSpan(row * samples.Width, samples.Width));
        int[] labels = [.. samples.Labels.Select(label => (int)label)];
        var expected = Elbo.Evaluate(layers, [], new ElboSettings(1, 0, 0, 1), EngineCase.Doubles(x), labels);
        var all = engine.Evaluate(weights, samples);
        Near.Check("nll", expected.Nll, all.Nll, Near.Relative(2e-6));
        Assert.Equal(Classification.Accuracy(expected.Logits, labels), all.Accuracy, 12);
        var logits = engine.Logits(weights, samples);
        Near.Check("logits", expected.Logits, EngineCase.Doubles(logits), Near.Mixed(2e-5));
        Assert.Equal(all.Accuracy, Classification.Accuracy(EngineCase.Doubles(logits), labels), 12);
        Assert.Equal(logits, engine.Logits(weights, samples));
        using var stepper = engine.Ordinary(new OrdinarySetup(weights, null, new Optimizer.Sgd(1), Batch), samples);
        Assert.Equal(2, stepper.Evaluate(samples, [3, 5]).Count);
    }

    [Theory, MemberData(nameof(All))]
    public void Logits_of_samples_that_do_not_fit_are_refused(string name)
    {
        var (engine, weights) = (Engines.Named(name), Initialisation.Posterior(Seed, Net).Means());
        Assert.Throws<ArgumentException>(() => engine.Logits(weights, Samples.FromValues(new float[29], [0], 29)));
        Assert.Throws<ArgumentException>(() => engine.Logits(weights, Samples.FromValues(new float[30], [4], 30)));
    }

    [Theory, MemberData(nameof(All))]
    public void The_gradient_at_a_point_and_the_inputs_activity_are_those_of_the_definition(string name)
    {
        var weights = Initialisation.Posterior(Seed, Net).Means();
        var samples = Data();
        int[] items = [.. Enumerable.Range(0, 37)];
        var probe = Engines.Named(name).Probe(weights, samples, items);
        var x = new float[items.Length * samples.Width];
        foreach (var row in items) samples.CopyRow(row, x.AsSpan(row * samples.Width, samples.Width));
        var layers = Definition(weights);
        int[] labels = [.. items.Select(row => (int)samples.Labels[row])];
        var value = Elbo.Evaluate(layers, [], new ElboSettings(1, 0, 0, 1), EngineCase.Doubles(x), labels);
        for (var l = 0; l < layers.Count; l++)
        {
            var gradient = probe.Gradient.Layers[l];
            Near.Check($"gradient of layer {l}", value.ByMu[l], EngineCase.Doubles(gradient.Weight), Near.Mixed(1e-6));
            Near.Check($"gradient by bias of layer {l}", value.ByBias[l], EngineCase.Doubles(gradient.Bias), Near.Mixed(1e-6));
        }
        var first = Enumerable.Range(0, samples.Width)
            .Select(i => Math.Sqrt(items.Average(row => Square(x[row * samples.Width + i]))))
            .ToArray();
        Near.Check("activity of the inputs", first, EngineCase.Doubles(probe.InputActivity[0]), Near.Mixed(1e-6));

        static double Square(double value) => value * value;
    }

    [Theory, MemberData(nameof(All))]
    public void A_loss_that_is_no_number_is_told_by_the_step(string name)
    {
        using var stepper = Engines.Named(name)
            .Ordinary(new OrdinarySetup(Initialisation.Posterior(Seed, Net).Means(), null, new Optimizer.Sgd(1e30), Batch), Data());
        Assert.Contains(Enumerable.Range(0, 20), t => !double.IsFinite(stepper.Step(Items(t)).Nll));
    }

    [Theory, MemberData(nameof(All))]
    public void A_cancelled_training_stops_within_a_step(string name)
    {
        var engine = Engines.Named(name);
        using var stop = new CancellationTokenSource();
        var samples = Data();
        var data = new Dataset(samples, samples, 1, Net.Sizes[0], 4, new DataHashes("", "", "", ""));
        using var stepper = Masked(engine);
        var observer = new StopsAt(3, stop);
        Assert.Throws<OperationCanceledException>(() => TrainingLoop.Run(
            stepper, engine.Evaluate, new LoopSettings("ticket", Net, Seed, 50, Batch, 10, null), data,
                Split.Create(Seed, samples.Count, 0), [observer], stop.Token));
        Assert.Equal(3, observer.Latest);
    }

    private sealed class StopsAt(int step, CancellationTokenSource stop) : ITrainingObserver
    {
        /// <summary>So that an engine that tells its losses once an interval tells this one.</summary>
        public IReadOnlyCollection<int> Moments => [step];

        public int Latest { get; private set; }

        public void Stepped(int done, StepLoss loss)
        {
            Latest = done;
            if (done == step) stop.Cancel();
        }
    }

    private static List<DefinitionLayer> Definition(PointWeights weights) => [.. weights.Layers.Select(layer =>
        new DefinitionLayer(layer.Shape, EngineCase.Doubles(layer.Weight), null, EngineCase.Doubles(layer.Bias)))];

    private static Samples Data()
    {
        const int Count = 600;
        var values = new float[Count * Net.Sizes[0]];
        NormalDraws.FillRow(Seed.Stream(StreamName.Split, 9), 0, 0, values);
        for (var k = 0; k < values.Length; k++) values[k] = values[k] < 0.3f ? 0 : values[k];
        var stream = Seed.Stream(StreamName.Split, 8);
        byte[] labels = [.. Enumerable.Range(0, Count).Select(row => (byte)(stream.Word(0, (uint)row) % 4))];
        return Samples.FromValues(values, labels, Net.Sizes[0]);
    }

    private static int[] Items(int step) => [.. Enumerable.Range(0, Batch).Select(b => (step * Batch + b) % 600)];

    private static Mask Mask() => new([.. Net.Layers.Select((shape, l) => new LayerMask(shape,
        [.. Enumerable.Range(0, shape.Weights).Select(w => (byte)(Seed.Stream(StreamName.Shuffle, l).Word(1, (uint)w) & 1))]))]);

    private static IBayesianStepper Bayesian(ITrainingEngine engine, PosteriorSnapshot start) => engine.Bayesian(
        new BayesianSetup(start, new Optimizer.Adam(0.0012), Batch, 1.0 / 600, 1, LayerPosterior.ScaleEpsilon,
            new NoiseSource.OfSeed(Seed)), Data());

    private static IStepper Masked(ITrainingEngine engine) => engine.Ordinary(
        new OrdinarySetup(Initialisation.Posterior(Seed, Net).Means().Masked(Mask()), Mask(), new Optimizer.Adam(0.0012), Batch), Data());

    private static float[] TrainBayesian(ITrainingEngine engine)
    {
        using var stepper = Bayesian(engine, Initialisation.Posterior(Seed, Net));
        for (var t = 0; t < 20; t++) stepper.Step(Items(t));
        return [.. stepper.Posterior().Layers.SelectMany(layer => layer.Mu.Concat(layer.Rho).Concat(layer.Bias))];
    }

    private static float[] TrainMasked(ITrainingEngine engine)
    {
        using var stepper = Masked(engine);
        for (var t = 0; t < 20; t++) stepper.Step(Items(t));
        var weights = PointWeights.Zero(Net);
        stepper.CopyWeightsTo(weights);
        return [.. weights.Layers.SelectMany(layer => layer.Weight.Concat(layer.Bias))];
    }
}
