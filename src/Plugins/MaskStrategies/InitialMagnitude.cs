using Bnn.Contract;
using Bnn.Core;

namespace MaskStrategies;

/// <summary>|w_i|, the largest stay: magnitude before anything was learned.</summary>
/// <remarks>Zhou et al. 2019, arXiv:1905.01067, "large init".</remarks>
[MaskStrategy("large-init", "|initial weight|: magnitude before training", Keep.Highest, Needs = Needs.DenseWeights,
    Group = "magnitude", Formula = "|w_i|", Reference = "Zhou et al. 2019, arXiv:1905.01067")]
public sealed class LargeInit : DenseCriterion
{
    protected override double Of(double initial, double final) => Math.Abs(initial);
}

/// <summary>|w_i|, the smallest stay.</summary>
/// <remarks>Zhou et al. 2019, arXiv:1905.01067, "small init".</remarks>
[MaskStrategy("small-init", "|initial weight|: the smallest stay", Keep.Lowest, Needs = Needs.DenseWeights,
    Group = "magnitude", Formula = "|w_i|", Reference = "Zhou et al. 2019, arXiv:1905.01067")]
public sealed class SmallInit : DenseCriterion
{
    protected override double Of(double initial, double final) => Math.Abs(initial);
}
