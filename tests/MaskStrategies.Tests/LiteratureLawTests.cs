using Bnn.Contract;
using Bnn.Core;
using CsCheck;
using MaskStrategies;

namespace Bnn.Tests;

/// <summary>What holds of every strategy, and of the controls.</summary>
public sealed class LiteratureLawTests
{
    public static TheoryData<string> Names => Strategies.Names;

    [Theory, MemberData(nameof(Names))]
    public void A_criterion_is_written_whole_finite_and_the_same_again(string name) => LiteratureNet.Any.Sample(net =>
    {
        var strategy = Strategies.Make(name);
        var other = net.Score(new Snr());
        var criterion = net.Score(strategy, other);
        Assert.All(criterion.SelectMany(c => c), value => Assert.True(double.IsFinite(value)));
        Assert.Equal(criterion, net.Score(strategy, other));
        Assert.Equal(criterion, net.Score(Strategies.Make(name), other));
    }, iter: 30);

    [Theory, MemberData(nameof(Names))]
    public void Layers_scored_alone_do_not_know_of_one_another(string name) => LiteratureNet.Any.Sample(net =>
    {
        if (Strategies.Make(name) is not IMaskStrategy strategy) return;
        var other = net.Score(new Snr());
        var criterion = net.Score(strategy, other);
        for (var l = net.Layers.Length - 1; l >= 0; l--)
        {
            var again = new double[net.Layers[l].Shape.Weights];
            strategy.Score(net.Layers[l].View(l, Strategies.Attribute(name), other[l]), again);
            Assert.Equal(criterion[l], again);
            if (name is "random" or "shuffle") continue;      // their stream is the layer's
            strategy.Score(net.Layers[l].View(l + 7, Strategies.Attribute(name), other[l]), again);
            Assert.Equal(criterion[l], again);
        }
    }, iter: 30);

    [Fact]
    public void Same_sign_does_not_depend_on_the_order_of_layers() => LiteratureNet.Any.Sample(net =>
    {
        var reversed = net with { Layers = [.. net.Layers.Reverse()] };
        foreach (var strategy in (object[])[new LargeFinalSameSign(), new MagnitudeIncreaseSameSign()])
            Assert.Equal(net.Score(strategy).Reverse(), reversed.Score(strategy));
    }, iter: 30);

    [Fact]
    public void Twice_the_weights_keep_the_same() => LiteratureNet.Even.Sample(net =>
    {
        var twice = net with { Layers = [.. net.Layers.Select(layer => layer.Twice())] };
        var scaled = Strategies.Names.Select(row => row.Data)
            .Where(name => Strategies.Attribute(name).Needs == Needs.DenseWeights || name is "synflow" or "snip" or "wanda");
        foreach (var name in scaled)
        {
            var keep = Strategies.Attribute(name).Keep;
            Mask Half(LiteratureNet of) => MaskSelection.Globally(net.Net, of.Score(Strategies.Make(name)), keep, 0.5, previous: null);
            Assert.Equal(Bits(Half(net)), Bits(Half(twice)));
        }
    }, iter: 30);

    [Fact]
    public void Shuffled_is_the_others_criterion_in_another_order() => LiteratureNet.Any.Sample(net =>
    {
        var other = net.Score(new Snr());
        foreach (var (l, shuffled) in net.Score(new Shuffle(), other).Index()) Assert.Equal(other[l].Order(), shuffled.Order());
    }, iter: 50);

    [Fact]
    public void A_shuffle_puts_every_value_everywhere_equally_often()
    {
        const int Size = 5, Deals = 4000;
        var seen = new int[Size, Size];
        var strategy = new Shuffle();
        for (var deal = 0; deal < Deals; deal++)
        {
            var criterion = new double[Size];
            var layer = new LayerView
            {
                Inputs = 1,
                Outputs = Size,
                Kept = [1, 1, 1, 1, 1],
                Other = [0, 1, 2, 3, 4],
                Random = new StrategyRandom(new Seed((ulong)deal), "shuffle", 0),
            };
            strategy.Score(layer, criterion);
            for (var i = 0; i < Size; i++) seen[i, (int)criterion[i]]++;
        }
        // 800 expected each, standard deviation √(4000·0.2·0.8) = 25.
        foreach (var count in seen) Assert.InRange(count, 670, 930);
    }

    [Fact]
    public void A_shuffled_mask_keeps_as_many_in_each_layer_as_the_other() =>
        Gen.Select(LiteratureNet.Any, Gen.Int[0, 1000], Gen.Bool).Sample((net, share, ties) =>
        {
            object original = ties ? new LargeFinal() : new Snr();
            var other = net.Score(original);
            var shuffled = net.Score(new Shuffle(), other);
            var rate = share / 1000.0;
            double[] rates = [.. net.Layers.Select(_ => rate)];
            Assert.Equal(
                Counts(MaskSelection.AtRates(net.Net, other, Keep.Highest, rates, previous: null)),
                Counts(MaskSelection.AtRates(net.Net, shuffled, Keep.Highest, rates, previous: null)));
            Assert.Equal(
                Counts(MaskSelection.Globally(net.Net, other, Keep.Highest, rate, previous: null)),
                Counts(MaskSelection.Globally(net.Net, shuffled, Keep.Highest, rate, previous: null)));
        });

    [Fact]
    public void Inverted_and_the_other_share_the_weights_at_half() => LiteratureNet.Even.Sample(net =>
    {
        var other = net.Score(new SigmaRatio());
        if (other.SelectMany(c => c).Distinct().Count() < net.Net.Weights) return;      // ties go by index in both
        var inverted = net.Score(new Inverted(), other);
        double[] halves = [.. net.Layers.Select(_ => 0.5)];
        Assert.Equal(
            Bits(MaskSelection.AtRates(net.Net, other, Keep.Highest, halves, previous: null)),
            Bits(MaskSelection.AtRates(net.Net, inverted, Keep.Highest, halves, previous: null)).Select(kept => 1 - kept));
        Assert.Equal(
            Bits(MaskSelection.Globally(net.Net, other, Keep.Highest, 0.5, previous: null)),
            Bits(MaskSelection.Globally(net.Net, inverted, Keep.Highest, 0.5, previous: null)).Select(kept => 1 - kept));
    }, iter: 100);

    private static int[] Bits(Mask mask) => [.. mask.Layers.SelectMany(layer => layer.Kept).Select(kept => (int)kept)];

    private static int[] Counts(Mask mask) => [.. mask.Layers.Select(layer => layer.KeptCount)];
}
