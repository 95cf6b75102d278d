using Bnn.Core;
using Bnn.Tests;

namespace Bnn.Conformance;

/// <summary>784-300-100-10, five Adam steps, against TensorFlow Probability in float32.</summary>
public sealed class FullSizeGoldenTests
{
    private static readonly Func<double, double> Value = Near.Mixed(3e-5), Parameter = Near.Mixed(6e-5);

    public static TheoryData<string, string> Cases => EngineCase.WithFiles("flipout", "flipout_full_size");

    [Theory, MemberData(nameof(Cases))]
    public void Steps(string name, string engine)
    {
        var file = Golden.Load(name).AsSingle();
        var (inputs, expected) = (FullSizeCase.Read(file.Element), file["results"]["float32"]);
        var net = new FlipoutNet(
            [.. Enumerable.Range(0, inputs.Layers).Select(l => new DefinitionLayer(
                new LayerShape(inputs.LayerSizes[l], inputs.LayerSizes[l + 1]), inputs.MuOf(l), inputs.RhoOf(l), inputs.BiasOf(l)))],
            Noise(inputs),
            new ElboSettings(file["prior_scale"].Number, expected["scale_eps"].Number, KlWeight: 1, file["N"].Number),
            inputs.X(), inputs.Labels());
        var adam = file["adam"];
        using (var probe = FlipoutRun.Start(net, Engines.Named(engine), new Optimizer.Sgd(1)))
        {
            var loss = probe.Step();
            Near.Check("nll", expected["nll"].Number, loss.Nll, Value);
            Near.Check("kl", expected["kl"].Numbers.Sum(), loss.Kl, Value);
            var classes = inputs.LayerSizes[^1];
            var logits = EngineCase.Unpadded(FlipoutGoldenTests.LogitsAtStart(net, engine), inputs.Batch, classes);
            foreach (var (row, values) in expected["logits_rows"].Fields)
                Near.Check($"logits of row {row}", values.Numbers, logits.AsSpan(int.Parse(row) * classes, classes), Value);
            var after = probe.Stepper.Posterior();
            foreach (var (l, gradient) in expected["gradients"].Items.Index())
            {
                var (from, to) = (probe.Before.Layers[l], after.Layers[l]);
                Sample($"gradient by mu of layer {l}", gradient["mu"], Difference(from.Mu, to.Mu), Value);
                Sample($"gradient by rho of layer {l}", gradient["rho"], Difference(from.Rho, to.Rho), Value);
                Sample($"gradient by bias of layer {l}", gradient["bias"], Difference(from.Bias, to.Bias), Value);
            }
        }

        using var run = FlipoutRun.Start(net, Engines.Named(engine),
            new Optimizer.Adam(adam["learning_rate"].Number, adam["beta_1"].Number, adam["beta_2"].Number, adam["epsilon"].Number));
        var losses = expected["loss_before_step"].Numbers;
        for (var t = 1; t <= losses.Length; t++)
        {
            var loss = run.Step();
            Near.Check($"loss before step {t}", losses[t - 1], loss.Nll + run.Setup.KlFactor * loss.Kl, Value);
            var after = expected["params_after"][$"{t}"];
            if (after.IsNull) continue;
            var posterior = run.Stepper.Posterior();
            foreach (var (l, layer) in after.Items.Index())
            {
                Sample($"mu of layer {l} after step {t}", layer["mu"], EngineCase.Doubles(posterior.Layers[l].Mu), Parameter);
                Sample($"rho of layer {l} after step {t}", layer["rho"], EngineCase.Doubles(posterior.Layers[l].Rho), Parameter);
                Sample($"bias of layer {l} after step {t}", layer["bias"], EngineCase.Doubles(posterior.Layers[l].Bias), Parameter);
            }
        }
    }

    private static Func<int, IReadOnlyList<LayerNoise>> Noise(FullSizeCase inputs) => step =>
        [.. Enumerable.Range(0, inputs.Layers).Select(l =>
        new LayerNoise(inputs.Epsilon(step - 1, l), inputs.InputSigns(step - 1, l), inputs.OutputSigns(step - 1, l)))];

    private static double[] Difference(float[] before, float[] after) => [.. before.Zip(after, (b, a) => (double)b - a)];

    private static void Sample(string what, Golden expected, double[] actual, Func<double, double> allowed)
    {
        Near.Check(what, expected["values"].Numbers, [.. expected["indices"].Ints.Select(i => actual[i])], allowed);
        Near.Check($"norm of {what}", expected["l2"].Number, Math.Sqrt(actual.Sum(value => value * value)), allowed);
        var allowedSum = allowed(0) * (1 + expected["l2"].Number * Math.Sqrt(actual.Length));
        Near.Check($"sum of {what}", expected["sum"].Number, actual.Sum(), Near.Absolute(allowedSum));
    }
}
