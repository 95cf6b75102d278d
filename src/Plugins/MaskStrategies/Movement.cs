using Bnn.Contract;
using Bnn.Core;

namespace MaskStrategies;

/// <summary>|w_f − w_i|: how far training moved the weight, in either direction.</summary>
/// <remarks>Zhou et al. 2019, arXiv:1905.01067, "movement".</remarks>
[MaskStrategy("movement", "how far training moved the weight, in either direction", Keep.Highest, Needs = Needs.DenseWeights,
    Group = "magnitude", Formula = "|w_f − w_i|", Reference = "Zhou et al. 2019, arXiv:1905.01067")]
public sealed class Movement : DenseCriterion
{
    protected override double Of(double initial, double final) => Math.Abs(final - initial);
}
