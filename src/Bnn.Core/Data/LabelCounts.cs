using System.Collections.Immutable;

namespace Bnn.Core;

/// <summary>How often each class occurs in a data set: what chance is, and which classes nothing can be learned about.</summary>
/// <param name="Data">The data set as cells name it (<see cref="DataHashes.Name"/>).</param>
/// <param name="Train">Training images of each class; validation images are among them.</param>
/// <param name="Test">Test images of each class.</param>
public sealed record LabelCounts(string Data, ImmutableArray<int> Train, ImmutableArray<int> Test)
{
    public static LabelCounts Of(Dataset data) =>
        new(data.Hashes.Name, Count(data.Train.Labels, data.Classes), Count(data.Test.Labels, data.Classes));

    /// <summary>The network's outputs: the largest label and one.</summary>
    public int Classes => Train.Length;

    /// <summary>Classes that occur among the training images or the test images.</summary>
    public int Occurring => Enumerable.Range(0, Classes).Count(label => Train[label] + Test[label] > 0);

    /// <summary>Labels below the largest that no image has.</summary>
    public ImmutableArray<int> Never => Where(label => Train[label] + Test[label] == 0);

    /// <summary>Labels that are trained and never tested.</summary>
    public ImmutableArray<int> OnlyInTraining => Where(label => Train[label] > 0 && Test[label] == 0);

    /// <summary>Labels that are tested and can't be learned.</summary>
    public ImmutableArray<int> OnlyInTest => Where(label => Train[label] == 0 && Test[label] > 0);

    public int TestImages => Test.Sum();

    /// <summary>The share of the test images that always answering the commonest class gets right, in (0, 1].</summary>
    public double CommonestShare => (double)Test.Max() / TestImages;

    /// <summary>Whether the counts can be those of a data set.</summary>
    public bool ArePossible => !Train.IsDefault && !Test.IsDefault && Train.Length == Test.Length && Train.Length > 0
        && Train.Concat(Test).All(count => count >= 0) && Test.Sum(count => (long)count) is > 0 and <= int.MaxValue
        && Train.Zip(Test).All(pair => (long)pair.First + pair.Second <= int.MaxValue);

    public bool Equals(LabelCounts? other) =>
        other is not null && Data == other.Data && Train.SequenceEqual(other.Train) && Test.SequenceEqual(other.Test);

    public override int GetHashCode() => HashCode.Combine(Data, Train.Length);

    private ImmutableArray<int> Where(Func<int, bool> holds) => [.. Enumerable.Range(0, Classes).Where(holds)];

    private static ImmutableArray<int> Count(byte[] labels, int classes)
    {
        var counts = new int[classes];
        foreach (var label in labels) counts[label]++;
        return [.. counts];
    }
}
