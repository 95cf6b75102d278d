using Bnn.Core;

namespace Host.Experiments;

/// <summary>What trainings cost beside each other, before anything is measured: for order and for progress.</summary>
internal static class RelativeCost
{
    /// <summary>Cost of a Bayesian step relative to a dense one.</summary>
    private const double Bayesian = 3;

    /// <summary>
    /// Cost of a masked net's step relative to the whole one's: a part that doesn't depend on the share that is kept, and one that does; as
    /// measured at 1, 5 and 20 %.
    /// </summary>
    private const double SparseBase = 0.06, SparseSlope = 3.2;

    /// <summary>Of a step, in steps of the dense net.</summary>
    public static double OfStep(Training training) =>
        (training.Kind.IsBayesian() ? Bayesian : 1) * Math.Min(1, SparseBase + SparseSlope * MeasuredCosts.ShareOf(training));

    /// <summary>Of a whole training, in steps of the dense net.</summary>
    public static double Of(Training training) => OfStep(training) * (training.Steps - training.FirstStep);
}
