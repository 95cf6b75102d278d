using Bnn.Contract;
using Bnn.Core;
using CsCheck;
using MaskStrategies;

namespace Bnn.Tests;

/// <summary>After a round of pruning: what was pruned has no influence on how the others are ranked.</summary>
public sealed class KeptTests
{
    public static TheoryData<string> Names => Strategies.Names;

    /// <summary>Scores at pruned weights are ignored, so only the others are compared.</summary>
    [Theory, MemberData(nameof(Names))]
    public void A_kept_weight_is_scored_without_looking_at_pruned_ones(string name) => LiteratureNet.Pruned.Sample(net =>
    {
        var other = net.Score(new Snr());
        var unknown = net with { Layers = [.. net.Layers.Select(layer => layer.WithoutPruned())] };
        double[][] unknownOther = [.. other.Zip(net.Layers, (scores, layer) =>
            scores.Select((score, i) => layer.Kept[i] == 0 ? double.NaN : score).ToArray())];
        var expected = AtKept(net, net.Score(Strategies.Make(name), other));
        Assert.All(expected, score => Assert.True(double.IsFinite(score)));
        Assert.Equal(expected, AtKept(net, unknown.Score(Strategies.Make(name), unknownOther)));
    }, iter: 50);

    /// <summary>The others compare weights with one another, and have tests of their own below.</summary>
    [Theory, MemberData(nameof(Names))]
    public void A_criterion_of_single_weights_does_not_depend_on_what_is_kept(string name) => LiteratureNet.Pruned.Sample(net =>
    {
        if (name is "shuffle" or "synflow" || Strategies.Make(name) is SameSign or LesserRank) return;
        var whole = net with { Layers = [.. net.Layers.Select(layer => layer.Pruned(eighths: 8))] };
        var other = net.Score(new Snr());
        Assert.Equal(AtKept(net, whole.Score(Strategies.Make(name), other)), AtKept(net, net.Score(Strategies.Make(name), other)));
    }, iter: 30);

    [Fact]
    public void Ranks_are_those_of_the_layer_that_is_left() => LiteratureNet.Pruned.Sample(net =>
    {
        foreach (var (strategy, sign) in ((object, int)[])[(new LargeInitLargeFinal(), 1), (new SmallInitSmallFinal(), -1)])
        {
            foreach (var (l, criterion) in net.Score(strategy).Index())
            {
                var layer = net.Layers[l];
                int[] left = [.. Enumerable.Range(0, criterion.Length).Where(i => layer.Kept[i] != 0)];
                int Rank(float[] weights, int i) => left.Count(j =>
                    sign * Math.Abs(weights[j]) < sign * Math.Abs(weights[i]) || Math.Abs(weights[j]) == Math.Abs(weights[i]) && j < i);
                Assert.All(left, i => Assert.Equal(Math.Min(Rank(layer.DenseInitial, i), Rank(layer.DenseFinal, i)), criterion[i]));
            }
        }
    }, iter: 50);

    [Theory, InlineData("large-final-same-sign", "large-final"), InlineData("magnitude-increase-same-sign", "magnitude-increase")]
    public void A_changed_sign_costs_four_times_the_largest_weight_that_is_left(string name, string underneath) =>
        LiteratureNet.Pruned.Sample(net =>
        {
            (float Before, float After)[] kept =
                [.. net.Layers.SelectMany(layer => Indices(layer).Select(i => (layer.DenseInitial[i], layer.DenseFinal[i])))];
            var largest = kept.Select(w => (double)Math.Max(Math.Abs(w.Before), Math.Abs(w.After))).Append(0).Max();
            var plain = AtKept(net, net.Score(Strategies.Make(underneath)));
            var expected = kept.Zip(plain, (w, c) => c - (w.Before > 0 && w.After < 0 || w.Before < 0 && w.After > 0 ? 4 * largest : 0));
            Assert.Equal(expected, AtKept(net, net.Score(Strategies.Make(name))));
        }, iter: 50);

    [Fact]
    public void Synaptic_flow_is_that_of_the_net_with_zeros_for_what_was_pruned() => LiteratureNet.Pruned.Sample(net =>
    {
        var zeros = new LiteratureNet(net.Net, [.. net.Layers.Select(layer => new LiteratureLayer(layer.Shape, salt: 0)
        {
            Start = [.. layer.Start.Select((w, i) => layer.Kept[i] == 0 ? 0 : w)],
        })]);
        Assert.Equal(zeros.Score(new Synflow()), net.Score(new Synflow()));
    }, iter: 50);

    [Fact]
    public void A_shuffle_permutes_the_kept_weights_scores_and_moves_no_other() => LiteratureNet.Pruned.Sample(net =>
    {
        var other = net.Score(new Snr());
        foreach (var (l, shuffled) in net.Score(new Shuffle(), other).Index())
        {
            var kept = Indices(net.Layers[l]).ToHashSet();
            Assert.Equal(kept.Select(i => other[l][i]).Order(), kept.Select(i => shuffled[i]).Order());
            for (var i = 0; i < shuffled.Length; i++) if (!kept.Contains(i)) Assert.Equal(other[l][i], shuffled[i]);
        }
    }, iter: 50);

    /// <summary>The same random numbers put what is left in the order of a layer that has nothing else.</summary>
    [Fact]
    public void A_shuffle_of_what_is_left_is_that_of_a_smaller_layer()
    {
        byte[] kept = [1, 0, 0, 1, 1, 0, 1, 1];
        var random = new StrategyRandom(new Seed(3), "shuffle", 0);
        double[] Shuffled(byte[] kept, double[] other)
        {
            var layer = new LayerView { Inputs = 1, Outputs = other.Length, Kept = kept, Other = other, Random = random };
            var criterion = new double[other.Length];
            new Shuffle().Score(layer, criterion);
            return criterion;
        }
        var whole = Shuffled(kept, [0, 1, 2, 3, 4, 5, 6, 7]);
        var small = Shuffled([1, 1, 1, 1, 1], [0, 3, 4, 6, 7]);
        Assert.Equal(small, whole.Where((_, i) => kept[i] != 0));
    }

    /// <summary>The loop of the first release, whose tickets must keep their masks.</summary>
    [Fact]
    public void With_all_weights_kept_a_shuffle_is_what_it_was() => LiteratureNet.Any.Sample(net =>
    {
        var other = net.Score(new Snr());
        foreach (var (l, shuffled) in net.Score(new Shuffle(), other).Index())
        {
            double[] expected = [.. other[l]];
            var random = new StrategyRandom(new Seed(5), "shuffle", l);
            for (var i = expected.Length - 1; i > 0; i--)
            {
                var j = (int)(random.Uniform(i) * (i + 1));
                (expected[i], expected[j]) = (expected[j], expected[i]);
            }
            Assert.Equal(expected, shuffled);
        }
    }, iter: 50);

    private static IEnumerable<int> Indices(LiteratureLayer layer) => Enumerable.Range(0, layer.Kept.Length).Where(i => layer.Kept[i] != 0);

    private static double[] AtKept(LiteratureNet net, double[][] criterion) =>
        [.. criterion.SelectMany((scores, l) => Indices(net.Layers[l]).Select(i => scores[i]))];
}
