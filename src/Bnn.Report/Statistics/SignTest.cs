using MathNet.Numerics;

namespace Bnn.Report;

/// <summary>
/// The sign test of paired differences: whether positive and negative ones are as likely. Zeros are dropped; the number of positive ones is
/// then binomial with probability ½.
/// </summary>
/// <param name="PTwoSided">Twice the smaller one-sided p, at most 1. It is 1 if all differences are 0.</param>
/// <param name="PGreater">P(K ≥ positive).</param>
/// <param name="PLess">P(K ≤ positive).</param>
public sealed record SignTest(int Positive, int Negative, int Zeros, double PTwoSided, double PGreater, double PLess)
{
    /// <exception cref="ArgumentException">A difference is NaN.</exception>
    public static SignTest Of(IReadOnlyList<double> d)
    {
        if (d.Any(double.IsNaN)) throw new ArgumentException("NaN has no sign", nameof(d));
        var (positive, negative) = (d.Count(value => value > 0), d.Count(value => value < 0));
        var (greater, less) = (AtLeast(positive, positive + negative), AtLeast(negative, positive + negative));
        return new SignTest(positive, negative, d.Count - positive - negative, Math.Min(1, 2 * Math.Min(greater, less)), greater, less);
    }

    /// <summary>P(K ≥ k) = I(k, n − k + 1; ½), the regularised incomplete beta function.</summary>
    private static double AtLeast(int k, int n) => k == 0 ? 1 : SpecialFunctions.BetaRegularized(k, n - k + 1, 0.5);
}
