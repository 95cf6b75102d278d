using Bnn.Contract;
using Bnn.Core;

namespace MaskStrategies;

/// <summary>|w_i|, the largest are kept: magnitude before anything is learned.</summary>
/// <remarks>Zhou et al. 2019, arXiv:1905.01067, "large init".</remarks>
[MaskStrategy("large-init", "|initial weight|: magnitude before training", Keep.Highest, Needs = Needs.DenseWeights,
    Group = "magnitude", Formula = "|w_i|", Reference = "Zhou et al. 2019, arXiv:1905.01067")]
public sealed class LargeInit : DenseCriterion
{
    protected override double Of(double initial, double final) => Math.Abs(initial);
}
