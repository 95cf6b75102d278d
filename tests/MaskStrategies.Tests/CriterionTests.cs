using Bnn.Core;
using CsCheck;

namespace MaskStrategies.Tests;

/// <summary>Each criterion against its formula, in the plugin's own words only where they are the formula.</summary>
public sealed class CriterionTests
{
    private static readonly Gen<float> Weight = Gen.OneOf(
        Gen.Float[-3, 3], Gen.Const(0f), Gen.Const(-0f), Gen.Float[-1e-30f, 1e-30f], Gen.Float[-1e30f, 1e30f]);

    private static readonly Gen<float> Scale = Gen.OneOf(Gen.Float[1e-3f, 1], Gen.Float[1.2e-7f, 1e-6f], Gen.Float[1, 1e10f]);

    private static readonly Gen<Layer> Layers =
        from inputs in Gen.Int[1, 9]
        from outputs in Gen.Int[1, 7]
        from index in Gen.Int[0, 3]
        from mu in Weight.Array[inputs * outputs]
        from sigma in Scale.Array[inputs * outputs]
        from dense in Weight.Array[inputs * outputs]
        from seed in Gen.ULong
        select new Layer(inputs, outputs) { Index = index, Mu = mu, Sigma = sigma, Dense = dense, Seed = seed };

    public static TheoryData<string, Keep, Needs> Described => new()
    {
        { "variance", Keep.Lowest, Needs.Posterior },
        { "snr", Keep.Highest, Needs.Posterior },
        { "mean-magnitude", Keep.Highest, Needs.Posterior },
        { "magnitude", Keep.Highest, Needs.DenseWeights },
        { "random", Keep.Highest, Needs.Nothing },
    };

    public static TheoryData<string> Names => new(Shipped.All.Keys);

    [Theory, MemberData(nameof(Described))]
    public void The_attribute_says_which_end_stays_and_what_is_needed(string name, Keep keep, Needs needs)
    {
        var attribute = Shipped.All[name].Attribute;
        Assert.Equal((keep, needs), (attribute.Keep, attribute.Needs));
        Assert.NotEmpty(attribute.Description);
        Assert.DoesNotContain('\n', attribute.Description);
    }

    [Fact]
    public void Variance_is_sigma_squared() => Is("variance", (layer, i) => (double)layer.Sigma[i] * layer.Sigma[i]);

    [Fact]
    public void Snr_is_mean_over_sigma_without_sign() => Is("snr", (layer, i) => Math.Abs(layer.Mu[i] / (double)layer.Sigma[i]));

    [Fact]
    public void Mean_magnitude_is_the_mean_without_sign() => Is("mean-magnitude", (layer, i) => Math.Abs((double)layer.Mu[i]));

    [Fact]
    public void Magnitude_is_the_trained_weight_without_sign() => Is("magnitude", (layer, i) => Math.Abs((double)layer.Dense[i]));

    [Theory, MemberData(nameof(Names))]
    public void Every_element_is_written_and_is_a_number(string name) => Layers.Sample(layer =>
        Shipped.Score(name, layer).All(double.IsFinite));

    [Theory, MemberData(nameof(Names))]
    public void Scores_are_repeatable(string name) => Layers.Sample(layer =>
        Shipped.Score(name, layer).SequenceEqual(Shipped.Score(name, layer)));

    [Theory, InlineData("variance"), InlineData("snr"), InlineData("mean-magnitude"), InlineData("magnitude")]
    public void What_is_learned_does_not_depend_on_seed_or_layer(string name) => Layers.Sample(layer =>
        Shipped.Score(name, layer).SequenceEqual(Shipped.Score(name, layer with { Seed = layer.Seed + 1, Index = layer.Index + 1 })));

    [Fact]
    public void Twice_the_sigma_is_four_times_the_variance_and_half_the_snr() => Layers.Sample(layer =>
    {
        var twice = layer with { Sigma = [.. layer.Sigma.Select(sigma => 2 * sigma)] };
        Assert.Equal(Shipped.Score("variance", layer).Select(score => 4 * score), Shipped.Score("variance", twice));
        Assert.Equal(Shipped.Score("snr", layer).Select(score => score / 2), Shipped.Score("snr", twice));
    });

    [Fact]
    public void Random_lies_in_0_to_1_and_differs_between_layers_and_seeds()
    {
        var layer = new Layer(20, 10) { Seed = 5 };
        var scores = Shipped.Score("random", layer);
        var nextLayer = Shipped.Score("random", layer with { Index = 1 });
        var nextSeed = Shipped.Score("random", layer with { Seed = 6 });
        Assert.All(scores, score => Assert.InRange(score, 0, Math.BitDecrement(1.0)));
        Assert.Equal(600, scores.Concat(nextLayer).Concat(nextSeed).Distinct().Count());
        Assert.InRange(scores.Average(), 0.4, 0.6);
        Assert.InRange(Math.Abs(Correlation(scores, nextLayer)), 0, 0.25);
        Assert.InRange(Math.Abs(Correlation(scores, nextSeed)), 0, 0.25);
    }

    [Fact]
    public void Random_of_a_larger_layer_starts_with_that_of_a_smaller() =>
        Assert.Equal(Shipped.Score("random", new Layer(3, 4)), Shipped.Score("random", new Layer(5, 4))[..12]);

    private static void Is(string name, Func<Layer, int, double> formula) => Layers.Sample(layer =>
        Assert.Equal(Enumerable.Range(0, layer.Inputs * layer.Outputs).Select(i => formula(layer, i)), Shipped.Score(name, layer)));

    private static double Correlation(double[] a, double[] b)
    {
        var (meanA, meanB) = (a.Average(), b.Average());
        var covariance = a.Zip(b, (x, y) => (x - meanA) * (y - meanB)).Sum();
        return covariance / Math.Sqrt(a.Sum(x => (x - meanA) * (x - meanA)) * b.Sum(y => (y - meanB) * (y - meanB)));
    }
}
