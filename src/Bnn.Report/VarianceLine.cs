using System.Collections.Immutable;
using Bnn.Core;

namespace Bnn.Report;

/// <summary>Whether a variance that falls with the batch's size levels off, and where.</summary>
public enum Plateau
{
    /// <summary>Too few sizes or repeats to tell, or a variance of 0.</summary>
    Unknown,

    /// <summary>The whole interval of where it begins lies at or below the largest size.</summary>
    Begins,

    /// <summary>The whole interval lies above the largest size.</summary>
    NotWithin,

    /// <summary>The largest size is inside of the interval.</summary>
    Undecided,
}

/// <summary>A slope over some of the sizes.</summary>
/// <param name="Slope">Null for fewer than three sizes.</param>
public sealed record RangeSlope(string Range, LogLogSlope? Slope);

/// <summary>
/// How the variance of a layer's gradients falls with the batch's size: slopes, and the fit a/B + c, with where a plateau begins: at a/c,
/// where both parts are equal and the variance is twice its floor c.
/// </summary>
/// <param name="Cells">By size.</param>
/// <param name="Slopes">Over all sizes, up to <see cref="Small"/> and from <see cref="Large"/>.</param>
/// <param name="Floor">Null where there are too few sizes.</param>
/// <param name="Low">The lower end of the 95 % interval of a/c; 0 where there is no floor.</param>
/// <param name="High">Its upper end, which may be infinite.</param>
public sealed record VarianceLine(
    Moment Moment, int Layer, Perturbation Perturbation, ImmutableArray<GradientCell> Cells, ImmutableArray<RangeSlope> Slopes,
    Floor? Floor, double Low, double High)
{
    /// <summary>Between these Wen et al. see the plateau of a shared perturbation begin.</summary>
    public const int Small = 100, Large = 1000;

    private const int Resamples = 1000;

    public Plateau Plateau => Floor is null ? Plateau.Unknown
        : High <= Cells[^1].Batch ? Plateau.Begins
        : Low > Cells[^1].Batch ? Plateau.NotWithin
        : Plateau.Undecided;

    /// <summary>All lines by moment, layer and perturbation.</summary>
    public static ImmutableArray<VarianceLine> All(GradientVariance variance)
    {
        var (asked, sizes) = (variance.Asked, variance.Asked.Batches.Length);
        // Each size of each resample has draws of its own: the sizes' batches are independent of each other.
        ImmutableArray<int[]> places = [.. Bootstrap.Resamples(asked.Repeats, Resamples * sizes)];
        return [
            .. from moment in asked.Moments
               from layer in Enumerable.Range(1, asked.Net.Layers.Length)
               from perturbation in Perturbations.All
               select Of(variance.Of(moment, layer, perturbation), places)];
    }

    private static VarianceLine Of(ImmutableArray<GradientCell> cells, ImmutableArray<int[]> places)
    {
        double[] sizes = [.. cells.Select(cell => (double)cell.Batch)], values = [.. cells.Select(cell => cell.Variance)];
        var (low, high) = (0.0, double.PositiveInfinity);
        double[] errors = [.. cells.Select(RelativeError)];
        var floor = Floor.Of(sizes, values, errors);
        if (floor is not null)
        {
            var shares = new List<double>(Resamples);
            for (var resample = 0; resample < Resamples; resample++)
            {
                double[] again = [
                    .. cells.Select((cell, k) =>
                        GradientSpread.Variance([.. places[resample * cells.Length + k].Select(place => cell.Distances[place])]))];
                // A resample of one repeat alone may have no variance.
                if (Floor.Of(sizes, again, errors) is { } fit) shares.Add(Math.Min(fit.Share, double.MaxValue));
            }
            if (shares.Count == 0) return Line(null);
            double[] sorted = [.. shares.Order()];
            (low, high) = (1 / Sample.QuantileOfSorted(sorted, 0.975), 1 / Sample.QuantileOfSorted(sorted, 0.025));
        }
        return Line(floor);

        VarianceLine Line(Floor? fit) => new(
            cells[0].Moment, cells[0].Layer, cells[0].Perturbation, cells,
            [
                SlopeOver("all sizes", _ => true),
                SlopeOver($"up to {Text.Count(Small)}", size => size <= Small),
                SlopeOver($"from {Text.Count(Large)}", size => size >= Large),
            ],
            fit, low, high);

        RangeSlope SlopeOver(string range, Func<double, bool> isIn)
        {
            List<int> chosen = [.. Enumerable.Range(0, sizes.Length).Where(k => isIn(sizes[k]))];
            return new RangeSlope(range, LogLogSlope.Of(
                chosen.ConvertAll(k => sizes[k]), chosen.ConvertAll(k => values[k]), chosen.ConvertAll(k => errors[k])));
        }
    }

    /// <summary>
    /// The relative standard error of a variance by the delete-one jackknife over repeats: without repeat r, which is d from the mean, the
    /// sum of the n distances is less by d·n/(n − 1). NaN for two repeats.
    /// </summary>
    public static double RelativeError(GradientCell cell)
    {
        double n = cell.Distances.Length;
        return n < 3
            ? double.NaN
            : Sample.StandardDeviation(cell.Distances) / Sample.Mean(cell.Distances) / Math.Sqrt(n) * (n - 1) / (n - 2);
    }
}
