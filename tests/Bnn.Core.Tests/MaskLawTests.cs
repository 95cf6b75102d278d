using Bnn.Core;
using CsCheck;

namespace Bnn.Tests;

/// <summary>What is true of every mask, whatever the criterion.</summary>
public sealed class MaskLawTests
{
    private sealed record Case(Architecture Net, double[][] Criterion, Keep Keep, Density Density, MaskScope Scope)
    {
        public Mask Mask => MaskSelection.AtDensity(Net, Criterion, Keep, Density, Scope);
    }

    /// <summary>Few different values, so that ties are frequent, with zeros of both signs; or any numbers.</summary>
    private static readonly Gen<double> Values = Gen.OneOf(
        Gen.Int[-3, 3].Select(Gen.Bool, (value, negative) => value == 0 && negative ? -0.0 : value),
        Gen.Double[-1e6, 1e6]);

    private static readonly Gen<Density> Densities = Gen.Int[1, 1000].Select(share => Ok(Density.Create(share / 1000m)));

    private static readonly Gen<Case> Cases = CasesOf(Gen.Int[1, 8].Array[2, 4]);

    private static Gen<Case> CasesOf(Gen<int[]> sizes) =>
        from net in sizes.Select(list => new Architecture([.. list]))
        from criterion in Gen.OneOf(Values, Gen.Int[0, 2].Select(value => (double)value)).Array[net.Weights]
        from keep in Gen.Enum<Keep>()
        from density in Densities
        from scope in Gen.Enum<MaskScope>()
        select new Case(net, PerLayer(net, criterion), keep, density, scope);

    [Fact]
    public void Masks_are_those_of_the_definition() => Cases.Sample(c =>
    {
        var expected = c.Scope == MaskScope.Global
            ? Defined([.. c.Criterion.SelectMany(values => values)], c.Keep, (double)c.Density.Sparsity)
            : [.. c.Criterion.SelectMany((values, l) => Defined(values, c.Keep, Rate(c, l)))];
        Assert.Equal(expected, Flat(c.Mask));
    }, iter: 1000);

    [Fact]
    public void Exactly_the_rules_count_is_pruned() => Cases.Sample(c =>
    {
        if (c.Scope == MaskScope.Global)
            Assert.Equal(MaskSelection.PrunedCount((double)c.Density.Sparsity, c.Net.Weights), c.Net.Weights - c.Mask.KeptCount);
        else
            Assert.All(c.Mask.Layers, (layer, l) =>
                Assert.Equal(MaskSelection.PrunedCount(Rate(c, l), layer.Shape.Weights), layer.Shape.Weights - layer.KeptCount));
    });

    [Fact]
    public void Masks_nest() => Cases.Select(Densities).Sample((c, other) =>
    {
        var second = (c with { Density = other }).Mask;
        var (sparse, dense) = c.Density.Value < other.Value ? (c.Mask, second) : (second, c.Mask);
        Assert.All(Flat(sparse).Zip(Flat(dense)), pair => Assert.True(pair.First <= pair.Second));
    });

    [Fact]
    public void Only_the_order_of_the_criterion_counts() => Cases.Sample(c =>
    {
        var ranks = c.Criterion.SelectMany(values => values).Distinct().Order().Index().ToDictionary(item => item.Item, item => item.Index);
        Assert.Equal(Flat(c.Mask), Flat(Mapped(c, value => 2 * value).Mask));
        Assert.Equal(Flat(c.Mask), Flat(Mapped(c, value => ranks[value]).Mask));
        var mirrored = Mapped(c, value => -value) with { Keep = c.Keep == Keep.Lowest ? Keep.Highest : Keep.Lowest };
        Assert.Equal(Flat(c.Mask), Flat(mirrored.Mask));
    });

    [Fact]
    public void Zeros_of_either_sign_are_equal() => Cases.Sample(c =>
        Assert.Equal(Flat(c.Mask), Flat(Mapped(c, value => value == 0 ? -value : value).Mask)));

    [Fact]
    public void Where_all_scores_are_equal_the_first_weights_are_pruned() => Cases.Select(Values).Sample((c, value) =>
    {
        var equal = Mapped(c, _ => value) with { Scope = MaskScope.Layerwise };
        Assert.All(equal.Mask.Layers, layer => Assert.Equal(layer.Kept.Order(), layer.Kept));
        Assert.Equal(Flat((equal with { Scope = MaskScope.Global }).Mask).Order(), Flat((equal with { Scope = MaskScope.Global }).Mask));
    });

    [Fact]
    public void Paper_scope_prunes_hidden_layers_as_layerwise_does_and_the_output_layer_at_half_the_rate() => Cases.Sample(c =>
    {
        var (paper, layerwise) = ((c with { Scope = MaskScope.Paper }).Mask, (c with { Scope = MaskScope.Layerwise }).Mask);
        Assert.All(paper.Layers[..^1].Zip(layerwise.Layers[..^1]), pair => Assert.Equal(pair.Second.Kept, pair.First.Kept));
        var half = Ok(Density.Create(1 - c.Density.Sparsity / 2));
        Assert.Equal((c with { Scope = MaskScope.Layerwise, Density = half }).Mask.Layers[^1].Kept, paper.Layers[^1].Kept);
    });

    [Fact]
    public void In_a_net_of_one_layer_global_and_layerwise_agree() => CasesOf(Gen.Int[1, 8].Array[2]).Sample(c =>
        Assert.Equal(Flat((c with { Scope = MaskScope.Layerwise }).Mask), Flat((c with { Scope = MaskScope.Global }).Mask)));

    [Fact]
    public void Density_one_keeps_everything() =>
        Cases.Sample(c => Assert.Equal(c.Net.Weights, (c with { Density = Density.Dense }).Mask.KeptCount));

    [Fact]
    public void What_was_pruned_stays_pruned_and_the_rate_is_of_what_was_kept() => Cases.Select(Densities).Sample((c, next) =>
    {
        var previous = c.Mask;
        var mirrored = c.Criterion.Select(values => values.Reverse().ToArray()).ToArray();
        var rates = MaskSelection.Rates(next, MaskScope.Layerwise, c.Net.Layers.Length);
        var layerwise = MaskSelection.AtRates(c.Net, mirrored, c.Keep, rates, previous);
        var globally = MaskSelection.Globally(c.Net, mirrored, c.Keep, (double)next.Sparsity, previous);
        Assert.All(Flat(layerwise).Zip(Flat(previous)), pair => Assert.True(pair.First <= pair.Second));
        Assert.All(Flat(globally).Zip(Flat(previous)), pair => Assert.True(pair.First <= pair.Second));
        var rate = (double)next.Sparsity;
        Assert.All(layerwise.Layers, (layer, l) => Assert.Equal(Left(previous.Layers[l].KeptCount, rate), layer.KeptCount));
        Assert.Equal(Left(previous.KeptCount, rate), globally.KeptCount);
    });

    [Fact]
    public void A_threshold_keeps_what_lies_on_it() => Cases.Select(Values).Sample((c, threshold) =>
    {
        var mask = Flat(MaskSelection.AtThreshold(c.Net, c.Criterion, c.Keep, threshold));
        var values = c.Criterion.SelectMany(layer => layer).ToArray();
        Assert.All(mask, (kept, i) => Assert.Equal(c.Keep == Keep.Lowest ? !(values[i] > threshold) : !(values[i] < threshold), kept == 1));
    });

    [Fact]
    public void A_mask_is_made_again_from_its_counts() => Cases.Sample(c =>
    {
        var mask = (c with { Scope = MaskScope.Paper }).Mask;
        Assert.Equal(Flat(mask), Flat(FromCounts(c, mask)));
    });

    [Fact]
    public void A_threshold_between_values_and_its_counts_choose_alike() => Cases.Sample(c =>
    {
        var threshold = c.Criterion[0][0];
        var mask = MaskSelection.AtThreshold(c.Net, c.Criterion, c.Keep, threshold);
        Assert.Equal(Flat(mask), Flat(FromCounts(c, mask)));
    });

    [Fact]
    public void Global_scope_has_no_rate_a_layer() =>
        Assert.Throws<ArgumentException>(() => MaskSelection.Rates(Density.Dense, MaskScope.Global, 3));

    [Fact]
    public void Masks_count_what_they_keep()
    {
        var net = new Architecture([2, 3, 1]);
        var all = Mask.All(net);
        Assert.Equal((9, 9, 1.0), (all.KeptCount, all.Total, all.Density));
        var some = new Mask([all.Layers[0], new LayerMask(net.Layers[1], [0, 1, 0])]);
        Assert.Equal((7, 7 / 9.0), (some.KeptCount, some.Density));
    }

    private static Mask FromCounts(Case c, Mask mask) =>
        MaskSelection.WithCounts(c.Net, c.Criterion, c.Keep, [.. mask.Layers.Select(layer => layer.KeptCount)]);

    /// <summary>A weight is pruned where fewer than the count come before it in (worst, lower index).</summary>
    private static byte[] Defined(double[] criterion, Keep keep, double rate)
    {
        bool Worse(double a, double b) => keep == Keep.Highest ? a < b : a > b;
        var count = MaskSelection.PrunedCount(rate, criterion.Length);
        int Before(double value, int index) =>
            criterion.Index().Count(other => Worse(other.Item, value) || (other.Item == value && other.Index < index));
        return [.. criterion.Select((value, i) => (byte)(Before(value, i) < count ? 0 : 1))];
    }

    private static int Left(int n, double rate) => n - MaskSelection.PrunedCount(rate, n);

    private static double Rate(Case c, int layer) =>
        (double)(c.Scope == MaskScope.Paper && layer == c.Net.Layers.Length - 1 ? c.Density.Sparsity / 2 : c.Density.Sparsity);

    private static Case Mapped(Case c, Func<double, double> map) =>
        c with { Criterion = [.. c.Criterion.Select(values => values.Select(map).ToArray())] };

    private static byte[] Flat(Mask mask) => [.. mask.Layers.SelectMany(layer => layer.Kept)];

    private static double[][] PerLayer(Architecture net, double[] flat)
    {
        var offset = 0;
        return [.. net.Layers.Select(shape => flat[offset..(offset += shape.Weights)])];
    }

    private static T Ok<T>(Result<T> result) => Assert.IsType<Result<T>.Ok>(result).Value;
}
