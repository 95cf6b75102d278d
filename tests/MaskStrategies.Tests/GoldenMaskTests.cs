using Bnn.Core;
using Bnn.Tests;

namespace MaskStrategies.Tests;

/// <summary>
/// From parameters through strategy and selection to the mask that NumPy gives in double. The host passes parameters on as float32.
/// </summary>
public sealed class GoldenMaskTests
{
    public static TheoryData<string> Posteriors => Golden.Files("masks", "mask_rule_posterior");

    public static TheoryData<string> Weights => Golden.Files("masks", "mask_rule_weights");

    [Theory, MemberData(nameof(Posteriors))]
    public void A_posterior_gives_the_masks_of_the_rule(string file)
    {
        var golden = Golden.Load(file);
        Layer[] layers = [.. golden["layers"].Items.Select((layer, l) => new Layer(layer["mu"].Shape[0], layer["mu"].Shape[1])
        {
            Index = l,
            Mu = [.. layer["mu"].Numbers.Select(mu => (float)mu)],
            Sigma = [.. golden["sigma"].Items.ElementAt(l).Numbers.Select(sigma => (float)sigma)],
        })];

        // float32 has no 1e-300: where such means become 0 their order is lost before a strategy sees them.
        var vanish = golden["layers"].Items.SelectMany(layer => layer["mu"].Numbers).Any(mu => mu != 0 && (float)mu == 0);
        Check(golden, layers, criterion => criterion switch
        {
            "variance" => "variance",
            "snr" or "magnitude" when vanish => null,
            "snr" => "snr",
            "magnitude" => "mean-magnitude",
            var other => throw new NotSupportedException(other),
        });
    }

    [Theory, MemberData(nameof(Weights))]
    public void Trained_weights_give_the_masks_of_the_rule(string file)
    {
        var golden = Golden.Load(file);
        Layer[] layers = [.. golden["layers"].Items.Select((layer, l) => new Layer(layer["final"].Shape[0], layer["final"].Shape[1])
        {
            Index = l,
            Dense = [.. layer["final"].Numbers.Select(weight => (float)weight)],
        })];
        Check(golden, layers, criterion => criterion is "large_final" ? "magnitude" : null);
    }

    private static void Check(Golden golden, Layer[] layers, Func<string, string?> strategyOf)
    {
        var shapes = layers.Select(layer => new LayerShape(layer.Inputs, layer.Outputs)).ToArray();
        var previous = golden["previous_masks"].IsNull
            ? null
            : golden["previous_masks"].Items.Zip(shapes, (mask, shape) => new LayerMask(shape, mask.Bytes)).ToArray();
        var results = golden["results"].Items
            .Where(result => result["scope"].Text is "per_layer" && strategyOf(result["criterion"].Text) is not null)
            .ToList();
        Assert.NotEmpty(results);
        foreach (var result in results)
        {
            var strategy = strategyOf(result["criterion"].Text)!;
            var keep = Shipped.All[strategy].Attribute.Keep;
            var masks = layers.Select((layer, l) => MaskSelection.AtRates(
                new Architecture([layer.Inputs, layer.Outputs]), [Shipped.Score(strategy, layer)], keep, [result["rates"].Numbers[l]],
                previous is null ? null : new Mask([previous[l]])).Layers[0].Kept);
            var what = $"{strategy}, {string.Join(' ', result["rates"].Numbers)}";
            var expected = string.Concat(result["masks"].Items.SelectMany(layer => layer.Bytes));
            Assert.Equal((what, expected), (what, string.Concat(masks.SelectMany(kept => kept))));
        }
    }
}
