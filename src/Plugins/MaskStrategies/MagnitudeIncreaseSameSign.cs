using Bnn.Contract;
using Bnn.Core;

namespace MaskStrategies;

/// <summary>|w_f| − |w_i| of the weights that kept their sign; those that changed it rank below them.</summary>
/// <remarks>
/// The rule of <see cref="LargeFinalSameSign"/> applied to <see cref="MagnitudeIncrease"/>; after Zhou et al. 2019, arXiv:1905.01067.
/// </remarks>
[MaskStrategy("magnitude-increase-same-sign", "increase of |weight| during training; weights that changed sign rank last",
    Keep.Highest, Needs = Needs.DenseWeights,
    Group = "magnitude", Formula = "|w_f| − |w_i|, minus 4·max|w| if w_i·w_f < 0", Reference = "after Zhou et al. 2019, arXiv:1905.01067")]
public sealed class MagnitudeIncreaseSameSign : SameSign
{
    protected override double Of(double initial, double final) => Math.Abs(final) - Math.Abs(initial);
}
