using Bnn.Core;

namespace Bnn.Tests;

/// <summary>Predictions, accuracy, negative log-likelihood and Brier score against NumPy, SciPy and scikit-learn.</summary>
public sealed class ClassificationTests
{
    public static TheoryData<string> Probabilities => Golden.Files("metrics", "classification");

    public static TheoryData<string> Logits => Golden.Files("metrics", "nll_from_logits");

    private static readonly Func<double, double> Exact = Near.Mixed(1e-12);

    [Theory, MemberData(nameof(Probabilities))]
    public void Predictions_and_likelihoods_of_probabilities_agree(string name)
    {
        foreach (var c in Cases(name))
        {
            var (what, labels, probabilities) = (c["name"].Text, c["labels"].Ints, c["probabilities"].Numbers);
            Assert.Equal(c["predicted"].Ints, Rows(probabilities, labels.Length).Select(row => Classification.Predict(row)));
            var accuracy = Classification.Accuracy(probabilities, labels);
            Near.Check($"{what}: accuracy", c["accuracy"].Number, accuracy, Exact);
            Assert.Equal(c["errors"].Int, labels.Length - (int)Math.Round(accuracy * labels.Length));
            Near.Check($"{what}: nll", c["nll"].Number, Classification.Nll(probabilities, labels), Exact);
            Near.Check($"{what}: Brier", c["brier"].Number, Classification.Brier(probabilities, labels), Exact);
            if (c["logits"].IsNull) continue;
            var logits = c["logits"].Numbers;
            Near.Check($"{what}: softmax", probabilities, [.. Rows(logits, labels.Length).SelectMany(Softmax)], Exact);
            Assert.Equal(c["predicted"].Ints, Rows(logits, labels.Length).Select(row => Classification.Predict(row)));
            var nll = Rows(logits, labels.Length).Zip(labels, (row, label) => CrossEntropy.Of(row, label)).Average();
            Near.Check($"{what}: nll from logits", c["nll_from_logits"].Number, nll, Exact);
        }
    }

    [Theory, MemberData(nameof(Logits))]
    public void Cross_entropy_survives_large_logits(string name)
    {
        foreach (var c in Cases(name))
        {
            var labels = c["labels"].Ints;
            var each = Rows(c["logits"].Numbers, labels.Length).Zip(labels, (row, label) => CrossEntropy.Of(row, label)).ToArray();
            Near.Check($"{c["name"].Text}: nll of a row", c["nll_each"].Numbers, each, Exact);
            Near.Check($"{c["name"].Text}: nll", c["nll"].Number, each.Average(), Exact);
        }
    }

    private static double[] Softmax(double[] logits)
    {
        var probabilities = new double[logits.Length];
        CrossEntropy.Softmax(logits, probabilities);
        return probabilities;
    }

    private static Golden[] Cases(string name)
    {
        var cases = Golden.Load(name)["cases"].Items.ToArray();
        Assert.NotEmpty(cases);
        return cases;
    }

    private static IEnumerable<double[]> Rows(double[] flat, int rows) => flat.Chunk(flat.Length / rows);
}
