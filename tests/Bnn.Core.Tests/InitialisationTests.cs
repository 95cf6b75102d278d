using Bnn.Core;

namespace Bnn.Tests;

/// <summary>
/// The net's start against the law of TensorFlow Probability's, in bands of five standard errors. Seeds are fixed, so the results don't
/// vary.
/// </summary>
public sealed class InitialisationTests
{
    private static readonly ulong[] Seeds = [1, 2, 12345, ulong.MaxValue];

    public static TheoryData<string, ulong> Cases
    {
        get
        {
            var cases = new TheoryData<string, ulong>();
            foreach (var file in Golden.Files("init", "init_tfp_default"))
                foreach (var seed in Seeds) cases.Add(file.Data, seed);
            return cases;
        }
    }

    [Theory, MemberData(nameof(Cases))]
    public void Means_scales_and_biases_are_drawn_from_the_laws_of_TensorFlow_Probability(string name, ulong seed)
    {
        var file = Golden.Load(name);
        var shapes = file["samples_drawn_by_tfp"].Items.ToArray();
        Assert.NotEmpty(shapes);
        foreach (var shape in shapes)
        {
            var net = new Architecture([shape["fan_in"].Int, shape["fan_out"].Int]);
            var layer = Initialisation.Posterior(new Seed(seed), net).Layers[0];
            IsDrawnFrom($"mu of {net}", file["mu"], shape["tolerance_mu_rho"], layer.Mu);
            IsDrawnFrom($"rho of {net}", file["rho"], shape["tolerance_mu_rho"], layer.Rho);
            IsDrawnFrom($"bias of {net}", file["bias"], shape["tolerance_bias"], layer.Bias);
            Assert.DoesNotContain(0f, layer.Bias);

            var (sigma, n) = (Distribution.Widen(layer.Sigma()), layer.Mu.Length);
            HasQuantiles($"sigma of {net}", file["sigma"], sigma);
            HasQuantiles($"|mu|/sigma of {net}", file["snr"], [.. layer.Mu.Zip(sigma, (mu, s) => Math.Abs(mu) / s)]);
            var kl = layer.Mu.Zip(sigma, (mu, s) => NormalKl.Of(mu, s, priorScale: 1)).ToArray();
            Near.Check(
                "mean KL", file["kl_per_weight_mean"].Number, kl.Average(), Near.Absolute(5 * Distribution.Deviation(kl) / Math.Sqrt(n)));
        }
    }

    [Fact]
    public void Layers_kinds_and_seeds_have_numbers_of_their_own()
    {
        var net = new Architecture([60, 60, 60, 60]);
        var posteriors = Seeds.Select(seed => Initialisation.Posterior(new Seed(seed), net)).ToArray();
        var tensors = posteriors.SelectMany(posterior => posterior.Layers)
            .SelectMany(layer => new[] { layer.Mu, layer.Rho })
            .Select(Distribution.Widen)
            .ToArray();
        var biases = posteriors.SelectMany(posterior => posterior.Layers).Select(layer => Distribution.Widen(layer.Bias)).ToArray();
        Unrelated(tensors);
        Unrelated(biases);
        // A bias is not the first row of its weights, as it is where one stream serves both.
        foreach (var layer in posteriors[0].Layers) Assert.NotEqual(layer.Mu[..60], layer.Bias);
    }

    [Fact]
    public void A_start_is_a_function_of_seed_and_shape()
    {
        static PosteriorSnapshot Start() => Initialisation.Posterior(new Seed(7), new Architecture([5, 4, 3]));
        var (first, again) = (Start(), Start());
        foreach (var (a, b) in first.Layers.Zip(again.Layers))
        {
            Assert.Equal(a.Mu, b.Mu);
            Assert.Equal(a.Rho, b.Rho);
            Assert.Equal(a.Bias, b.Bias);
        }
    }

    private static void Unrelated(double[][] tensors)
    {
        for (var i = 0; i < tensors.Length; i++)
        {
            var band = 5 / Math.Sqrt(tensors[i].Length);
            for (var j = 0; j < i; j++) Assert.InRange(Distribution.Correlation(tensors[i], tensors[j]), -band, band);
        }
    }

    private static void IsDrawnFrom(string what, Golden law, Golden band, float[] drawn)
    {
        var (values, mean, deviation) = (Distribution.Widen(drawn), law["mean"].Number, law["std"].Number);
        Assert.Equal(band["n"].Int, values.Length);
        Near.Check($"mean of {what}", mean, values.Average(), Near.Absolute(band["mean_5se"].Number));
        Near.Check($"deviation of {what}", deviation, Distribution.Deviation(values), Near.Absolute(band["std_5se"].Number));
        HasQuantiles(what, law, values);
        var distance = Distribution.KsDistance(values, x => Distribution.NormalCdf((x - mean) / deviation));
        Assert.InRange(distance, 0, band["ks_d_at_p_1e-6"].Number);
    }

    /// <summary>
    /// The share below each quantile is its probability, within five standard errors (and three draws, for small samples' sake).
    /// </summary>
    private static void HasQuantiles(string what, Golden law, double[] values)
    {
        foreach (var (p, quantile) in law["p"].Numbers.Zip(law["quantiles"].Numbers))
        {
            var share = (double)values.Count(value => value < quantile) / values.Length;
            var allowed = 5 * Math.Sqrt(p * (1 - p) / values.Length) + 3.0 / values.Length;
            Near.Check($"share of {what} below {quantile}", p, share, Near.Absolute(allowed));
        }
    }
}
