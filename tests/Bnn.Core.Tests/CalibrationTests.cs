using Bnn.Core;
using CsCheck;

namespace Bnn.Tests;

/// <summary>Calibration against netcal, TensorFlow Probability and exact fractions.</summary>
public sealed class CalibrationTests
{
    private static readonly Func<double, double> Exact = Near.Mixed(1e-12);

    public static TheoryData<string> Files => Golden.Files("metrics", "classification");

    [Theory, MemberData(nameof(Files))]
    public void Bins_and_errors_agree(string name)
    {
        var file = Golden.Load(name);
        var bins = file["bins"].Int;
        Assert.Equal(Calibration.UsualBins, bins);
        Assert.Equal(file["edges"].Numbers, Enumerable.Range(0, bins + 1).Select(i => i / (double)bins));
        foreach (var c in file["cases"].Items)
        {
            foreach (var (edges, field) in new[] { (BinEdges.LowerClosed, "lower_closed"), (BinEdges.UpperClosed, "upper_closed") })
            {
                var (what, expected) = ($"{c["name"].Text} {field}", c[field]);
                Assert.Equal(
                    expected["bin_of_each"].Ints, c["confidence"].Numbers.Select(one => Calibration.BinOf(one, bins, edges)));
                var found = Calibration.Of(c["probabilities"].Numbers, c["labels"].Ints, bins, edges);
                Assert.Equal(expected["count"].Ints, found.Bins.Select(bin => bin.Count));
                Near.Check($"{what} accuracy", expected["accuracy"].Numbers, [.. found.Bins.Select(bin => bin.Accuracy)], Exact);
                Near.Check(
                    $"{what} confidence", expected["mean_confidence"].Numbers, [.. found.Bins.Select(bin => bin.MeanConfidence)], Exact);
                Near.Check($"{what} ece", expected["ece"].Number, found.Ece, Exact);
                Near.Check($"{what} mce", expected["mce"].Number, found.Mce, Exact);
            }
        }
    }

    [Fact]
    public void One_bin_gives_the_distance_of_mean_confidence_and_accuracy() =>
        Gen.Double[0.5, 1].Array[1, 40].Select(Gen.ULong).Sample((confidences, seed) =>
        {
            int[] labels = [.. confidences.Select((_, row) => (int)(new Seed(seed).Stream(StreamName.Split).Word(0, (uint)row) & 1))];
            double[] probabilities = [.. confidences.SelectMany(p => (double[])[p, 1 - p])];
            var accuracy = Classification.Accuracy(probabilities, labels);
            Assert.Equal(Math.Abs(confidences.Average() - accuracy), Calibration.Of(probabilities, labels, bins: 1).Ece, 1e-12);
            var usual = Calibration.Of(probabilities, labels);
            Assert.InRange(usual.Ece, Math.Abs(confidences.Average() - accuracy) - 1e-12, usual.Mce + 1e-12);
        });
}
