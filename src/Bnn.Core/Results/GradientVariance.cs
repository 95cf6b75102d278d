using System.Collections.Immutable;

namespace Bnn.Core;

/// <summary>The gradients of one layer at one moment, with one kind of perturbation and one size of batch.</summary>
/// <param name="Moment">Of the Bayesian training.</param>
/// <param name="Layer">From 1.</param>
/// <param name="Distances">Of each repeat, as <see cref="GradientSpread"/> has them.</param>
public sealed record GradientCell(Moment Moment, int Layer, Perturbation Perturbation, int Batch, ImmutableArray<double> Distances)
{
    /// <summary>The mean over the layer's weights of the variance over the repeats.</summary>
    public double Variance => GradientSpread.Variance(Distances);
}

/// <summary>What was asked of a net's gradients.</summary>
/// <param name="Training">The Bayesian net.</param>
/// <param name="Moments">Moments of its training.</param>
/// <param name="Batches">Sizes, ascending.</param>
/// <param name="Repeats">Batches of each size, three at least.</param>
public sealed record AskedVariance(
    TrainingKey Training, Seed Seed, Architecture Net, ImmutableArray<Moment> Moments, ImmutableArray<int> Batches, int Repeats);

/// <summary>How a net's gradients vary from batch to batch.</summary>
/// <param name="Cells">By moment, size, perturbation and layer.</param>
public sealed record GradientVariance(AskedVariance Asked, ImmutableArray<GradientCell> Cells)
{
    /// <summary>Version of the measurement's arithmetic and draws: raised when its numbers change.</summary>
    public const int Version = 1;

    /// <summary>The cells of a line, by size.</summary>
    public ImmutableArray<GradientCell> Of(Moment moment, int layer, Perturbation perturbation) => [
        .. Cells.Where(cell => cell.Moment == moment && cell.Layer == layer && cell.Perturbation == perturbation)
            .OrderBy(cell => cell.Batch)];

    /// <summary>Whether all that was asked at a moment with a size is there.</summary>
    public bool Has(Moment moment, int batch) =>
        Cells.Count(cell => cell.Moment == moment && cell.Batch == batch) == Perturbations.All.Length * Asked.Net.Layers.Length;
}
