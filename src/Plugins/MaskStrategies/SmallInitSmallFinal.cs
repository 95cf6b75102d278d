using Bnn.Contract;
using Bnn.Core;

namespace MaskStrategies;

/// <summary>Small before and small after training.</summary>
/// <remarks>Zhou et al. 2019, arXiv:1905.01067, "small init, small final".</remarks>
[MaskStrategy("small-init-small-final", "the smaller of the weight's ranks by −|initial| and −|final weight| in its layer: small in both",
    Keep.Highest, Needs = Needs.DenseWeights,
    Group = "magnitude", Formula = "min(rank −|w_i|, rank −|w_f|)", Reference = "Zhou et al. 2019, arXiv:1905.01067, here by ranks")]
public sealed class SmallInitSmallFinal : LesserRank
{
    protected override int Sign => -1;
}
