using System.Collections.Immutable;
using System.Globalization;
using Bnn.Core;

namespace Bnn.Report;

/// <summary>What a Bayesian net has seen after some updates.</summary>
/// <param name="Share">The share of the training images that it trains on.</param>
/// <param name="Images">Their number.</param>
/// <param name="Epochs">How often it has seen each.</param>
internal sealed record Exposure(Density Share, int Images, int Updates, double Epochs)
{
    /// <summary>Null where the plan doesn't say how many images there are.</summary>
    /// <param name="cell">The net's own cell, or that of a ticket whose mask was found from it.</param>
    public static Exposure? Of(PlannedCell cell, int updates, ImmutableArray<LabelCounts> labels)
    {
        if (Number(cell[TrainingSettings.BayesianImages.Name] ?? "1") is not { } given) return null;
        if (Density.Create(given) is not Result<Density>.Ok(var share)) return null;
        if (Number(cell[TrainingSettings.Batch.Name]) is not { } batch) return null;
        if (Number(cell[TrainingSettings.Validation.Name]) is not { } held) return null;
        if (labels.FirstOrDefault(counts => counts.Data == cell[Factor.Data]) is not { } counts) return null;
        var images = Subset.Count(share, counts.Train.Sum() - (int)held);
        return images <= 0 ? null : new Exposure(share, images, updates, (double)updates * (int)batch / images);
    }

    private static decimal? Number(string? text) =>
        decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number : null;
}
