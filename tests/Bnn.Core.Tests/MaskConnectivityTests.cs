using Bnn.Core;
using CsCheck;

namespace Bnn.Tests;

public sealed class MaskConnectivityTests
{
    private static readonly LayerShape First = new(2, 3), Second = new(3, 2);

    [Fact]
    public void A_unit_lives_between_an_input_and_an_output()
    {
        // Unit 1 has an input and an output, unit 2 only an input, unit 3 only outputs.
        var left = MaskConnectivity.Of(Of([1, 0, 0, 0, 1, 0], [1, 0, 0, 0, 1, 1]));
        Assert.Equal([1], left.Living);
        Assert.Equal(1, left.ConnectedClasses);
    }

    [Theory]
    [InlineData(new byte[] { 0, 0, 0, 0, 0, 0 }, new byte[] { 1, 1, 1, 1, 1, 1 })]
    [InlineData(new byte[] { 1, 1, 1, 1, 1, 1 }, new byte[] { 0, 0, 0, 0, 0, 0 })]
    [InlineData(new byte[] { 1, 0, 0, 1, 0, 0 }, new byte[] { 0, 0, 1, 1, 1, 1 })]    // kept weights in both layers, and no path
    public void An_empty_layer_or_layers_that_do_not_meet_connect_nothing(byte[] first, byte[] second)
    {
        var left = MaskConnectivity.Of(Of(first, second));
        Assert.Equal((0, 0), (left.LivingUnits, left.ConnectedClasses));
    }

    [Fact]
    public void Without_hidden_layers_classes_are_counted_alone()
    {
        var left = MaskConnectivity.Of(new Mask([new LayerMask(new LayerShape(2, 3), [0, 1, 0, 0, 1, 0])]));
        Assert.Empty(left.Living);
        Assert.Equal(1, left.ConnectedClasses);
    }

    /// <summary>What is connected is what signals reach: products of the mask as matrices of counts.</summary>
    [Fact]
    public void Units_and_classes_are_those_that_paths_reach() =>
        Gen.Select(Gen.Int[1, 4], Gen.Int[1, 4], Gen.Int[1, 4], Gen.Int[1, 4], Gen.ULong).Sample((a, b, c, d, bits) =>
        {
            int[] sizes = [a, b, c, d];
            var place = 0;
            byte Bit() => (byte)(bits >> (place++ % 64) & 1);
            LayerMask Layer(LayerShape shape) => new(shape, [.. Enumerable.Range(0, shape.Weights).Select(_ => Bit())]);
            var mask = new Mask([.. sizes.Zip(sizes.Skip(1)).Select(pair => Layer(new LayerShape(pair.First, pair.Second)))]);
            bool Kept(int layer, int i, int o) => mask.Layers[layer].Kept[i * sizes[layer + 1] + o] != 0;
            var paths = (
                from i in Enumerable.Range(0, a)
                from j in Enumerable.Range(0, b)
                from k in Enumerable.Range(0, c)
                from l in Enumerable.Range(0, d)
                where Kept(0, i, j) && Kept(1, j, k) && Kept(2, k, l)
                select (j, k, l)).ToList();
            var left = MaskConnectivity.Of(mask);
            int[] living = [paths.Select(path => path.j).Distinct().Count(), paths.Select(path => path.k).Distinct().Count()];
            return left.Living.SequenceEqual(living)
                && left.ConnectedClasses == paths.Select(path => path.l).Distinct().Count();
        });

    private static Mask Of(byte[] first, byte[] second) => new([new LayerMask(First, first), new LayerMask(Second, second)]);
}
