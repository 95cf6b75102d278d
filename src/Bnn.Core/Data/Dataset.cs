using System.Collections.Immutable;

namespace Bnn.Core;

/// <summary>SHA-256 of the unpacked data files, hex: the same whether the files are stored packed or not.</summary>
public sealed record DataHashes(string TrainImages, string TrainLabels, string TestImages, string TestLabels)
{
    /// <summary>What cells call the data: the first digits of the training images' hash.</summary>
    public string Name => TrainImages.Length > Digest.Digits ? TrainImages[..Digest.Digits] : TrainImages;
}

/// <summary>Training and test images of one size with their classes.</summary>
public sealed record Dataset(Samples Train, Samples Test, int Rows, int Columns, int Classes, DataHashes Hashes)
{
    public const int MostClasses = 256;

    /// <summary>Combines four parsed files, or says why they don't belong together.</summary>
    public static Result<Dataset> Create(IdxFile trainImages, IdxFile trainLabels, IdxFile testImages, IdxFile testLabels)
    {
        var faults = new List<Fault>();
        SameCount(trainImages, trainLabels, faults);
        SameCount(testImages, testLabels, faults);
        if (!trainImages.Header.Dimensions[1..].SequenceEqual(testImages.Header.Dimensions[1..]))
        {
            faults.Add(new Fault.BadData(
                testImages.Name, 8, $"images of {Size(trainImages)} as in {trainImages.Name}", $"images of {Size(testImages)}",
                "take both from one data set"));
        }
        if (faults.Count > 0) return faults.ToImmutableArray();

        SeveralClasses(trainLabels, faults);
        SeveralClasses(testLabels, faults);
        if (faults.Count > 0) return faults.ToImmutableArray();

        var classes = trainLabels.Body.Max() + 1;
        var stranger = testLabels.Body.AsSpan().IndexOfAnyInRange((byte)Math.Min(classes, 255), byte.MaxValue);
        if (stranger >= 0 && testLabels.Body[stranger] >= classes)
        {
            return new Fault.BadData(
                testLabels.Name, testLabels.Header.Length + stranger, $"labels from 0 to {classes - 1}, as in {trainLabels.Name}",
                $"label {testLabels.Body[stranger]}", "take both from one data set");
        }
        var (rows, columns) = (trainImages.Header.Dimensions[1], trainImages.Header.Dimensions[2]);
        return new Dataset(
            Samples.FromPixels(trainImages.Body, trainLabels.Body, rows * columns),
            Samples.FromPixels(testImages.Body, testLabels.Body, rows * columns),
            rows, columns, classes,
            new DataHashes(trainImages.Sha256, trainLabels.Sha256, testImages.Sha256, testLabels.Sha256));
    }

    private static void SameCount(IdxFile images, IdxFile labels, List<Fault> faults)
    {
        if (images.Header.Count != labels.Header.Count)
        {
            faults.Add(new Fault.BadData(
                labels.Name, 4, $"{images.Header.Count} labels, one for each image in {images.Name}", $"{labels.Header.Count}",
                "take both from one data set"));
        }
    }

    /// <summary>With one class every answer is right, so nothing can be learned or judged.</summary>
    private static void SeveralClasses(IdxFile labels, List<Fault> faults)
    {
        var only = labels.Body[0];
        if (labels.Body.AsSpan().IndexOfAnyExcept(only) < 0)
        {
            faults.Add(new Fault.BadData(
                labels.Name, labels.Header.Length, "labels of two classes or more", $"only label {only}",
                "check that these are the labels"));
        }
    }

    private static string Size(IdxFile images) => $"{images.Header.Dimensions[1]}×{images.Header.Dimensions[2]}";
}

/// <summary>A data file, read and checked by itself.</summary>
/// <param name="Name">Path, for messages.</param>
/// <param name="Sha256">SHA-256 of the unpacked file, hex.</param>
public sealed record IdxFile(string Name, IdxHeader Header, byte[] Body, string Sha256);
