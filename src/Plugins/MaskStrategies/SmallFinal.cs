using Bnn.Contract;
using Bnn.Core;

namespace MaskStrategies;

/// <summary>|w_f|, the smallest are kept: the weights that <see cref="LargeFinal"/> prunes first.</summary>
/// <remarks>Zhou et al. 2019, arXiv:1905.01067, "small final".</remarks>
[MaskStrategy("small-final", "|final weight| of the dense net, keeping the smallest: the opposite of magnitude", Keep.Lowest,
    Needs = Needs.DenseWeights,
    Group = "magnitude", Formula = "|w_f|", Reference = "Zhou et al. 2019, arXiv:1905.01067")]
public sealed class SmallFinal : DenseCriterion
{
    protected override double Of(double initial, double final) => Math.Abs(final);
}
