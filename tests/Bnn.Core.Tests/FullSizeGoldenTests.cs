using Bnn.Core;

namespace Bnn.Tests;

/// <summary>784-300-100-10 against TensorFlow Probability: the generators of its inputs, and the definition's steps.</summary>
public sealed class FullSizeGoldenTests
{
    public static TheoryData<string> Cases => Golden.Files("flipout", "flipout_full_size");

    private static readonly Func<double, double> Exact = Near.Mixed(1e-11);

    [Theory, MemberData(nameof(Cases))]
    public void Generators_give_the_values_the_file_lists(string name)
    {
        var file = Golden.Load(name);
        var (inputs, expected) = (FullSizeCase.Read(file.Element), file["generated"]);

        Assert.Equal(expected["h32"]["tag_0"].Items.Select(h => h.Element.GetUInt32()), Hashes(0));
        Assert.Equal(expected["h32"]["tag_x"].Items.Select(h => h.Element.GetUInt32()), Hashes(inputs.TagOfX));
        var x = inputs.X();
        Assert.Equal(expected["x_first_16"].Numbers, x[..16]);
        Assert.Equal(expected["x_nonzero_count"].Int, x.Count(value => value != 0));
        Near.Check("x_sum", expected["x_sum"].Number, x.Sum(), Exact);
        Assert.Equal(expected["labels"].Ints, inputs.Labels());
        for (var l = 0; l < inputs.Layers; l++)
        {
            (string Name, double[] Values)[] parameters = [("mu", inputs.MuOf(l)), ("rho", inputs.RhoOf(l)), ("bias", inputs.BiasOf(l))];
            foreach (var (field, values) in parameters)
            {
                Starts($"{field} of layer {l}", expected["params_first_8"].Items.ElementAt(l)[field], values);
                Near.Check($"sum of {field}", expected["params_sum"].Items.ElementAt(l)[field].Number, values.Sum(), Exact);
                Near.Check($"norm of {field}", expected["params_l2"].Items.ElementAt(l)[field].Number, Norm(values), Exact);
            }
            for (var step = 0; step < file["steps"].Int; step++)
            {
                (string Name, double[] Values)[] noise =
                    [("eps", inputs.Epsilon(step, l)), ("S", inputs.InputSigns(step, l)), ("R", inputs.OutputSigns(step, l))];
                var (first, sum) = (At(expected["noise_first_8"], step, l), At(expected["noise_sum"], step, l));
                foreach (var (field, values) in noise)
                {
                    Starts($"{field} of layer {l} at step {step}", first[field], values);
                    Near.Check($"sum of {field}", sum[field].Number, values.Sum(), Exact);
                }
            }
        }
    }

    private static Golden At(Golden noise, int step, int layer) => noise.Items.ElementAt(step).Items.ElementAt(layer);

    [Theory, MemberData(nameof(Cases))]
    public void Steps_at_full_size_are_those_of_TensorFlow_Probability(string name)
    {
        var file = Golden.Load(name);
        var (inputs, expected) = (FullSizeCase.Read(file.Element), file["results"]["float64"]);
        var net = new FlipoutNet(
            [.. Enumerable.Range(0, inputs.Layers).Select(l => new DefinitionLayer(
                new LayerShape(inputs.LayerSizes[l], inputs.LayerSizes[l + 1]), inputs.MuOf(l), inputs.RhoOf(l), inputs.BiasOf(l)))],
            step => [.. Enumerable.Range(0, inputs.Layers).Select(l =>
                new LayerNoise(inputs.Epsilon(step - 1, l), inputs.InputSigns(step - 1, l), inputs.OutputSigns(step - 1, l)))],
            new ElboSettings(file["prior_scale"].Number, expected["scale_eps"].Number, KlWeight: 1, file["N"].Number),
            inputs.X(), inputs.Labels());
        var adam = file["adam"];
        var trainer = net.Train(
            new Optimizer.Adam(adam["learning_rate"].Number, adam["beta_1"].Number, adam["beta_2"].Number, adam["epsilon"].Number));
        var value = trainer(1);

        Near.Check("loss", expected["loss"].Number, value.Loss, Exact);
        Near.Check("nll", expected["nll"].Number, value.Nll, Exact);
        Near.Check("kl", expected["kl"].Numbers, value.Kl, Exact);
        var classes = inputs.LayerSizes[^1];
        foreach (var (row, logits) in expected["logits_rows"].Fields)
            Near.Check($"logits of row {row}", logits.Numbers, value.Logits.AsSpan(int.Parse(row) * classes, classes), Exact);
        for (var l = 0; l < inputs.Layers; l++)
        {
            var gradient = expected["gradients"].Items.ElementAt(l);
            Sample($"gradient by mu of layer {l}", gradient["mu"], value.ByMu[l]);
            Sample($"gradient by rho of layer {l}", gradient["rho"], value.ByRho[l]);
            Sample($"gradient by bias of layer {l}", gradient["bias"], value.ByBias[l]);
        }

        var losses = expected["loss_before_step"].Numbers;
        for (var t = 1; t <= losses.Length; t++)
        {
            Near.Check($"loss before step {t}", losses[t - 1], (t == 1 ? value : trainer(t)).Loss, Exact);
            var after = expected["params_after"][$"{t}"];
            if (after.IsNull) continue;
            foreach (var (l, layer) in after.Items.Index())
            {
                Sample($"mu of layer {l} after step {t}", layer["mu"], net.Layers[l].Mu);
                Sample($"rho of layer {l} after step {t}", layer["rho"], net.Layers[l].Rho!);
                Sample($"bias of layer {l} after step {t}", layer["bias"], net.Layers[l].Bias);
            }
        }
    }

    private static IEnumerable<uint> Hashes(uint tag) => Enumerable.Range(0, 8).Select(k => FullSizeCase.H32(tag, (uint)k));

    private static void Starts(string what, Golden expected, double[] actual) =>
        Near.Check(what, expected.Numbers, actual.AsSpan(0, expected.Numbers.Length), Near.Relative(1e-13));

    private static void Sample(string what, Golden expected, double[] actual)
    {
        Near.Check(what, expected["values"].Numbers, [.. expected["indices"].Ints.Select(i => actual[i])], Exact);
        Near.Check($"norm of {what}", expected["l2"].Number, Norm(actual), Exact);
        var sumAllowed = 1e-11 * (1 + expected["l2"].Number * Math.Sqrt(actual.Length));
        Near.Check($"sum of {what}", expected["sum"].Number, actual.Sum(), Near.Absolute(sumAllowed));
    }

    private static double Norm(double[] values) => Math.Sqrt(values.Sum(value => value * value));
}
