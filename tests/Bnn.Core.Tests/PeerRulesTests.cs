using System.Text.Json;
using Bnn.Core;

namespace Bnn.Tests;

/// <summary>
/// The counts of Google's and open_lth's own pruning code beside ours, and what makes the difference: how r·n is rounded, the weight on the
/// threshold, and its ties. docs/rounds.md says the same in words.
/// </summary>
public sealed class PeerRulesTests
{
    public static TheoryData<string> Google => Golden.Files("masks", "mask_google");

    public static TheoryData<string> OpenLth => Golden.Files("masks", "mask_open_lth");

    /// <summary>The place, from 0, of Google's threshold: r·n, halves to even.</summary>
    private static int GooglePlace(double rate, int n) => (int)Math.Round(rate * n, MidpointRounding.ToEven);

    /// <summary>The place of open_lth's threshold: r·n, rounded up.</summary>
    private static int OpenLthPlace(double fraction, int n) => (int)Math.Ceiling(fraction * n);

    [Fact]
    public void Their_counts_follow_from_the_place_of_the_threshold()
    {
        var file = Golden.Load("masks/rule_counts.json");
        foreach (var row in file["rows"].Items)
        {
            var (rate, n) = (row["rate"].Number, row["n"].Int);
            Assert.Equal((rate, n, Pruned(row["google"])), (rate, n, PrunedUpTo(GooglePlace(rate, n), n)));
            Assert.Equal((rate, n, Pruned(row["open_lth"])), (rate, n, PrunedUpTo(OpenLthPlace(rate, n), n)));
        }

        static int? Pruned(Golden count) => count.Element.ValueKind == JsonValueKind.String ? null : count.Int;

        // Theirs fails where there is no weight at the place.
        static int? PrunedUpTo(int place, int n) => place < n ? place + 1 : null;
    }

    [Theory, MemberData(nameof(Google))]
    public void Googles_masks_have_a_threshold_and_its_ties_less_than_ours(string name)
    {
        foreach (var run in Golden.Load(name)["runs"].Items)
        {
            var rates = run["rates"].Numbers;
            var layers = run["final"].Items
                .Zip(run["previous_masks"].Items, (weights, mask) => (weights.Shape, Weights: weights.Numbers, Left: mask.Bytes))
                .ToArray();
            var places = layers.Select((layer, l) => GooglePlace(rates[l], layer.Left.Sum(k => k))).ToArray();
            Assert.Equal(run["raises"].IsNull, layers.Zip(places).All(pair => pair.Second < pair.First.Left.Sum(k => k)));
            if (!run["raises"].IsNull) continue;
            foreach (var (l, (shape, weights, left)) in layers.Index())
            {
                var threshold = Sorted(weights, left)[places[l]];
                byte[] theirs = [.. weights.Zip(left, (w, k) => Math.Abs(w) > threshold ? k : (byte)0)];
                Assert.Equal(run["masks"].Items.ElementAt(l).Bytes, theirs);
                var ties = Sorted(weights, left)[(places[l] + 1)..].Count(w => w.Equals(threshold));
                var n = left.Sum(k => k);
                var rounding = MaskSelection.PrunedCount(rates[l], n) - places[l];
                Assert.InRange(rounding, 0, 1);                             // 1 at a half above an even number
                var ours = Ours(shape, weights, left, rates[l]);
                Assert.Equal(theirs.Sum(k => k), ours + rounding - 1 - ties);
            }
        }
    }

    [Theory, MemberData(nameof(OpenLth))]
    public void The_masks_of_open_lth_have_a_threshold_and_its_ties_less_than_ours(string name)
    {
        var file = Golden.Load(name);
        var names = file["layers"].Items.Select(layer => layer.Text).ToArray();
        foreach (var run in file["runs"].Items)
        {
            var fraction = run["fraction"].Number;
            var ignored = run["ignore"].Items.Select(layer => layer.Text).ToArray();
            var layers = run["final"].AsSingle().Items
                .Zip(run["previous_masks"].Items, (weights, mask) => (Weights: weights.Numbers, Left: mask.Bytes))
                .ToArray();
            var ranked = names.Index().Where(layer => !ignored.Contains(layer.Item)).Select(layer => layers[layer.Index]).ToArray();
            double[] all = [.. ranked.SelectMany(layer => layer.Weights)];
            byte[] left = [.. ranked.SelectMany(layer => layer.Left)];
            var n = layers.Sum(layer => layer.Left.Sum(k => k));
            Assert.Equal(run["remaining_before_all_layers"].Int, n);
            var place = OpenLthPlace(fraction, n);
            Assert.Equal(run["raises"].IsNull, place < left.Sum(k => k));
            if (!run["raises"].IsNull) continue;

            var threshold = Sorted(all, left)[place];
            var theirs = names.Zip(layers, (layer, values) => ignored.Contains(layer)
                ? values.Left
                : [.. values.Weights.Zip(values.Left, (w, k) => Math.Abs(w) > threshold ? k : (byte)0)]).ToArray();
            Assert.Equal(run["masks"].Items.Select(mask => mask.Bytes), theirs);
            var ties = Sorted(all, left)[(place + 1)..].Count(w => w.Equals(threshold));
            var rounding = MaskSelection.PrunedCount(fraction, n) - place;
            Assert.InRange(rounding, -1, 0);                                // -1 where r·n is below a half above a whole number
            var everything = layers.SelectMany(layer => layer.Weights).ToArray();
            var ours = Ours([1, everything.Length], everything, [.. layers.SelectMany(layer => layer.Left)], fraction);
            Assert.Equal(theirs.Sum(mask => mask.Sum(k => k)), ours + rounding - 1 - ties);
        }
    }

    /// <summary>docs/rounds.md holds, row for row, what the rules give; those of a layer are NumPy's too.</summary>
    [Fact]
    public void The_table_in_the_docs_is_what_the_rules_give()
    {
        var net = new Architecture([784, 300, 100, 10]);
        var rates = Rounds.Rates(net, MaskScope.Paper, default);
        var google = net.Layers.Select(shape => shape.Weights).ToArray();
        var openLth = net.Weights;
        var text = File.ReadAllText(Path.Combine(Golden.Folder, "..", "..", "docs", "rounds.md"));
        var iterated = Golden.Load("masks/rule_counts.json")["iterated"].Items.ToArray();
        for (var round = 1; round <= 24; round++)
        {
            google = [.. google.Zip(rates, (n, rate) => n - GooglePlace(rate, n) - 1)];
            openLth -= OpenLthPlace(0.2, openLth) + 1;
            Assert.Equal(Numpy("google", round), google);
            Assert.Equal(Numpy("rule", round), Rounds.KeptCounts(net, MaskScope.Paper, default, round));
            if (round is not (1 or 5 or 10 or 15 or 20 or 24)) continue;
            var paper = Rounds.KeptCounts(net, MaskScope.Paper, default, round);
            var global = Assert.Single(Rounds.KeptCounts(net, MaskScope.Global, default, round));
            Assert.Contains(
                $"| {round} | {string.Join(", ", paper)} | {paper.Sum()} | {string.Join(", ", google)} | {google.Sum()} "
                    + $"| {global} | {openLth} |",
                text,
                StringComparison.Ordinal);
        }
        // What is left of the hidden layers where the output layer's 1,000 weights are left alone.
        Assert.Contains($"after 24 rounds {openLth - 1000} weights are left", text, StringComparison.Ordinal);

        IEnumerable<int> Numpy(string counting, int round) => net.Layers.Select(shape => iterated
            .Single(run => run["counting"].Text == counting && run["n"].Int == shape.Weights)["kept_after_round"].Ints[round]);
    }

    private static double[] Sorted(double[] weights, byte[] left) =>
        [.. weights.Zip(left).Where(pair => pair.Second != 0).Select(pair => Math.Abs(pair.First)).Order()];

    /// <summary>How many weights our rule keeps.</summary>
    private static int Ours(int[] shape, double[] weights, byte[] left, double rate)
    {
        var net = new Architecture([.. shape]);
        var previous = new Mask([new LayerMask(net.Layers[0], left)]);
        return MaskSelection.AtRates(net, [Array.ConvertAll(weights, Math.Abs)], Keep.Highest, [rate], previous).KeptCount;
    }
}
