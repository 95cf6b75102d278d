using Bnn.Core;

namespace Bnn.Tests;

/// <summary>Strategies and selection together, against NumPy's masks; the weights are rounded to float32, as a net's are.</summary>
public sealed class LiteratureGoldenTests
{
    public static TheoryData<string> Weights => Golden.Files("masks", "mask_rule_weights");

    [Theory, MemberData(nameof(Weights))]
    public void A_strategy_gives_the_masks_of_its_criterion(string name)
    {
        var file = Golden.Load(name);
        var layers = file["layers"].Items.ToArray();
        LayerShape[] shapes = [.. layers.Select(layer => new LayerShape(layer["final"].Shape[0], layer["final"].Shape[1]))];
        var net = new LiteratureNet(
            new Architecture([shapes[0].Inputs, .. shapes.Select(shape => shape.Outputs)]),
            [.. shapes.Zip(layers, (shape, layer) => new LiteratureLayer(shape, 0)
            {
                DenseInitial = layer["initial"].Singles,
                DenseFinal = layer["final"].Singles,
            })]);
        Assert.Equal(shapes, net.Net.Layers);
        Mask? previous = file["previous_masks"].IsNull
            ? null
            : new Mask([.. file["previous_masks"].Items.Zip(shapes, (mask, shape) => new LayerMask(shape, mask.Bytes))]);

        // The random numbers in the file are NumPy's.
        Golden[] results = [.. file["results"].Items.Where(result => result["criterion"].Text is not "random")];
        Assert.Equal(8, results.Select(result => result["criterion"].Text).Distinct(StringComparer.Ordinal).Count());
        foreach (var result in results)
        {
            var criterionName = result["criterion"].Text;
            string[] strategies = [criterionName.Replace('_', '-'), .. criterionName is "large_final" ? (string[])["magnitude"] : []];
            foreach (var strategy in strategies)
            {
                var (criterion, keep) = (net.Score(Strategies.Make(strategy)), Strategies.Attribute(strategy).Keep);
                var rates = result["rates"].Numbers;
                var mask = result["scope"].Text is "global"
                    ? MaskSelection.Globally(net.Net, criterion, keep, Assert.Single(rates), previous)
                    : MaskSelection.AtRates(net.Net, criterion, keep, rates, previous);
                var what = $"{strategy}, {result["scope"].Text}, {string.Join(' ', rates)}";
                var expected = string.Concat(result["masks"].Items.SelectMany(layer => layer.Bytes));
                Assert.Equal((what, expected), (what, string.Concat(mask.Layers.SelectMany(layer => layer.Kept))));
                Assert.Equal(result["kept"].Ints, mask.Layers.Select(layer => layer.KeptCount));
            }
        }
    }

    [Theory, MemberData(nameof(Weights))]
    public void Rounding_to_float32_makes_no_new_ties(string name)
    {
        foreach (var layer in Golden.Load(name)["layers"].Items)
        {
            foreach (var tensor in (Golden[])[layer["initial"], layer["final"]])
                Assert.Equal(tensor.Numbers.Select(Math.Abs).Distinct().Count(), tensor.Singles.Select(Math.Abs).Distinct().Count());
            double Increase(double initial, double final) => Math.Abs(final) - Math.Abs(initial);
            double Movement(double initial, double final) => Math.Abs(initial - final);
            var exact = layer["initial"].Numbers.Zip(layer["final"].Numbers).ToArray();
            var rounded = layer["initial"].Singles.Zip(layer["final"].Singles).ToArray();
            foreach (var criterion in (Func<double, double, double>[])[Increase, Movement])
            {
                Assert.Equal(
                    exact.Select(w => criterion(w.First, w.Second)).Distinct().Count(),
                    rounded.Select(w => criterion(w.First, w.Second)).Distinct().Count());
            }
        }
    }
}
