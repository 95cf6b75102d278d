using System.Collections.Immutable;
using System.Globalization;
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
            .Select(cell => Exposure.Of(cell, summary.Labels))
            .OfType<Exposure>()
            .Distinct()
            .OrderByDescending(exposure => exposure.Share.Value)];
        if (all.All(exposure => exposure.Share == Density.Dense)) yield break;
        var said = all.Select(exposure =>
            $"{Text.Share(exposure.Share)} of the images are {Text.Count(exposure.Images)}, each seen {Text.Short(exposure.Epochs)} times "
            + $"in {Text.Count(exposure.Updates)} updates");
        yield return $"A smaller share of the images means more epochs for as many updates: {string.Join("; ", said)}.";
    }

    private sealed record Exposure(Density Share, int Images, int Updates, double Epochs)
    {
        /// <summary>Null where the plan doesn't say how many images there are.</summary>
        public static Exposure? Of(PlannedCell cell, ImmutableArray<LabelCounts> labels)
        {
            if (Number(cell[TrainingSettings.BayesianImages.Name] ?? "1") is not { } given) return null;
            if (Density.Create(given) is not Result<Density>.Ok(var share)) return null;
            if (Number(cell[TrainingSettings.Batch.Name]) is not { } batch) return null;
            if (Number(cell[TrainingSettings.Validation.Name]) is not { } held) return null;
            if (labels.FirstOrDefault(counts => counts.Data == cell[Factor.Data]) is not { } counts) return null;
            var images = Subset.Count(share, counts.Train.Sum() - (int)held);
            return images <= 0 ? null : new Exposure(share, images, cell.Steps, (double)cell.Steps * (int)batch / images);
        }

        private static decimal? Number(string? text) =>
            decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number : null;
    }
}
