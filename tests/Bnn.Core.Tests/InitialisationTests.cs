using Bnn.Core;

namespace Bnn.Tests;

/// <summary>
/// The net's starts against the laws of TensorFlow Probability's and Keras', in bands of five standard errors. Seeds are fixed, so the
/// results don't vary.
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

    public static TheoryData<string> Truncated => Golden.Files("init", "init_truncated");

    [Theory, MemberData(nameof(Truncated))]
    public void Glorots_weights_are_drawn_from_the_law_of_Keras(string name)
    {
        var file = Golden.Load(name);
        var (shape, law) = (new LayerShape(file["fan_in"].Int, file["fan_out"].Int), file["glorot_normal"]);
        var (band, scale) = (law["tolerance"], law["untruncated_std"].Number);
        Assert.Equal((float)law["target_std"].Number, Initialisation.SpreadOf(StartRule.Glorot, shape));
        var net = new Architecture([shape.Inputs, shape.Outputs]);
        foreach (var seed in Seeds.Select(value => new Seed(value)))
        {
            foreach (var layer in (LayerWeights[])
                [Initialisation.Glorot(seed, net).Layers[0], Initialisation.Redrawn(StartRule.Glorot, seed, net).Layers[0]])
            {
                var values = Distribution.Widen(layer.Weight);
                Assert.Equal(band["n"].Int, values.Length);
                Near.Check("mean", 0, values.Average(), Near.Absolute(band["mean_5se"].Number));
                Near.Check("deviation", law["std"].Number, Distribution.Deviation(values), Near.Absolute(band["std_5se"].Number));
                HasQuantiles(name, law, values);
                var tail = Distribution.NormalCdf(-2);
                var distance = Distribution.KsDistance(values, x => (Distribution.NormalCdf(x / scale) - tail) / (1 - 2 * tail));
                Assert.InRange(distance, 0, band["ks_d_at_p_1e-6"].Number);
                Assert.InRange(values.Max(Math.Abs), 0, law["bound"].Number * (1 + 1e-6));      // rounded to single precision
                Assert.All(layer.Bias, bias => Assert.Equal(0, BitConverter.SingleToInt32Bits(bias)));
            }
        }
    }

    /// <summary>At each place: the first of the places' normals at steps 0, 1, 2 … that is within ±2.</summary>
    [Fact]
    public void A_weight_of_Glorots_is_a_function_of_its_place()
    {
        var net = new Architecture([40, 70, 9]);
        var weights = Initialisation.Glorot(new Seed(3), net);
        foreach (var (l, layer) in weights.Layers.Index())
        {
            var stream = new Seed(3).Stream(StreamName.InitialGlorot, l);
            var scale = (float)(Math.Sqrt(2.0 / (layer.Shape.Inputs + layer.Shape.Outputs)) / 0.87962566103423978);
            for (var row = 0; row < layer.Shape.Inputs; row++)
            {
                var draws = Enumerable.Range(0, 10).Select(step =>
                {
                    var values = new float[layer.Shape.Outputs];
                    NormalDraws.FillRow(stream, step, row, values);
                    return values;
                }).ToArray();
                var expected = Enumerable.Range(0, layer.Shape.Outputs)
                    .Select(column => scale * draws.Select(values => values[column]).First(z => Math.Abs(z) <= 2));
                Assert.Equal(expected, layer.Weight[(row * layer.Shape.Outputs)..((row + 1) * layer.Shape.Outputs)]);
            }
        }
    }

    [Fact]
    public void What_is_drawn_anew_has_the_law_of_the_start_and_numbers_of_its_own()
    {
        var net = new Architecture([60, 60, 60]);
        double[][] weights =
        [
            .. Seeds.SelectMany(seed => (PointWeights[])
            [
                Initialisation.Posterior(new Seed(seed), net).Means(),
                Initialisation.Glorot(new Seed(seed), net),
                Initialisation.Redrawn(StartRule.Posterior, new Seed(seed), net),
                Initialisation.Redrawn(StartRule.Glorot, new Seed(seed), net),
            ]).SelectMany(start => start.Layers).Select(layer => Distribution.Widen(layer.Weight)),
        ];
        Unrelated(weights);

        var law = Golden.Load("init/tfp_default.json");
        foreach (var shape in law["samples_drawn_by_tfp"].Items)
        {
            var layer = Initialisation.Redrawn(
                StartRule.Posterior, new Seed(1), new Architecture([shape["fan_in"].Int, shape["fan_out"].Int])).Layers[0];
            IsDrawnFrom("weights", law["mu"], shape["tolerance_mu_rho"], layer.Weight);
            IsDrawnFrom("biases", law["bias"], shape["tolerance_bias"], layer.Bias);
        }
        Assert.Equal(0.1f, Initialisation.SpreadOf(StartRule.Posterior, net.Layers[0]));
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
