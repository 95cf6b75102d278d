using Bnn.Contract;
using Bnn.Core;

namespace MaskStrategies;

/// <summary>|w_i|, the smallest are kept.</summary>
/// <remarks>Zhou et al. 2019, arXiv:1905.01067, "small init".</remarks>
[MaskStrategy("small-init", "|initial weight|, keeping the smallest", Keep.Lowest, Needs = Needs.DenseWeights,
    Group = "magnitude", Formula = "|w_i|", Reference = "Zhou et al. 2019, arXiv:1905.01067")]
public sealed class SmallInit : DenseCriterion
{
    protected override double Of(double initial, double final) => Math.Abs(initial);
}
