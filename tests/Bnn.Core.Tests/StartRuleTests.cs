using Bnn.Core;
using CsCheck;

namespace Bnn.Tests;

/// <summary>What kept and pruned weights start from.</summary>
public sealed class StartRuleTests
{
    private sealed record Case(Architecture Net, Seed Seed, Mask Mask, PointWeights Initial, StartRule Start)
    {
        public PointWeights By(KeptRule rule) => rule.Apply(Start, Seed, Net, Mask, Initial);
    }

    private static readonly Gen<float> Values = Gen.OneOf(
        Gen.Float[-2, 2], Gen.Int[-2, 2].Select(value => (float)value), Gen.Bool.Select(negative => negative ? -0f : 0f));

    private static readonly Gen<Case> Cases =
        from net in Gen.Int[1, 8].Array[2, 4].Select(sizes => new Architecture([.. sizes]))
        from seed in Gen.ULong
        from kept in Gen.Byte[0, 1].Array[net.Weights]
        from weights in Values.Array[net.Weights]
        from biases in Values.Array[net.Layers.Sum(shape => shape.Outputs)]
        from start in Gen.Enum<StartRule>()
        select new Case(net, new Seed(seed), MaskOf(net, kept), WeightsOf(net, weights, biases), start);

    [Fact]
    public void Rules_have_the_names_of_settings_and_the_default_first()
    {
        Assert.Equal(
            ["rewind", "reinit", "shuffle", "reinit-same-sign", "shuffle-same-sign", "constant"],
            Enum.GetValues<KeptRule>().Select(rule => rule.Name()));
        Assert.Equal(["zero", "freeze", "towards-zero"], Enum.GetValues<PrunedRule>().Select(rule => rule.Name()));
        Assert.Equal(["posterior", "glorot"], Enum.GetValues<StartRule>().Select(start => start.Name()));
    }

    [Fact]
    public void Pruned_weights_start_at_0_and_inputs_are_left_as_they_are() =>
        Cases.Select(Gen.Enum<KeptRule>()).Sample((c, rule) =>
    {
        var before = c.Initial.Copy();
        var weights = c.By(rule);
        AssertEqual(before, c.Initial);
        Each(c, (l, i, kept) =>
        {
            if (!kept) Assert.Equal(0, BitConverter.SingleToInt32Bits(weights.Layers[l].Weight[i]));
        });
        Assert.All(weights.Layers.Zip(c.Initial.Layers), pair => Assert.NotSame(pair.First.Bias, pair.Second.Bias));
    });

    [Fact]
    public void Rewinding_gives_the_initial_values() => Cases.Sample(c => AssertEqual(c.Initial.Masked(c.Mask), c.By(KeptRule.Rewind)));

    [Fact]
    public void What_is_drawn_anew_does_not_depend_on_mask_or_initial_values() => Cases.Sample(c =>
    {
        var redrawn = Initialisation.Redrawn(c.Start, c.Seed, c.Net);
        AssertEqual(redrawn.Masked(c.Mask), c.By(KeptRule.Reinit));
        AssertEqual(redrawn, (c with { Mask = Mask.All(c.Net), Initial = PointWeights.Zero(c.Net) }).By(KeptRule.Reinit));
    });

    [Fact]
    public void Shuffling_keeps_each_layers_values_and_its_biases() => Cases.Sample(c =>
    {
        var shuffled = c.By(KeptRule.Shuffle);
        Assert.All(shuffled.Layers.Zip(c.Initial.Layers, c.Mask.Layers), layer =>
        {
            Assert.Equal(Kept(layer.Second.Weight, layer.Third).Order(), Kept(layer.First.Weight, layer.Third).Order());
            Assert.Equal(layer.Second.Bias, layer.First.Bias);
        });
    });

    [Fact]
    public void Same_sign_keeps_sizes_and_takes_the_initial_signs() => Cases.Sample(c =>
    {
        foreach (var (plain, same) in ((KeptRule, KeptRule)[])
            [(KeptRule.Reinit, KeptRule.ReinitSameSign), (KeptRule.Shuffle, KeptRule.ShuffleSameSign)])
        {
            var (free, signed) = (c.By(plain), c.By(same));
            Assert.All(free.Layers.Zip(signed.Layers), pair => Assert.Equal(pair.First.Bias, pair.Second.Bias));
            Each(c, (l, i, kept) =>
            {
                var (value, size) = (signed.Layers[l].Weight[i], Math.Abs(free.Layers[l].Weight[i]));
                if (kept) Assert.Equal((l, i, Negative(c.Initial.Layers[l].Weight[i]) ? -size : size), (l, i, value));
            });
        }
    });

    [Fact]
    public void Constants_are_the_spread_of_the_start_with_the_initial_signs() => Cases.Sample(c =>
    {
        var constant = c.By(KeptRule.Constant);
        Each(c, (l, i, kept) =>
        {
            var spread = Initialisation.SpreadOf(c.Start, c.Net.Layers[l]);
            if (kept) Assert.Equal(Negative(c.Initial.Layers[l].Weight[i]) ? -spread : spread, constant.Layers[l].Weight[i]);
        });
        Assert.All(constant.Layers.Zip(c.Initial.Layers), pair => Assert.Equal(pair.Second.Bias, pair.First.Bias));
    });

    [Fact]
    public void Rules_by_hand()
    {
        var net = new Architecture([2, 2]);
        var initial = WeightsOf(net, [0.5f, -0.25f, -0f, 0.125f], [3f, -4f]);
        var c = new Case(net, new Seed(5), MaskOf(net, [1, 1, 1, 0]), initial, StartRule.Posterior);
        Assert.Equal([0.5f, -0.25f, 0f, 0f], c.By(KeptRule.Rewind).Layers[0].Weight);
        Assert.Equal([0.1f, -0.1f, 0.1f, 0f], c.By(KeptRule.Constant).Layers[0].Weight);
        var half = (float)Math.Sqrt(0.5);
        Assert.Equal([half, -half, half, 0f], (c with { Start = StartRule.Glorot }).By(KeptRule.Constant).Layers[0].Weight);
        var order = Permutation.Draw(c.Seed.Stream(StreamName.KeptShuffle), step: 0, 3);
        float[] kept = [0.5f, -0.25f, -0f];
        Assert.Equal([kept[order[0]], kept[order[1]], kept[order[2]], 0f], c.By(KeptRule.Shuffle).Layers[0].Weight);
        Assert.Equal([0f, 0f], (c with { Start = StartRule.Glorot }).By(KeptRule.Reinit).Layers[0].Bias);
        Assert.Equal([3f, -4f], c.By(KeptRule.ShuffleSameSign).Layers[0].Bias);
        Assert.DoesNotContain(3f, c.By(KeptRule.ReinitSameSign).Layers[0].Bias);
    }

    /// <summary>Each of four kept values comes to each place for a quarter of the seeds, within five standard errors.</summary>
    [Fact]
    public void All_orders_of_kept_values_come_about_equally_often()
    {
        const int N = 4000;
        var net = new Architecture([2, 3, 2]);
        float[] weights = [1, 2, 3, 4, 5, 6];
        var initial = WeightsOf(net, [.. weights, .. weights], new float[5]);
        var mask = MaskOf(net, [1, 0, 1, 1, 0, 1, 1, 0, 1, 1, 0, 1]);
        var counts = new int[2, 6, 7];
        var same = 0;
        for (var seed = 0; seed < N; seed++)
        {
            var shuffled = KeptRule.Shuffle.Apply(StartRule.Posterior, new Seed((ulong)seed), net, mask, initial);
            for (var l = 0; l < 2; l++)
                for (var i = 0; i < 6; i++) counts[l, i, (int)shuffled.Layers[l].Weight[i]]++;
            if (shuffled.Layers[0].Weight.SequenceEqual(shuffled.Layers[1].Weight)) same++;
        }
        var band = 5 * Math.Sqrt(N * 0.25 * 0.75);
        int[] kept = [0, 2, 3, 5];
        for (var l = 0; l < 2; l++)
            foreach (var place in kept)
                foreach (var from in kept) Assert.InRange(counts[l, place, from + 1], N / 4 - band, N / 4 + band);
        Assert.InRange(same, N / 24 - 5 * Math.Sqrt(N / 24.0), N / 24 + 5 * Math.Sqrt(N / 24.0));       // one of 24 orders
    }

    [Fact]
    public void Pruned_weights_get_their_rules_value_and_nothing_else_changes() => Cases.Sample(c =>
    {
        var weights = c.By(KeptRule.Reinit);
        var decided = PrunedRules.Decide(null, null, c.Mask, c.Initial, weights);
        AssertEqual(weights, PrunedRule.Zero.Apply(weights, c.Mask, c.Initial));
        var (frozen, towards) = (PrunedRule.Freeze.Apply(weights, c.Mask, c.Initial), PrunedRule.TowardsZero.Apply(
            weights, c.Mask, c.Initial, decided));
        Each(c, (l, i, kept) =>
        {
            var initial = c.Initial.Layers[l].Weight[i];
            Assert.Equal(kept ? weights.Layers[l].Weight[i] : initial, frozen.Layers[l].Weight[i]);
            Assert.Equal(
                kept ? weights.Layers[l].Weight[i] : decided[l][i] == 1 ? initial : 0f, towards.Layers[l].Weight[i]);
            if (kept) Assert.Equal(0, decided[l][i]);
        });
        Assert.All(weights.Layers.Zip(frozen.Layers, towards.Layers), layer =>
        {
            Assert.Equal(layer.First.Bias, layer.Second.Bias);
            Assert.Equal(layer.First.Bias, layer.Third.Bias);
        });
    });

    [Fact]
    public void A_weight_that_moved_towards_0_becomes_0_and_decisions_are_kept()
    {
        var net = new Architecture([5, 1]);
        var initial = WeightsOf(net, [0.5f, -0.5f, 0.25f, -0.25f, 1f], [0f]);
        var first = MaskOf(net, [0, 0, 1, 1, 1]);
        var moved = WeightsOf(net, [-0.25f, -0.75f, 0f, 0f, 0f], [0f]);                 // nearer to 0 across it; away from it
        var decided = PrunedRules.Decide(null, null, first, initial, moved);
        Assert.Equal([0, 1, 0, 0, 0], Assert.Single(decided));

        // The next round's evidence says otherwise of the first two, and has the third unmoved and the fourth nearer.
        var second = MaskOf(net, [0, 0, 0, 0, 1]);
        var later = WeightsOf(net, [0.75f, 0f, -0.25f, 0.125f, 0f], [0f]);
        var next = PrunedRules.Decide(decided, first, second, initial, later);
        Assert.Equal([0, 1, 1, 0, 0], Assert.Single(next));
        Assert.Equal([0, 1, 0, 0, 0], Assert.Single(decided));

        var start = PrunedRule.TowardsZero.Apply(WeightsOf(net, [9, 9, 9, 9, 9], [2f]), second, initial, next);
        Assert.Equal([0f, -0.5f, 0.25f, 0f, 9f], start.Layers[0].Weight);
        Assert.Equal([2f], start.Layers[0].Bias);
        Assert.Throws<ArgumentException>(() => PrunedRule.TowardsZero.Apply(initial, second, initial));
        Assert.Throws<ArgumentException>(() => PrunedRules.Decide(null, first, second, initial, later));
    }

    private static bool Negative(float initial) => initial < 0;

    private static float[] Kept(float[] values, LayerMask mask) => [.. values.Where((_, i) => mask.Kept[i] != 0)];

    private static void Each(Case c, Action<int, int, bool> check)
    {
        foreach (var (l, layer) in c.Mask.Layers.Index())
            for (var i = 0; i < layer.Kept.Length; i++) check(l, i, layer.Kept[i] != 0);
    }

    /// <summary>To the bit.</summary>
    private static void AssertEqual(PointWeights expected, PointWeights actual)
    {
        foreach (var (a, b) in expected.Layers.Zip(actual.Layers))
        {
            Assert.Equal(a.Weight.Select(BitConverter.SingleToInt32Bits), b.Weight.Select(BitConverter.SingleToInt32Bits));
            Assert.Equal(a.Bias.Select(BitConverter.SingleToInt32Bits), b.Bias.Select(BitConverter.SingleToInt32Bits));
        }
    }

    private static Mask MaskOf(Architecture net, byte[] flat)
    {
        var offset = 0;
        return new([.. net.Layers.Select(shape => new LayerMask(shape, flat[offset..(offset += shape.Weights)]))]);
    }

    private static PointWeights WeightsOf(Architecture net, float[] weights, float[] biases)
    {
        var (w, b) = (0, 0);
        return new([.. net.Layers.Select(shape =>
            new LayerWeights(shape, weights[w..(w += shape.Weights)], biases[b..(b += shape.Outputs)]))]);
    }
}
