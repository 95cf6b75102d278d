using Bnn.Contract;
using Bnn.Core;

namespace MaskStrategies;

/// <summary>Large before and large after training.</summary>
/// <remarks>Zhou et al. 2019, arXiv:1905.01067, "large init, large final".</remarks>
[MaskStrategy("large-init-large-final", "the smaller of the weight's ranks by |initial| and |final weight| in its layer: large in both",
    Keep.Highest, Needs = Needs.DenseWeights,
    Group = "magnitude", Formula = "min(rank |w_i|, rank |w_f|)", Reference = "Zhou et al. 2019, arXiv:1905.01067, here by ranks")]
public sealed class LargeInitLargeFinal : LesserRank
{
    protected override int Sign => 1;
}
