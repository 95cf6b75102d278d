using Bnn.Core;
using CsCheck;

namespace Bnn.Tests;

/// <summary>Entropies, mutual information and the area under the ROC curve against NumPy, SciPy and scikit-learn.</summary>
public sealed class UncertaintyTests
{
    private static readonly Func<double, double> Exact = Near.Mixed(1e-12);

    public static TheoryData<string> Samples => Golden.Files("metrics", "mc_uncertainty");

    public static TheoryData<string> Scores => Golden.Files("metrics", "ood_auroc");

    [Theory, MemberData(nameof(Samples))]
    public void Entropies_of_samples_agree(string name)
    {
        foreach (var c in Golden.Load(name)["cases"].Items)
        {
            var (what, labels, samples) = (c["name"].Text, c["labels"].Ints, c["samples"]);
            var shape = samples.Shape;
            var predictions = new SampledPredictions(shape[1], shape[2]);
            foreach (var sample in samples.Numbers.Chunk(shape[1] * shape[2])) predictions.Add(sample);
            Assert.Equal(shape[0], predictions.Count);
            var mean = predictions.Probabilities();
            Near.Check($"{what}: mean", c["mean_probabilities"].Numbers, mean, Exact);
            Near.Check($"{what}: predictive", c["predictive_entropy"].Numbers, predictions.PredictiveEntropy(), Exact);
            Near.Check($"{what}: expected", c["expected_entropy"].Numbers, predictions.ExpectedEntropy(), Exact);
            Near.Check($"{what}: mutual", c["mutual_information"].Numbers, predictions.MutualInformation(), Exact);
            double[] nll = [.. labels.Select((label, row) => Classification.Nll(mean.AsSpan(row * shape[2], shape[2]), [label]))];
            Near.Check($"{what}: nll of the mean", c["nll_of_mean"].Numbers, nll, Exact);
        }
    }

    [Fact]
    public void Samples_of_another_size_are_refused() =>
        Assert.Throws<ArgumentException>(() => new SampledPredictions(2, 3).Add(new double[5]));

    [Theory, MemberData(nameof(Scores))]
    public void Area_under_the_curve_agrees(string name)
    {
        foreach (var c in Golden.Load(name)["cases"].Items)
        {
            var (inside, outside) = (c["in_distribution"].Numbers, c["out_of_distribution"].Numbers);
            var auroc = Uncertainty.Auroc(inside, outside);
            Near.Check($"{c["name"].Text}: auroc", c["auroc"].Number, auroc, Exact);
            Near.Check($"{c["name"].Text}: U", c["mann_whitney_u"].Number, auroc * inside.Length * outside.Length, Exact);
        }
    }

    [Fact]
    public void Exchanging_inside_and_outside_mirrors_the_area() =>
        Gen.Int[0, 9].Array[1, 30].Select(Gen.Int[0, 9].Array[1, 30]).Sample((a, b) =>
        {
            double[] x = [.. a.Select(value => (double)value)], y = [.. b.Select(value => (double)value)];
            Assert.Equal(1, Uncertainty.Auroc(x, y) + Uncertainty.Auroc(y, x), 1e-12);
            Assert.Equal(
                x.Average(one => y.Average(other => other > one ? 1 : other == one ? 0.5 : 0)), Uncertainty.Auroc(x, y), 1e-12);
        });

    [Fact]
    public void Nothing_to_compare_is_refused()
    {
        Assert.Throws<ArgumentException>(() => Uncertainty.Auroc([], [1]));
        Assert.Throws<ArgumentException>(() => Uncertainty.Auroc([1], []));
        Assert.Throws<ArgumentException>(() => Uncertainty.Auroc([1, double.NaN], [1]));
    }
}
