using Bnn.Core;
using MathNet.Numerics;

namespace Bnn.Report;

/// <summary>
/// What a net reaches that has learned nothing: p, the share of the commonest class among the test images, by always answering it. Of n
/// images k are right. The net is no better than chance if P(K ≥ k) &gt; 0.001 for K ~ Binomial(n, p): the one-sided test at 0.1 %.
/// </summary>
/// <param name="Share">p, in (0, 1].</param>
/// <param name="Images">n.</param>
/// <param name="IsCounted">Whether both were counted in the data; otherwise they are assumed.</param>
public sealed record Chance(double Share, int Images, bool IsCounted)
{
    /// <summary>A net without knowledge is taken for one that has some in at most this share of cases.</summary>
    public const double Level = 0.001;

    /// <summary>Test images that are assumed where a plan is too old to say: few, so that nothing is believed too soon.</summary>
    public const int AssumedImages = 1000;

    /// <param name="labels">Null where they are unknown: then classes are assumed to be equally common.</param>
    /// <param name="classes">The network's outputs.</param>
    public static Chance Of(LabelCounts? labels, int classes) => labels is null
        ? new Chance(1.0 / classes, AssumedImages, IsCounted: false)
        : new Chance(labels.CommonestShare, labels.TestImages, IsCounted: true);

    /// <summary>P(K ≥ k) is I(k, n − k + 1; p), the regularised incomplete beta function.</summary>
    public bool IsNoBetter(double accuracy)
    {
        var right = Math.Round(accuracy * Images);
        if (!(right > Share * Images)) return true;
        return Share >= 1 || SpecialFunctions.BetaRegularized(right, Images - right + 1, Share) > Level;
    }

    /// <summary>"always answering the commonest class".</summary>
    public string Answer => IsCounted ? "always answering the commonest class" : "guessing";

    /// <summary>"has 11.35 % of 10,000 test images right".</summary>
    public string Reach => IsCounted
        ? $"has {Text.Percent(Share)} of {Text.Count(Images)} test images right"
        : $"has {Text.Percent(Share)} right if all classes are equally common";
}
