using Bnn.Contract;
using Bnn.Core;

namespace MaskStrategies;

/// <summary>|w_f| − |w_i|: how far training moved the weight away from 0.</summary>
/// <remarks>Zhou et al. 2019, arXiv:1905.01067, "magnitude increase".</remarks>
[MaskStrategy("magnitude-increase", "increase of |weight| during training", Keep.Highest, Needs = Needs.DenseWeights,
    Group = "magnitude", Formula = "|w_f| − |w_i|", Reference = "Zhou et al. 2019, arXiv:1905.01067")]
public sealed class MagnitudeIncrease : DenseCriterion
{
    protected override double Of(double initial, double final) => Math.Abs(final) - Math.Abs(initial);
}
