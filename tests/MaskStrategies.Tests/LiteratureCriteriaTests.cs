using Bnn.Core;
using CsCheck;
using MaskStrategies;

namespace Bnn.Tests;

/// <summary>Each criterion against its formula, computed another way.</summary>
public sealed class LiteratureCriteriaTests
{
    private static readonly Dictionary<string, Func<WeightFacts, double>> Formulas = new(StringComparer.Ordinal)
    {
        ["magnitude"] = w => Math.Abs(w.DenseFinal),
        ["large-final"] = w => Math.Abs(w.DenseFinal),
        ["small-final"] = w => Math.Abs(w.DenseFinal),
        ["large-init"] = w => Math.Abs(w.DenseInitial),
        ["small-init"] = w => Math.Abs(w.DenseInitial),
        ["magnitude-increase"] = w => Math.Abs(w.DenseFinal) - Math.Abs(w.DenseInitial),
        ["movement"] = w => Math.Max(w.DenseFinal - w.DenseInitial, w.DenseInitial - w.DenseFinal),
        ["variance"] = w => Math.Pow(w.Sigma, 2),
        ["snr"] = w => Math.Abs(w.Mu / w.Sigma),
        ["mean-magnitude"] = w => Math.Abs(w.Mu),
        ["rms"] = w => double.Hypot(w.Mu, w.Sigma),
        ["mean-plus-sigma"] = w => Math.Max(w.Mu, -w.Mu) + w.Sigma,
        ["kl"] = w => NormalKl.Of(w.Mu, w.Sigma, 1),
        ["sigma-ratio"] = w => w.Sigma / w.InitialSigma,
        ["snr-power"] = w => Math.Abs(w.Mu / w.Sigma),
        ["early-snr"] = w => Math.Abs(w.Moments[0].Mu / w.Moments[0].Sigma),
        ["sign-certainty"] = w => 2 * Math.Atanh(2 * HalfBeyondZero(Math.Abs(w.Mu) / w.Sigma)),
        ["snip"] = w => Math.Abs(w.Gradient) * Math.Abs(w.Start),
        ["gradient-magnitude"] = w => Math.Abs(w.Gradient),
        ["grasp"] = w => -w.Start * w.HessianGradient,
        ["wanda"] = w => Math.Abs(w.Start) * w.InputActivity,
        ["wanda-posterior"] = w => Math.Abs(w.Mu) * w.InputActivity,
    };

    /// <summary>Those that look beyond the one weight: each has tests of its own.</summary>
    private static readonly string[] Others =
        ["random", "shuffle", "inverted", "synflow", "large-init-large-final", "small-init-small-final", "large-final-same-sign",
            "magnitude-increase-same-sign"];

    /// <summary>Nets so small that all paths can be enumerated.</summary>
    private static readonly Gen<LiteratureNet> FewPaths = LiteratureNet.Of(Gen.Int[1, 4].Array[2, 5]);

    public static TheoryData<string> Names => new(Formulas.Keys);

    [Fact]
    public void Every_strategy_is_tested() =>
        Assert.Equal(Strategies.Names.Select(row => row.Data).Order(), Formulas.Keys.Concat(Others).Order());

    [Theory, MemberData(nameof(Names))]
    public void A_criterion_is_its_formula(string name)
    {
        bool Skipped(WeightFacts w) => name is "sign-certainty" && Math.Abs(w.Mu) / w.Sigma > 2;
        LiteratureNet.Any.Sample(net => Compare(name, net, Strategies.Make(name), Formulas[name], Skipped), iter: 50);
    }

    [Fact]
    public void The_divergence_takes_the_priors_scale() => Gen.Select(LiteratureNet.Any, Gen.Double[0.01, 100]).Sample((net, scale) =>
        Compare("kl", net, new Kl { PriorScale = scale }, w => NormalKl.Of(w.Mu, w.Sigma, scale)), iter: 50);

    [Fact]
    public void A_power_of_sigma_may_be_any()
    {
        var alphas = Gen.OneOf(Gen.Double[0, 10], Gen.Int[0, 10].Select(whole => (double)whole));
        Gen.Select(LiteratureNet.Any, alphas).Sample((net, alpha) =>
            Compare("snr-power", net, new SnrPower { Alpha = alpha }, w => Math.Abs(w.Mu) / Math.Pow(w.Sigma, alpha)), iter: 100);
    }

    [Fact]
    public void Powers_0_and_1_of_sigma_are_the_mean_and_the_signal_to_noise_ratio_to_the_bit() => LiteratureNet.Any.Sample(net =>
    {
        Assert.Equal(net.Score(new MeanMagnitude()), net.Score(new SnrPower { Alpha = 0 }));
        Assert.Equal(net.Score(new Snr()), net.Score(new SnrPower { Alpha = 1 }));
    }, iter: 20);

    [Theory, InlineData(1), InlineData(2), InlineData(9)]
    public void Early_means_after_so_many_tenths(int at) => LiteratureNet.Any.Sample(net =>
        Compare("early-snr", net, new EarlySnr { At = at }, w => Math.Abs(w.Moments[at - 1].Mu / w.Moments[at - 1].Sigma)), iter: 20);

    [Fact]
    public void Two_magnitudes_count_by_the_lesser_of_their_ranks() => LiteratureNet.Any.Sample(net =>
    {
        foreach (var (strategy, sign) in ((object, int)[])[(new LargeInitLargeFinal(), 1), (new SmallInitSmallFinal(), -1)])
        {
            foreach (var (l, criterion) in net.Score(strategy).Index())
            {
                var layer = net.Layers[l];
                for (var i = 0; i < criterion.Length; i++)
                    Assert.Equal(Math.Min(Rank(layer.DenseInitial, sign, i), Rank(layer.DenseFinal, sign, i)), criterion[i]);
            }
        }
    }, iter: 50);

    [Theory, InlineData("large-final-same-sign", "large-final"), InlineData("magnitude-increase-same-sign", "magnitude-increase")]
    public void A_changed_sign_ranks_below_all_kept_ones_in_order(string name, string underneath) => LiteratureNet.Any.Sample(net =>
    {
        var plain = net.Score(Strategies.Make(underneath)).SelectMany(c => c).ToArray();
        var criterion = net.Score(Strategies.Make(name)).SelectMany(c => c).ToArray();
        bool[] changed = [.. net.Layers.SelectMany(layer =>
            layer.DenseInitial.Zip(layer.DenseFinal, (a, b) => a > 0 && b < 0 || a < 0 && b > 0))];
        for (var i = 0; i < criterion.Length; i++)
        {
            if (!changed[i]) Assert.Equal(plain[i], criterion[i]);
            for (var j = 0; j < criterion.Length; j++)
            {
                if (changed[i] && !changed[j]) Assert.True(criterion[i] < criterion[j]);
                if (changed[i] && changed[j] && plain[i] < plain[j] - 1e-12) Assert.True(criterion[i] < criterion[j]);
                if (changed[i] && changed[j] && plain[i] <= plain[j]) Assert.True(criterion[i] <= criterion[j]);
            }
        }
    }, iter: 50);

    [Fact]
    public void Synaptic_flow_is_the_difference_quotient_of_the_flow_over_all_paths() => FewPaths.Sample(net =>
    {
        double[][] weights = [.. net.Layers.Select(layer => Array.ConvertAll(layer.Start, w => Math.Abs((double)w)))];
        var scores = net.Score(new Synflow());
        for (var l = 0; l < weights.Length; l++)
        {
            for (var i = 0; i < weights[l].Length; i++)
            {
                var w = weights[l][i];
                double FlowWith(double value)
                {
                    weights[l][i] = value;
                    var flow = Enumerable.Range(0, net.Net.Sizes[0]).Sum(input => Paths(net.Net, weights, 0, input));
                    weights[l][i] = w;
                    return flow;
                }
                var step = Math.Max(w / 2, 1e-3);       // the flow is linear in one weight: any step is exact but for rounding
                var slope = (FlowWith(w + step) - FlowWith(w - step)) / (2 * step);
                Assert.Equal(slope * w, scores[l][i], 1e-12 * (1 + FlowWith(w)) * (1 + w / step));
            }
        }
    }, iter: 50);

    [Fact]
    public void Synaptic_flow_is_conserved_from_layer_to_layer() => LiteratureNet.Any.Sample(net =>
    {
        var sums = net.Score(new Synflow()).Select(scores => scores.Sum()).ToArray();
        Assert.All(sums, sum => Assert.Equal(sums[0], sum, 1e-12 * sums[0]));
    }, iter: 50);

    /// <summary>Log odds of Φ(z), by series in 60 decimal digits (Python's decimal).</summary>
    public static TheoryData<double, double> LogOdds => new()
    {
        { 0, 0 },
        { 1e-20, 1.5957691216057308e-20 },
        { 1e-9, 1.5957691216057306e-09 },
        { 0.001, 0.0015957691942769354 },
        { 0.2, 0.31973516895882115 },
        { 0.5, 0.8069653463049622 },
        { 1, 1.6682678659858137 },
        { 1.5, 2.6368009452116556 },
        { 1.9999999, 3.760171181506733 },
        { 2, 3.7601714243530684 },
        { 2.5, 5.07541925179283 },
        { 4, 10.360069814783913 },
        { 6, 20.736768948988118 },
        { 8.5, 39.19739642821767 },
        { 20, 203.91715537109727 },
        { 40, 804.6084420137538 },
        { 1000, 500007.82669481216 },
    };

    [Theory, MemberData(nameof(LogOdds))]
    public void Sign_certainty_is_precise_near_a_half_and_near_1(double z, double expected) =>
        Near.Check($"log odds at {z}", expected, SignCertainty.LogOdds(z), Near.Relative(4e-15));

    [Fact]
    public void Sign_certainty_is_finite_for_any_ratio_of_floats() => Assert.All(
        (double[])[double.Epsilon, float.Epsilon, 1, 1e10, float.MaxValue, float.MaxValue / Math.Pow(2, -23)],
        z => Assert.InRange(SignCertainty.LogOdds(z), 0, double.MaxValue));

    [Fact]
    public void Sign_certainty_rises_with_the_ratio() => Gen.Select(Gen.Double[-40, 40], Gen.Double[1e-12, 1]).Sample((power, more) =>
    {
        var z = Math.Pow(10, power);
        Assert.True(SignCertainty.LogOdds(z) < SignCertainty.LogOdds(z * (1 + more)), $"at {z:R}, {more:R}");
    }, iter: 100_000);

    [Fact]
    public void Sign_certainty_rises_across_the_seam_of_its_two_forms()
    {
        var odds = Enumerable.Range(-200, 401).Select(k => SignCertainty.LogOdds(2 * (1 + k * 1e-13))).ToArray();
        for (var k = 1; k < odds.Length; k++) Assert.True(odds[k - 1] < odds[k], $"step {k}");
    }

    [Fact]
    public void Portable_logarithm_and_exponential_are_the_runtimes_to_a_few_ulp()
    {
        Gen.Double[-1000, 1000].Sample(power =>
        {
            var x = Math.Pow(2, power);
            Near.Check($"ln {x:R}", Math.Log(x), PortableDouble.Log(x), Near.Relative(1e-15));
            Near.Check($"ln {1 + 1 / x:R}", Math.Log(1 + 1 / x), PortableDouble.Log(1 + 1 / x), Near.Relative(1e-15));
        }, iter: 10_000);
        Gen.Double[-700, 700].Sample(x => Near.Check($"exp {x:R}", Math.Exp(x), PortableDouble.Exp(x), Near.Relative(1e-15)), iter: 10_000);
        Gen.Double[-3, 3].Sample(x => Near.Check($"exp {x:R}", Math.Exp(x), PortableDouble.Exp(x), Near.Relative(5e-16)), iter: 10_000);
        Assert.Equal(0, PortableDouble.Exp(-1e300));
        Assert.Equal(0, PortableDouble.Log(1));
        Assert.Equal(1, PortableDouble.Exp(0));
        Near.Check("ln of the smallest", Math.Log(double.Epsilon), PortableDouble.Log(double.Epsilon), Near.Relative(1e-15));
    }

    private static void Compare(
        string name, LiteratureNet net, object strategy, Func<WeightFacts, double> formula, Func<WeightFacts, bool>? skip = null)
    {
        foreach (var (l, criterion) in net.Score(strategy).Index())
        {
            for (var i = 0; i < criterion.Length; i++)
            {
                var facts = net.Layers[l].Facts(i);
                if (skip?.Invoke(facts) == true) continue;
                var cancelled = name is "kl" ? 1e-14 : 0;      // its terms are of order 1 where it is nearly 0
                double Tolerance(double expected) => 2e-13 * Math.Abs(expected) + cancelled;
                Near.Check($"{name}, layer {l}, weight {i}", formula(facts), criterion[i], Tolerance);
            }
        }
    }

    /// <summary>Φ(z) − ½ by Simpson's rule.</summary>
    private static double HalfBeyondZero(double z)
    {
        const int Parts = 2000;
        var sum = 0.0;
        for (var k = 0; k <= Parts; k++)
        {
            var x = z * k / Parts;
            sum += (k is 0 or Parts ? 1 : k % 2 == 0 ? 2 : 4) * Math.Exp(-x * x / 2);
        }
        return sum * z / Parts / 3 / Math.Sqrt(2 * Math.PI);
    }

    /// <summary>How many weights of the layer come before the i-th when sorted by sign·|w|, equal ones by index.</summary>
    private static int Rank(float[] weights, int sign, int i) => Enumerable.Range(0, weights.Length).Count(j =>
        sign * Math.Abs(weights[j]) < sign * Math.Abs(weights[i]) || Math.Abs(weights[j]) == Math.Abs(weights[i]) && j < i);

    /// <summary>Sum over all paths from a unit to the outputs of the product of their weights.</summary>
    private static double Paths(Architecture net, double[][] weights, int layer, int unit)
    {
        if (layer == weights.Length) return 1;
        var outputs = net.Sizes[layer + 1];
        return Enumerable.Range(0, outputs).Sum(next => weights[layer][unit * outputs + next] * Paths(net, weights, layer + 1, next));
    }
}
