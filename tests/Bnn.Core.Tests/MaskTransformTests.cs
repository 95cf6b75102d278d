using Bnn.Core;
using CsCheck;

namespace Bnn.Tests;

/// <summary>Controls made of a ticket's mask.</summary>
public sealed class MaskTransformTests
{
    private sealed record Case(Architecture Net, Seed Seed, Mask Mask, bool[] Live)
    {
        public Mask By(MaskTransform transform) => transform.Apply(Seed, Mask, Live);
    }

    private static readonly Gen<Case> Cases =
        from net in Gen.Int[1, 12].Array[2, 4].Select(sizes => new Architecture([.. sizes]))
        from seed in Gen.ULong
        from kept in Gen.Byte[0, 1].Array[net.Weights]
        from live in Gen.Bool.Array[net.Sizes[0]]
        select new Case(net, new Seed(seed), MaskOf(net, kept), live);

    private static readonly MaskTransform[] All = Enum.GetValues<MaskTransform>();

    [Fact]
    public void Transforms_have_the_names_of_settings() =>
        Assert.Equal(["shuffle-layers", "live-inputs", "shuffle-inputs"], All.Select(transform => transform.Name()));

    [Fact]
    public void Each_layer_keeps_its_number_and_the_given_mask_is_left_as_it_is() => Cases.Sample(c =>
    {
        var before = Flat(c.Mask);
        foreach (var transform in All)
        {
            var mask = c.By(transform);
            Assert.All(mask.Layers.Zip(c.Mask.Layers), pair => Assert.Equal(
                (pair.Second.Shape, pair.Second.KeptCount), (pair.First.Shape, pair.First.KeptCount)));
            Assert.All(Flat(mask), kept => Assert.InRange(kept, 0, 1));
            Assert.Equal(Flat(mask), Flat(c.By(transform)));
        }
        Assert.Equal(before, Flat(c.Mask));
    });

    [Fact]
    public void Only_counts_matter_and_with_fewer_weights_the_mask_lies_in_the_one_with_more() =>
        Cases.Select(Gen.Byte[0, 1].Array[2000]).Sample((c, drop) =>
    {
        var fewer = c with { Mask = MaskOf(c.Net, [.. Flat(c.Mask).Zip(drop, (kept, stays) => (byte)(kept & stays))]) };
        foreach (var transform in All)
            Assert.All(Flat(fewer.By(transform)).Zip(Flat(c.By(transform))), pair => Assert.True(pair.First <= pair.Second));
        // The same counts at other places: the first weights of each layer, or of each input.
        var sorted = new Mask([.. c.Mask.Layers.Select(layer => layer with { Kept = [.. layer.Kept.OrderDescending()] })]);
        var sortedRows = new Mask([.. c.Mask.Layers.Select(layer =>
            layer with { Kept = [.. layer.Kept.Chunk(layer.Shape.Outputs).SelectMany(row => row.OrderDescending())] })]);
        Assert.Equal(Flat(c.By(MaskTransform.ShuffleLayers)), Flat((c with { Mask = sorted }).By(MaskTransform.ShuffleLayers)));
        Assert.Equal(Flat(c.By(MaskTransform.LiveInputs)), Flat((c with { Mask = sorted }).By(MaskTransform.LiveInputs)));
        Assert.Equal(Flat(c.By(MaskTransform.ShuffleInputs)), Flat((c with { Mask = sortedRows }).By(MaskTransform.ShuffleInputs)));
    });

    [Fact]
    public void Weights_of_dead_inputs_are_kept_only_when_all_of_the_living_are() => Cases.Sample(c =>
    {
        var first = c.By(MaskTransform.LiveInputs).Layers[0];
        var rows = first.Kept.Chunk(first.Shape.Outputs).Zip(c.Live).ToArray();
        var living = rows.Where(row => row.Second).Sum(row => row.First.Length);
        var keptLiving = rows.Where(row => row.Second).Sum(row => row.First.Sum(k => k));
        Assert.Equal(Math.Min(living, first.KeptCount), keptLiving);
    });

    [Fact]
    public void Each_input_keeps_its_number() => Cases.Sample(c =>
        Assert.All(c.By(MaskTransform.ShuffleInputs).Layers.Zip(c.Mask.Layers), pair => Assert.Equal(
            pair.Second.Kept.Chunk(pair.Second.Shape.Outputs).Select(row => row.Sum(k => k)),
            pair.First.Kept.Chunk(pair.First.Shape.Outputs).Select(row => row.Sum(k => k)))));

    [Theory, InlineData(null), InlineData(3), InlineData(5)]
    public void Live_inputs_are_needed_one_by_one(int? count)
    {
        var mask = Mask.All(new Architecture([4, 2]));
        Assert.Throws<ArgumentException>(() =>
            MaskTransform.LiveInputs.Apply(new Seed(1), mask, count is { } length ? new bool[length] : null));
        Assert.Equal(8, MaskTransform.ShuffleLayers.Apply(new Seed(1), mask).KeptCount);
    }

    /// <summary>
    /// Over seeds, each allowed place is kept as often as every other, within five standard errors, and no two places, layers or transforms
    /// go together more than chance has them.
    /// </summary>
    [Fact]
    public void Places_are_equally_likely_and_layers_and_transforms_independent()
    {
        const int N = 3000;
        var net = new Architecture([4, 4, 4]);
        byte[] layer = [1, 1, 0, 0, 1, 0, 0, 0, 1, 1, 1, 0, 1, 0, 0, 0];       // 7 of 16; 2, 1, 3 and 1 in the rows
        var mask = MaskOf(net, [.. layer, .. layer]);
        bool[] live = [true, false, true, true];
        var masks = All.ToDictionary(transform => transform, transform => Enumerable.Range(0, N)
            .Select(seed => Flat(transform.Apply(new Seed((ulong)seed), mask, live)))
            .ToArray());
        foreach (var transform in All)
        {
            for (var place = 0; place < 32; place++)
            {
                var expected = transform switch
                {
                    MaskTransform.LiveInputs when place < 16 => live[place / 4] ? 7 / 12.0 : 0,
                    MaskTransform.ShuffleInputs => layer[(place / 4 % 4 * 4)..][..4].Sum(k => k) / 4.0,
                    _ => 7 / 16.0,
                };
                var share = masks[transform].Average(kept => kept[place]);
                var band = 5 * Math.Sqrt(expected * (1 - expected) / N);
                Assert.InRange(share, expected - band, expected + band);
            }
            // A place of the first layer and the same place of the second; the same place under another transform.
            foreach (var place in (int[])[0, 5, 10, 15])
            {
                Unrelated(transform, place, transform, place + 16);
                foreach (var other in All.Where(other => other > transform)) Unrelated(transform, place + 16, other, place + 16);
            }
        }

        void Unrelated(MaskTransform transform, int place, MaskTransform other, int otherPlace)
        {
            double[] a = [.. masks[transform].Select(kept => (double)kept[place])];
            double[] b = [.. masks[other].Select(kept => (double)kept[otherPlace])];
            if (a.Distinct().Count() < 2 || b.Distinct().Count() < 2) return;
            Assert.InRange(Distribution.Correlation(a, b), -5 / Math.Sqrt(N), 5 / Math.Sqrt(N));
        }
    }

    [Fact]
    public void An_input_lives_where_one_row_is_not_zero()
    {
        bool[] expected = [false, true, true];
        Assert.Equal(expected, Samples.FromPixels([0, 0, 255, 0, 1, 0], [0, 1], 3).LiveInputs());
        Assert.Equal(expected, Samples.FromValues([0f, 0f, -0.5f, -0f, 1e-30f, 0f], [0, 1], 3).LiveInputs());
    }

    private static byte[] Flat(Mask mask) => [.. mask.Layers.SelectMany(layer => layer.Kept)];

    private static Mask MaskOf(Architecture net, byte[] flat)
    {
        var offset = 0;
        return new([.. net.Layers.Select(shape => new LayerMask(shape, flat[offset..(offset += shape.Weights)]))]);
    }
}
