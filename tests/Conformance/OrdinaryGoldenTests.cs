using Bnn.Core;
using Bnn.Tests;

namespace Bnn.Conformance;

/// <summary>The ordinary stepper, masked and whole, against tf_keras in float32.</summary>
public sealed class OrdinaryGoldenTests
{
    private static readonly Func<double, double> Value = Near.Mixed(1e-5), Parameter = Near.Mixed(3e-5);

    public static TheoryData<string, string> Cases => EngineCase.WithSingles("deterministic", "deterministic");

    [Theory, MemberData(nameof(Cases))]
    public void Logits_loss_and_gradients(string name, string engine)
    {
        var file = Golden.Load(name);
        var (start, stepper, items) = Start(file, Engines.Named(engine), new Optimizer.Sgd(1));
        using var held = stepper;
        var loss = stepper.Step(items);
        var logits = file["forward"]["logits"].Numbers;
        Near.Check("loss", file["forward"]["loss"].Number, loss.Nll, Value);
        var (_, still, _) = Start(file, Engines.Named(engine), new Optimizer.Sgd(0));
        using (still)
        {
            still.Step(items);
            Near.Check("logits", logits, EngineCase.Unpadded(Engines.Logits(still), items.Length, logits.Length / items.Length), Value);
        }
        var after = Weights(start, stepper);
        foreach (var (l, gradient) in file["gradients"].Items.Index())
        {
            var (from, to) = (start.Layers[l], after.Layers[l]);
            Near.Check($"gradient of layer {l}", gradient["w"].Numbers, Taken(from.Weight, to.Weight), Value);
            Near.Check($"gradient by bias of layer {l}", gradient["bias"].Numbers, Taken(from.Bias, to.Bias), Value);
        }
    }

    [Theory, MemberData(nameof(Cases))]
    public void Adam(string name, string engine)
    {
        var file = Golden.Load(name);
        var adam = file["adam"];
        var optimizer = new Optimizer.Adam(
            adam["learning_rate"].Number, adam["beta_1"].Number, adam["beta_2"].Number, adam["epsilon"].Number);
        Follow(file, adam, Engines.Named(engine), optimizer);
    }

    [Theory, MemberData(nameof(Cases))]
    public void Gradient_descent(string name, string engine)
    {
        var file = Golden.Load(name);
        Follow(file, file["sgd"], Engines.Named(engine), new Optimizer.Sgd(file["sgd"]["learning_rate"].Number));
    }

    private static void Follow(Golden file, Golden expected, ITrainingEngine engine, Optimizer optimizer)
    {
        var (start, stepper, items) = Start(file, engine, optimizer);
        using var held = stepper;
        var losses = expected["loss_before_step"].Numbers;
        var after = expected["params_after"].Fields.ToDictionary(field => int.Parse(field.Key), field => field.Value);
        var masks = file["masks"].Items.Select(mask => mask.Bytes).ToList();
        for (var t = 1; t <= losses.Length; t++)
        {
            Near.Check($"loss before step {t}", losses[t - 1], stepper.Step(items).Nll, Value);
            var weights = Weights(start, stepper);
            foreach (var (l, mask) in masks.Index())
                for (var w = 0; w < mask.Length; w++)
                    if (mask[w] == 0) Assert.Equal(0, BitConverter.SingleToInt32Bits(weights.Layers[l].Weight[w]));
            if (!after.TryGetValue(t, out var layers)) continue;
            foreach (var (l, layer) in layers.Items.Index())
            {
                var actual = weights.Layers[l];
                Near.Check($"w of layer {l} after step {t}", layer["w"].Numbers, EngineCase.Doubles(actual.Weight), Parameter);
                Near.Check($"bias of layer {l} after step {t}", layer["bias"].Numbers, EngineCase.Doubles(actual.Bias), Parameter);
            }
        }
    }

    private static (PointWeights Start, IStepper Stepper, int[] Items) Start(Golden file, ITrainingEngine engine, Optimizer optimizer)
    {
        var sizes = file["layer_sizes"].Ints;
        var shapes = sizes.Zip(sizes.Skip(1), (inputs, outputs) => new LayerShape(inputs, outputs)).ToList();
        var start = new PointWeights([.. file["params"].Items.Select((layer, l) =>
            new LayerWeights(shapes[l], layer["w"].Singles, layer["bias"].Singles))]);
        var mask = new Mask([.. file["masks"].Items.Select((kept, l) => new LayerMask(shapes[l], kept.Bytes))]);
        var labels = file["labels"].Ints;
        var samples = EngineCase.SamplesOf(file["x"].Numbers, labels);
        return (start, engine.Ordinary(new OrdinarySetup(start, mask, optimizer, labels.Length), samples),
            [.. Enumerable.Range(0, labels.Length)]);
    }

    private static PointWeights Weights(PointWeights start, IStepper stepper)
    {
        var net = new Architecture([start.Layers[0].Shape.Inputs, .. start.Layers.Select(layer => layer.Shape.Outputs)]);
        var weights = PointWeights.Zero(net);
        stepper.CopyWeightsTo(weights);
        return weights;
    }

    private static double[] Taken(float[] before, float[] after) => [.. before.Zip(after, (b, a) => (double)b - a)];
}
