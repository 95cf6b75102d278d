using Bnn.Core;

namespace Bnn.Tests;

/// <summary>Four files that belong together, or why they do not.</summary>
public sealed class DatasetTests
{
    private static IdxFile Images(string name, int count, int rows = 2, int columns = 3) =>
        new(name, new IdxHeader([count, rows, columns]), [.. Enumerable.Range(0, count * rows * columns).Select(i => (byte)i)],
            $"sha of {name}");

    private static IdxFile Labels(string name, params byte[] labels) => new(name, new IdxHeader([labels.Length]), labels, $"sha of {name}");

    private static Result<Dataset> Create(
        IdxFile? trainImages = null, IdxFile? trainLabels = null, IdxFile? testImages = null, IdxFile? testLabels = null) => Dataset.Create(
        trainImages ?? Images("train-images", 4), trainLabels ?? Labels("train-labels", 0, 1, 2, 1),
        testImages ?? Images("test-images", 2), testLabels ?? Labels("test-labels", 2, 0));

    private static Fault.BadData[] Faults(Result<Dataset> result) =>
        [.. Assert.IsType<Result<Dataset>.Failed>(result).Faults.Select(fault => Assert.IsType<Fault.BadData>(fault))];

    private static void Says(Fault.BadData fault, string file, long offset, params string[] parts)
    {
        Assert.Equal((file, offset), (fault.File, fault.Offset));
        Assert.All((string[])[file, $"byte {offset}:", fault.Fix, .. parts], part =>
            Assert.Contains(part, fault.Describe(), StringComparison.Ordinal));
    }

    [Fact]
    public void Files_that_belong_together_make_a_data_set()
    {
        var data = Assert.IsType<Result<Dataset>.Ok>(Create()).Value;
        Assert.Equal((4, 2, 2, 3, 3), (data.Train.Count, data.Test.Count, data.Rows, data.Columns, data.Classes));
        Assert.Equal(new DataHashes("sha of train-images", "sha of train-labels", "sha of test-images", "sha of test-labels"), data.Hashes);
        var row = new float[6];
        data.Train.CopyRow(1, row);
        Assert.Equal(Enumerable.Range(6, 6).Select(pixel => pixel / 255f), row);
        Assert.Equal([0, 1, 2, 1], data.Train.Labels);
        var labels = new LabelCounts("sha of train", [1, 2, 1], [1, 0, 1]);
        Assert.Equal(new DatasetFacts(6, 3, 4, data.Hashes, labels), DatasetFacts.Of(data));
        Assert.Equal([1], labels.OnlyInTraining);
        Assert.Equal(0.5, labels.CommonestShare);
    }

    [Fact]
    public void Images_and_labels_of_different_number_are_refused_with_both_numbers() =>
        Says(
            Assert.Single(Faults(Create(trainLabels: Labels("train-labels", 0, 1, 1)))),
            "train-labels", 4, "4 labels", "train-images", "found 3");

    [Fact]
    public void Images_of_different_size_are_refused_with_both_sizes() =>
        Says(Assert.Single(Faults(Create(testImages: Images("test-images", 2, rows: 3, columns: 2)))), "test-images", 8, "2×3", "3×2");

    [Fact]
    public void All_that_does_not_fit_is_said_together() =>
        Assert.Equal(["train-labels", "test-labels", "test-images"], Faults(Create(
            trainLabels: Labels("train-labels", 0, 1),
            testLabels: Labels("test-labels", 1),
            testImages: Images("test-images", 3, 5))).Select(fault => fault.File));

    [Theory, InlineData(0), InlineData(1), InlineData(255)]
    public void A_single_class_is_refused_whatever_its_label(byte label)
    {
        var faults = Faults(Create(
            trainLabels: Labels("train-labels", label, label, label, label), testLabels: Labels("test-labels", label, 0)));
        Says(Assert.Single(faults, fault => fault.File == "train-labels"), "train-labels", 8, "two classes", $"label {label}");
        Says(
            Assert.Single(Faults(Create(testLabels: Labels("test-labels", 1, 1)))), "test-labels", 8, "two classes", "label 1");
    }

    [Fact]
    public void Labels_from_one_leave_a_class_that_never_occurs()
    {
        var data = Create(trainLabels: Labels("train-labels", 1, 2, 3, 1), testLabels: Labels("test-labels", 2, 4 - 1)).OrThrow();
        var labels = LabelCounts.Of(data);
        Assert.Equal((4, 3), (data.Classes, labels.Occurring));
        Assert.Equal([0], labels.Never);
        Assert.Equal([1], labels.OnlyInTraining);
    }

    [Theory, InlineData(2, 3, 8 + 1), InlineData(2, 255, 8 + 1), InlineData(254, 255, 8 + 1)]
    public void A_test_label_that_training_never_saw_is_refused_where_it_stands(byte largest, byte stranger, long offset) =>
        Says(
            Assert.Single(Faults(Create(
                trainLabels: Labels("train-labels", 0, 1, 0, largest), testLabels: Labels("test-labels", 0, stranger)))),
            "test-labels", offset, $"from 0 to {largest}", $"label {stranger}");

    [Fact]
    public void As_many_classes_as_a_byte_has_are_taken()
    {
        var result = Create(trainLabels: Labels("train-labels", 0, 1, 0, 255), testLabels: Labels("test-labels", 255, 0));
        Assert.Equal(Dataset.MostClasses, Assert.IsType<Result<Dataset>.Ok>(result).Value.Classes);
    }

    [Fact]
    public void Samples_hold_whole_rows()
    {
        Assert.Throws<ArgumentException>(() => Samples.FromPixels(new byte[7], new byte[2], 3));
        Assert.Throws<ArgumentException>(() => Samples.FromValues([], new byte[2], 0));
        var row = new float[2];
        Samples.FromValues([1, 2, 3, -4], [0, 1], 2).CopyRow(1, row);
        Assert.Equal([3f, -4f], row);
    }
}
