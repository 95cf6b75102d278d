using Bnn.Contract;
using Bnn.Core;

namespace MaskStrategies;

/// <summary>|w_f| of the weights that kept their sign; those that changed it rank below them.</summary>
/// <remarks>Zhou et al. 2019, arXiv:1905.01067, "large final, same sign": the criterion of their supermasks.</remarks>
[MaskStrategy("large-final-same-sign", "|final weight|; weights that changed sign in training rank last", Keep.Highest,
    Needs = Needs.DenseWeights,
    Group = "magnitude", Formula = "|w_f|, minus 4·max|w| if w_i·w_f < 0", Reference = "Zhou et al. 2019, arXiv:1905.01067")]
public sealed class LargeFinalSameSign : SameSign
{
    protected override double Of(double initial, double final) => Math.Abs(final);
}
