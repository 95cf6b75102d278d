using System.Collections.Immutable;
using Bnn.Core;

namespace Bnn.Report;

/// <summary>
/// What nets that trained on a share of the images saw: as many updates as with all of them are more epochs, and a difference may come from
/// either.
/// </summary>
internal static class SubsetRemarks
{
    public static IEnumerable<string> Of(Summary summary)
    {
        ImmutableArray<Exposure> all = [.. summary.Groups.Select(group => group.Cell)
            .Where(cell => cell.Kind.IsBayesian())
            .Select(cell => Exposure.Of(cell, cell.Steps, summary.Labels))
            .OfType<Exposure>()
            .Distinct()
            .OrderByDescending(exposure => exposure.Share.Value)];
        if (all.All(exposure => exposure.Share == Density.Dense)) yield break;
        var said = all.Select(exposure =>
            $"{Text.Share(exposure.Share)} of the images are {Text.Count(exposure.Images)}, each seen {Text.Short(exposure.Epochs)} times "
            + $"in {Text.Count(exposure.Updates)} updates");
        yield return $"A smaller share of the images means more epochs for as many updates: {string.Join("; ", said)}.";
    }
}
