using Bnn.Core;

namespace Bnn.Tests;

/// <summary>Ordinary, masked nets of the definition against tf_keras.</summary>
public sealed class OrdinaryGoldenTests
{
    public static TheoryData<string> Cases => Golden.Files("deterministic", "deterministic");

    private static bool IsDouble(Golden file) => string.Equals(file["dtype"].Text, "float64", StringComparison.Ordinal);

    private static Func<double, double> AllowedValue(Golden file) => Near.Mixed(IsDouble(file) ? 1e-12 : 1e-5);

    private static Func<double, double> AllowedParameter(Golden file) => Near.Mixed(IsDouble(file) ? 1e-12 : 3e-5);

    private static FlipoutNet Read(Golden file)
    {
        var sizes = file["layer_sizes"].Ints;
        var masks = file["masks"].IsNull ? null : file["masks"].Items.Select(mask => mask.Bytes).ToArray();
        return new FlipoutNet(
            [.. file["params"].Items.Select((layer, l) => new DefinitionLayer(
                new LayerShape(sizes[l], sizes[l + 1]), layer["w"].Numbers, Rho: null, layer["bias"].Numbers, masks?[l]))],
            _ => [],
            new ElboSettings(PriorScale: 1, Epsilon: 0, KlWeight: 0, TrainingCount: 1),
            file["x"].Numbers,
            file["labels"].Ints);
    }

    [Theory, MemberData(nameof(Cases))]
    public void Loss_and_gradients_are_those_of_Keras(string name)
    {
        var file = Golden.Load(name);
        var allowed = AllowedValue(file);
        var value = Read(file).Evaluate(1);
        Near.Check("logits", file["forward"]["logits"].Numbers, value.Logits, allowed);
        Near.Check("loss", file["forward"]["loss"].Number, value.Loss, allowed);
        foreach (var (l, gradient) in file["gradients"].Items.Index())
        {
            Near.Check($"gradient by w of layer {l}", gradient["w"].Numbers, value.ByMu[l], allowed);
            Near.Check($"gradient by bias of layer {l}", gradient["bias"].Numbers, value.ByBias[l], allowed);
        }
    }

    [Theory, MemberData(nameof(Cases))]
    public void Adam_takes_the_steps_that_Keras_takes_and_leaves_masked_weights_at_zero(string name)
    {
        var file = Golden.Load(name);
        var adam = file["adam"];
        Follow(
            file, adam,
            new Optimizer.Adam(adam["learning_rate"].Number, adam["beta_1"].Number, adam["beta_2"].Number, adam["epsilon"].Number));
    }

    [Theory, MemberData(nameof(Cases))]
    public void Gradient_descent_takes_the_steps_that_Keras_takes_and_leaves_masked_weights_at_zero(string name)
    {
        var file = Golden.Load(name);
        Follow(file, file["sgd"], new Optimizer.Sgd(file["sgd"]["learning_rate"].Number));
    }

    private static void Follow(Golden file, Golden expected, Optimizer optimizer)
    {
        var net = Read(file);
        var trainer = net.Train(optimizer);
        var losses = expected["loss_before_step"].Numbers;
        var after = expected["params_after"].Fields.ToDictionary(field => int.Parse(field.Key), field => field.Value);
        for (var t = 1; t <= losses.Length; t++)
        {
            Near.Check($"loss before step {t}", losses[t - 1], trainer(t).Loss, AllowedValue(file));
            foreach (var layer in net.Layers)
                for (var w = 0; w < layer.Mu.Length; w++)
                    if (layer.Mask is { } mask && mask[w] == 0) Assert.Equal(0L, BitConverter.DoubleToInt64Bits(layer.Mu[w]));
            if (!after.TryGetValue(t, out var layers)) continue;
            foreach (var (l, layer) in layers.Items.Index())
            {
                Near.Check($"w of layer {l} after step {t}", layer["w"].Numbers, net.Layers[l].Mu, AllowedParameter(file));
                Near.Check($"bias of layer {l} after step {t}", layer["bias"].Numbers, net.Layers[l].Bias, AllowedParameter(file));
            }
        }
    }
}
