using Bnn.Contract;
using Bnn.Core;

namespace MaskStrategies;

/// <summary>|w_f|, the largest are kept: the same masks as <see cref="Magnitude"/>, under the name that Zhou et al. use.</summary>
/// <remarks>Zhou et al. 2019, arXiv:1905.01067, "large final".</remarks>
[MaskStrategy("large-final", "|final weight| of the dense net; the same as magnitude", Keep.Highest, Needs = Needs.DenseWeights,
    Group = "magnitude", Formula = "|w_f|", Reference = "Zhou et al. 2019, arXiv:1905.01067")]
public sealed class LargeFinal : DenseCriterion
{
    protected override double Of(double initial, double final) => Math.Abs(final);
}
