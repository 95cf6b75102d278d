using Bnn.Core;

namespace Bnn.Tests;

/// <summary>Masks and counts of the rule, against NumPy's.</summary>
public sealed class MaskGoldenTests
{
    public static TheoryData<string> Counts => Golden.Files("masks", "mask_counts");

    public static TheoryData<string> Posteriors => Golden.Files("masks", "mask_rule_posterior");

    public static TheoryData<string> Weights => Golden.Files("masks", "mask_rule_weights");

    [Theory, MemberData(nameof(Counts))]
    public void As_many_are_pruned_as_the_rule_says(string name)
    {
        var file = Golden.Load(name);
        foreach (var row in file["rows"].Items)
        {
            var (rate, n) = (row["rate"].Number, row["n"].Int);
            Assert.Equal((rate, n, row["rule"].Int), (rate, n, MaskSelection.PrunedCount(rate, n)));
        }
        var iterated = file["iterated"].Items.Where(run => run["counting"].Text is "rule").ToArray();
        Assert.NotEmpty(iterated);
        foreach (var run in iterated)
        {
            var expected = run["kept_after_round"].Ints;
            var kept = new List<int> { run["n"].Int };
            while (kept.Count < expected.Length) kept.Add(kept[^1] - MaskSelection.PrunedCount(run["rate"].Number, kept[^1]));
            Assert.Equal(expected, kept);
        }
    }

    [Theory, MemberData(nameof(Posteriors))]
    public void Criteria_of_a_posterior_give_the_masks_of_the_rule(string name)
    {
        var file = Golden.Load(name);
        var layers = file["layers"].Items.ToArray();
        var mu = layers.Select(layer => layer["mu"].Numbers).ToArray();
        var epsilon = file["scale_eps"].Number;
        var sigma = layers.Select(layer => layer["rho"].Numbers.Select(rho => Elbo.Sigma(rho, epsilon)).ToArray()).ToArray();
        foreach (var (l, expected) in file["sigma"].Items.Index())
            Near.Check($"sigma of layer {l}", expected.Numbers, sigma[l], Near.Relative(1e-14));
        Check(file, layers.Select(layer => layer["mu"]), result => result["criterion"].Text switch
        {
            "variance" => ([.. sigma.Select(s => Array.ConvertAll(s, value => value * value))], Keep.Lowest),
            "snr" => ([.. mu.Zip(sigma, (m, s) => m.Zip(s, (mean, scale) => Math.Abs(mean) / scale).ToArray())], Keep.Highest),
            "magnitude" => ([.. mu.Select(m => Array.ConvertAll(m, Math.Abs))], Keep.Highest),
            var other => throw new NotSupportedException(other),
        });
    }

    [Theory, MemberData(nameof(Weights))]
    public void Criteria_of_weights_give_the_masks_of_the_rule(string name)
    {
        var file = Golden.Load(name);
        var layers = file["layers"].Items.Select(layer => (Initial: layer["initial"].Numbers, Final: layer["final"].Numbers)).ToArray();
        double[][] Each(Func<double, double, double> score) => [.. layers.Select(layer => layer.Initial.Zip(layer.Final, score).ToArray())];
        double[][] LesserRank(double sign) => [.. layers.Select(layer =>
            Ranks(layer.Initial, sign).Zip(Ranks(layer.Final, sign), (a, b) => (double)Math.Min(a, b)).ToArray())];

        Check(file, file["layers"].Items.Select(layer => layer["final"]), result => result["criterion"].Text switch
        {
            "large_final" => (Each((_, final) => Math.Abs(final)), Keep.Highest),
            "small_final" => (Each((_, final) => Math.Abs(final)), Keep.Lowest),
            "large_init" => (Each((initial, _) => Math.Abs(initial)), Keep.Highest),
            "small_init" => (Each((initial, _) => Math.Abs(initial)), Keep.Lowest),
            "magnitude_increase" => (Each((initial, final) => Math.Abs(final) - Math.Abs(initial)), Keep.Highest),
            "movement" => (Each((initial, final) => Math.Abs(final - initial)), Keep.Highest),
            "large_init_large_final" => (LesserRank(1), Keep.Highest),
            "small_init_small_final" => (LesserRank(-1), Keep.Highest),
            "random" => (Cut(result["permutation"].Numbers, layers.Select(layer => layer.Final.Length)), Keep.Highest),
            var other => throw new NotSupportedException(other),
        });
    }

    private static void Check(Golden file, IEnumerable<Golden> tensors, Func<Golden, (double[][] Criterion, Keep Keep)> criterionOf)
    {
        LayerShape[] shapes = [.. tensors.Select(tensor => new LayerShape(tensor.Shape[0], tensor.Shape[1]))];
        LayerMask[]? previous = file["previous_masks"].IsNull
            ? null
            : [.. file["previous_masks"].Items.Zip(shapes, (mask, shape) => new LayerMask(shape, mask.Bytes))];
        var results = file["results"].Items.ToArray();
        Assert.NotEmpty(results);
        var rounds = 0;
        foreach (var result in results)
        {
            var (criterion, keep) = criterionOf(result);
            var rates = result["rates"].Numbers;
            var masks = result["scope"].Text is "global"
                ? Globally(shapes, criterion, keep, Assert.Single(rates), previous)
                : PerLayer(shapes, criterion, keep, rates, previous);
            var what = $"{result["criterion"].Text}, {result["scope"].Text}, {string.Join(' ', rates)}";
            Assert.Equal(
                (what, string.Concat(result["masks"].Items.SelectMany(layer => layer.Bytes))),
                (what, string.Concat(masks.SelectMany(kept => kept))));
            Assert.Equal(result["kept"].Ints, masks.Select(kept => kept.Sum(k => k)));
            if (NetOf(shapes) is { } net && RoundOf(result["scope"].Text, rates) is var (scope, perRound))
            {
                rounds++;
                var round = MaskSelection.NextRound(
                    net, Spoiled(criterion, previous), keep, scope, perRound, previous is null ? null : new Mask([.. previous]));
                Assert.Equal(
                    (what, string.Concat(masks.SelectMany(kept => kept))), (what, string.Concat(Kept(round).SelectMany(kept => kept))));
            }
        }
        Assert.True(rounds > 0 || NetOf(shapes) is null);
    }

    /// <summary>The scope and the per-round rate that give these rates; null where none does.</summary>
    private static (MaskScope Scope, RoundRate PerRound)? RoundOf(string scope, double[] rates)
    {
        if (rates[0] is not (> 0 and < 1)) return null;
        var perRound = RoundRate.Create((decimal)rates[0]).OrThrow();
        if (scope is "global") return (MaskScope.Global, perRound);
        if (rates.All(rate => rate.Equals(rates[0]))) return (MaskScope.Layerwise, perRound);
        return rates[..^1].All(rate => rate.Equals(rates[0])) && rates[^1].Equals(rates[0] / 2) ? (MaskScope.Paper, perRound) : null;
    }

    /// <summary>The criterion with NaN and infinities at pruned weights.</summary>
    private static double[][] Spoiled(double[][] criterion, LayerMask[]? previous) => [.. criterion.Select((values, l) => values
        .Select((value, i) => previous is null || previous[l].Kept[i] != 0
            ? value
            : (i % 3) switch { 0 => double.NaN, 1 => double.PositiveInfinity, _ => double.NegativeInfinity })
        .ToArray())];

    private static byte[][] PerLayer(LayerShape[] shapes, double[][] criterion, Keep keep, double[] rates, LayerMask[]? previous) =>
        NetOf(shapes) is { } net
            ? Kept(MaskSelection.AtRates(net, criterion, keep, rates, previous is null ? null : new Mask([.. previous])))
            : [.. shapes.SelectMany((shape, l) => Kept(MaskSelection.AtRates(
                NetOf(shape)!, [criterion[l]], keep, [rates[l]], previous is null ? null : new Mask([previous[l]]))))];

    private static byte[][] Globally(LayerShape[] shapes, double[][] criterion, Keep keep, double rate, LayerMask[]? previous)
    {
        if (NetOf(shapes) is { } net)
            return Kept(MaskSelection.Globally(net, criterion, keep, rate, previous is null ? null : new Mask([.. previous])));
        var all = new LayerShape(1, shapes.Sum(shape => shape.Weights));
        var kept = previous is null ? null : new Mask([new LayerMask(all, [.. previous.SelectMany(layer => layer.Kept)])]);
        var mask = MaskSelection.Globally(NetOf(all)!, [[.. criterion.SelectMany(values => values)]], keep, rate, kept);
        return Cut(mask.Layers[0].Kept, shapes.Select(shape => shape.Weights));
    }

    /// <summary>The net of these layers; null where they do not join (golden cases need not be networks).</summary>
    private static Architecture? NetOf(params LayerShape[] shapes) =>
        shapes.Zip(shapes.Skip(1)).All(pair => pair.First.Outputs == pair.Second.Inputs)
            ? new Architecture([shapes[0].Inputs, .. shapes.Select(shape => shape.Outputs)])
            : null;

    private static byte[][] Kept(Mask mask) => [.. mask.Layers.Select(layer => layer.Kept)];

    /// <summary>Rank of sign·|w|, from 0 ascending, equal values by index.</summary>
    private static int[] Ranks(double[] weights, double sign)
    {
        var ranks = new int[weights.Length];
        foreach (var (rank, i) in Enumerable.Range(0, weights.Length).OrderBy(i => sign * Math.Abs(weights[i])).Index()) ranks[i] = rank;
        return ranks;
    }

    private static T[][] Cut<T>(T[] values, IEnumerable<int> lengths)
    {
        var offset = 0;
        return [.. lengths.Select(length => values[offset..(offset += length)])];
    }
}
