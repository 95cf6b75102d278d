using System.Collections.Immutable;
using Bnn.Core;
using CsCheck;

namespace Bnn.Tests;

/// <summary>How many weights rounds leave, which rounds densities name, and the masks of rounds.</summary>
public sealed class RoundsTests
{
    private static readonly Architecture Lenet = new([784, 300, 100, 10]);

    /// <summary>A hundred weights: 100, 80, 64, 51, 41 … are left at 0.2.</summary>
    private static readonly Architecture Hundred = new([10, 10]);

    private static readonly Gen<RoundRate> Rates = Gen.Int[1, 99].Select(percent => Rate(percent / 100m));

    private static readonly Gen<Architecture> Nets = Gen.Int[1, 9].Array[2, 4].Select(sizes => new Architecture([.. sizes]));

    [Fact]
    public void A_rate_is_0_2_unless_given_and_lies_between_0_and_1()
    {
        Assert.Equal((0.2m, "0.2"), (default(RoundRate).Value, default(RoundRate).ToString()));
        Assert.Equal(default, Rate(0.20m));
        Assert.Equal("0.15", RoundRate.Parse("0.150").OrThrow().ToString());
        foreach (var text in (string[])["0", "1", "-0.2", "1.5", "much", ""])
        {
            var faults = Assert.IsType<Result<RoundRate>.Failed>(RoundRate.Parse(text)).Faults;
            var fault = Assert.IsType<Fault.BadSetting>(Assert.Single(faults));
            Assert.Equal((text.Length == 0 ? "nothing" : text, "0.2"), (fault.Found, fault.Example));
        }
    }

    [Theory]
    [InlineData("0.2", MaskScope.Paper, new[] { 0.2, 0.2, 0.1 }), InlineData("0.3", MaskScope.Paper, new[] { 0.3, 0.3, 0.15 })]
    [InlineData("0.2", MaskScope.Layerwise, new[] { 0.2, 0.2, 0.2 }), InlineData("0.2", MaskScope.Global, new[] { 0.2 })]
    public void The_output_layer_loses_half_under_paper(string rate, MaskScope scope, double[] expected) =>
        Assert.Equal(expected, Rounds.Rates(Lenet, scope, RoundRate.Parse(rate).OrThrow()));

    [Theory]
    [InlineData(MaskScope.Paper, 0, new[] { 235200, 30000, 1000 }), InlineData(MaskScope.Paper, 1, new[] { 188160, 24000, 900 })]
    [InlineData(MaskScope.Paper, 24, new[] { 1111, 142, 79 })]
    [InlineData(MaskScope.Layerwise, 2, new[] { 150528, 19200, 640 })]
    [InlineData(MaskScope.Global, 0, new[] { 266200 }), InlineData(MaskScope.Global, 2, new[] { 170368 })]
    public void Rounds_leave_what_is_left_by_hand(MaskScope scope, int rounds, int[] expected)
    {
        Assert.Equal(expected, Rounds.KeptCounts(Lenet, scope, default, rounds));
        Assert.Equal(expected.Sum() / 266200.0, Rounds.KeptShare(Lenet, scope, default, rounds));
    }

    [Fact]
    public void Rounds_leave_what_NumPy_counts()
    {
        var runs = Golden.Load("masks/rule_counts.json")["iterated"].Items.Where(run => run["counting"].Text is "rule").ToArray();
        Assert.NotEmpty(runs);
        foreach (var run in runs)
        {
            var net = new Architecture([run["n"].Int, 1]);
            var rate = Rate((decimal)run["rate"].Number);
            foreach (var (round, kept) in run["kept_after_round"].Ints.Index())
            {
                Assert.Equal([kept], Rounds.KeptCounts(net, MaskScope.Layerwise, rate, round));
                Assert.Equal([kept], Rounds.KeptCounts(net, MaskScope.Global, rate, round));
            }
        }
    }

    [Theory]
    [InlineData("1,0.8,0.64", new[] { 0, 1, 2 }), InlineData("0.64,1", new[] { 0, 2 })]
    [InlineData("0.9", new[] { 0 }), InlineData("0.89", new[] { 1 }), InlineData("0.72", new[] { 1 }), InlineData("0.7199", new[] { 2 })]
    [InlineData("0.8,0.79,0.81", new[] { 1 }), InlineData("0.56", new[] { 2 })]
    public void A_density_names_the_nearest_round_the_earlier_of_two(string densities, int[] rounds) =>
        Assert.Equal(rounds, Rounds.Nearest(Read(densities), Hundred, MaskScope.Layerwise, default, rounds: 2).OrThrow());

    [Fact]
    public void A_density_past_the_last_round_is_refused_with_what_would_reach_it()
    {
        var faults = Assert.IsType<Result<ImmutableArray<int>>.Failed>(
            Rounds.Nearest(Read("0.8,0.559,0.4"), Hundred, MaskScope.Layerwise, default, rounds: 2)).Faults;
        Assert.Equal(
            [
                "density: expected a share near that of a round; the nearest, round 2, keeps 0.64 (64 of 100 weights), found 0.559; "
                    + "ask for 3 rounds, or for a density of 0.56 or more",
                "density: expected a share near that of a round; the nearest, round 2, keeps 0.64 (64 of 100 weights), found 0.4; "
                    + "ask for 4 rounds, or for a density of 0.56 or more",
            ],
            faults.Select(fault => fault.Describe()));
        var small = Assert.IsType<Result<ImmutableArray<int>>.Failed>(
            Rounds.Nearest(Read("0.001"), Lenet, MaskScope.Paper, default, rounds: 24)).Faults;
        Assert.Equal(
            "density: expected a share near that of a round; the nearest, round 24, keeps 0.005 (1332 of 266200 weights), found 0.001; "
                + "ask for 32 rounds, or for a density of 0.0044 or more",
            Assert.Single(small).Describe());
    }

    /// <summary>floor(0.2·2 + ½) is 0, so two weights stay two.</summary>
    [Fact]
    public void Where_rounds_stop_pruning_no_number_of_them_is_proposed()
    {
        var net = new Architecture([1, 4]);         // 4, 3, 2, 2, 2 …
        Assert.Equal([2], Rounds.Nearest(Read("0.5,0.375"), net, MaskScope.Layerwise, default, rounds: 9).OrThrow());
        var fault = Assert.Single(Assert.IsType<Result<ImmutableArray<int>>.Failed>(
            Rounds.Nearest(Read("0.37"), net, MaskScope.Layerwise, default, rounds: 9)).Faults);
        Assert.Equal(
            "density: expected a share near that of a round; the nearest, round 2, keeps 0.5 (2 of 4 weights), found 0.37; "
                + "no number of rounds gets there at 0.2 a round: ask for a density of 0.375 or more",
            fault.Describe());
    }

    [Fact]
    public void Without_rounds_only_the_whole_net_has_a_name()
    {
        Assert.Equal([0], Rounds.Nearest(Read("1"), Hundred, MaskScope.Global, default, rounds: 0).OrThrow());
        var fault = Assert.Single(Assert.IsType<Result<ImmutableArray<int>>.Failed>(
            Rounds.Nearest(Read("0.75"), Hundred, MaskScope.Global, default, rounds: 0)).Faults);
        Assert.EndsWith("; ask for 1 round, or for a density of 1 or more", fault.Describe(), StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>(() => Rounds.KeptCounts(Hundred, MaskScope.Global, default, -1));
    }

    [Fact]
    public void No_round_is_nearer_than_the_one_named_and_proposals_are_accepted() =>
        Gen.Select(Nets, Gen.Enum<MaskScope>(), Rates, Gen.Int[1, 12], Gen.Int[1, 1000]).Sample((net, scope, rate, rounds, thousandths) =>
    {
        var density = Density.Create(thousandths / 1000m).OrThrow();
        var shares = Enumerable.Range(0, rounds + 1).Select(round => Rounds.KeptCounts(net, scope, rate, round).Sum()).ToArray();
        var distances = shares.Select(kept => Math.Abs(density.Value * net.Weights - kept)).ToArray();
        var nearest = Array.IndexOf(distances, distances.Min());
        var result = Rounds.Nearest([density], net, scope, rate, rounds);
        if (result is Result<ImmutableArray<int>>.Ok(var named))
        {
            Assert.Equal(nearest, Assert.Single(named));
            return;
        }
        Assert.Equal(shares[^1], shares[nearest]);
        var fix = Assert.IsType<Fault.BadSetting>(Assert.Single(((Result<ImmutableArray<int>>.Failed)result).Faults)).Fix.Split(' ');
        Assert.Equal(
            nearest,
            Rounds.Nearest(Read(fix[Array.IndexOf(fix, "density") + 2]), net, scope, rate, rounds).OrThrow()[0]);
        if (fix[0] is not "ask") return;
        var enough = int.Parse(fix[2]);
        Assert.Equal([enough], Rounds.Nearest([density], net, scope, rate, enough).OrThrow());
        Assert.IsType<Result<ImmutableArray<int>>.Failed>(Rounds.Nearest([density], net, scope, rate, enough - 1));
    }, iter: 2000);

    [Fact]
    public void Masks_of_rounds_nest_and_keep_the_counts_whatever_the_criterion_of_pruned_weights() =>
        Gen.Select(Nets, Gen.Enum<MaskScope>(), Rates, Gen.Enum<Keep>(), Gen.Int[-3, 3].Array[200]).Sample((net, scope, rate, keep, raw) =>
    {
        var values = Enumerable.Range(0, net.Weights).Select(i => (double)raw[i % 200]).ToArray();
        var (clean, spoiled) = ((Mask?)null, (Mask?)null);
        for (var round = 1; round <= 5; round++)
        {
            clean = MaskSelection.NextRound(net, PerLayer(net, values), keep, scope, rate, clean);
            var nonsense = PerLayer(net, values);
            if (spoiled is not null)
                foreach (var (l, layer) in spoiled.Layers.Index())
                    for (var i = 0; i < layer.Kept.Length; i++)
                        if (layer.Kept[i] == 0)
                            nonsense[l][i] = (i % 4) switch
                            {
                                0 => double.NaN,
                                1 => double.PositiveInfinity,
                                2 => double.NegativeInfinity,
                                _ => -double.NaN,
                            };
            var next = MaskSelection.NextRound(net, nonsense, keep, scope, rate, spoiled);
            Assert.Equal(Flat(clean), Flat(next));
            if (spoiled is not null) Assert.All(Flat(next).Zip(Flat(spoiled)), pair => Assert.True(pair.First <= pair.Second));
            spoiled = next;
            int[] kept = scope == MaskScope.Global ? [next.KeptCount] : [.. next.Layers.Select(layer => layer.KeptCount)];
            Assert.Equal(Rounds.KeptCounts(net, scope, rate, round), kept);
            Assert.Equal(Rounds.KeptShare(net, scope, rate, round), next.Density);
        }
    });

    /// <summary>With a criterion that doesn't change, rounds prune the worst first, as one shot does.</summary>
    [Fact]
    public void One_shot_at_the_rounds_counts_is_what_rounds_by_one_criterion_give() =>
        Gen.Select(Nets, Gen.Enum<MaskScope>(), Rates, Gen.Enum<Keep>(), Gen.Int[0, 6]).SelectMany(c =>
            Gen.Int[-9, 9].Array[c.Item1.Weights].Select(values => (c.Item1, c.Item2, c.Item3, c.Item4, c.Item5, values))).Sample(c =>
    {
        var (net, scope, rate, keep, rounds, values) = c;
        var criterion = PerLayer(net, Array.ConvertAll(values, value => (double)value));
        Mask? iterated = null;
        for (var round = 0; round < rounds; round++) iterated = MaskSelection.NextRound(net, criterion, keep, scope, rate, iterated);
        var counts = Rounds.KeptCounts(net, scope, rate, rounds);
        var oneShot = scope == MaskScope.Global
            ? MaskSelection.WithTotal(net, criterion, keep, counts[0])
            : MaskSelection.WithCounts(net, criterion, keep, counts);
        Assert.Equal(Flat(iterated ?? Mask.All(net)), Flat(oneShot));
    });

    [Fact]
    public void A_total_is_kept_over_all_layers_together()
    {
        var net = new Architecture([2, 1, 2]);
        double[][] criterion = [[3, 1], [1, 2]];
        Assert.Equal([1, 0, 1, 1], Flat(MaskSelection.WithTotal(net, criterion, Keep.Highest, 3)));
        Assert.Equal([0, 1, 1, 0], Flat(MaskSelection.WithTotal(net, criterion, Keep.Lowest, 2)));
        Assert.Equal([0, 0, 0, 0], Flat(MaskSelection.WithTotal(net, criterion, Keep.Lowest, 0)));
        foreach (var total in (int[])[-1, 5])
            Assert.Throws<ArgumentOutOfRangeException>(() => MaskSelection.WithTotal(net, criterion, Keep.Lowest, total));
    }

    private static RoundRate Rate(decimal value) => RoundRate.Create(value).OrThrow();

    private static Density[] Read(string densities) => [.. densities.Split(',').Select(text => Density.Parse(text).OrThrow())];

    private static byte[] Flat(Mask mask) => [.. mask.Layers.SelectMany(layer => layer.Kept)];

    private static double[][] PerLayer(Architecture net, double[] flat)
    {
        var offset = 0;
        return [.. net.Layers.Select(shape => flat[offset..(offset += shape.Weights)])];
    }
}
