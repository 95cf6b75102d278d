using System.Collections.Immutable;
using Bnn.Core;

namespace Bnn.Report;

/// <summary>Sentences about labels that training or test lacks.</summary>
public static class LabelRemarks
{
    public static IEnumerable<string> Of(ImmutableArray<LabelCounts> all) => all.SelectMany(labels =>
    {
        var of = all.Length > 1 ? $" in the data {labels.Data}" : "";
        return (IEnumerable<string>)[
            .. Those(labels.Never, (label, occur) => $"{label} never {occur}{of}, so that only {Text.Count(labels.Occurring)} of the "
                + $"network's {Text.Count(labels.Classes)} classes can be learned."),
            .. Those(labels.OnlyInTraining, (label, occur) => $"{label} {occur}{of} among the training images alone and can't be tested."),
            .. Those(labels.OnlyInTest, (label, occur) => $"{label} {occur}{of} among the test images alone and can't be learned.")];
    });

    private static IEnumerable<string> Those(ImmutableArray<int> labels, Func<string, string, string> sentence)
    {
        if (labels.IsEmpty) yield break;
        yield return labels.Length == 1
            ? sentence($"Label {Ranges(labels)}", "occurs")
            : sentence($"The labels {Ranges(labels)}", "occur");
    }

    /// <summary>"0, 3 to 7 and 9".</summary>
    private static string Ranges(ImmutableArray<int> labels)
    {
        var ranges = new List<(int First, int Last)>();
        foreach (var label in labels)
        {
            if (ranges.Count > 0 && ranges[^1].Last == label - 1) ranges[^1] = (ranges[^1].First, label);
            else ranges.Add((label, label));
        }
        return Text.List(ranges.SelectMany(range => (range.Last - range.First) switch
        {
            0 => [Text.Count(range.First)],
            1 => [Text.Count(range.First), Text.Count(range.Last)],
            _ => (string[])[$"{Text.Count(range.First)} to {Text.Count(range.Last)}"],
        }));
    }
}
