using Bnn.Contract;
using Bnn.Core;

namespace MaskStrategies;

/// <summary>The lesser of a weight's two ranks in its layer, by |w_i| and by |w_f|: a weight stays if it does well in both.</summary>
/// <remarks>
/// The paper scales one magnitude so that both cut the same share and takes the smaller; ranks need no scale and make the count exact. They run
/// from 0 over all weights of the layer, equal values by index. Layers of different sizes have different ranks, so under the global scope the
/// larger layers win.
/// </remarks>
public abstract class LesserRank : IMaskStrategy
{
    /// <summary>1 if large weights rank high, −1 if small ones do.</summary>
    protected abstract int Sign { get; }

    public void Score(in LayerView layer, Span<double> criterion)
    {
        var (initial, final) = (Ranks(layer.DenseInitial), Ranks(layer.DenseFinal));
        for (var i = 0; i < criterion.Length; i++) criterion[i] = Math.Min(initial[i], final[i]);
    }

    private int[] Ranks(ReadOnlySpan<float> weights)
    {
        var keys = new (float Value, int Index)[weights.Length];
        for (var i = 0; i < keys.Length; i++) keys[i] = (Sign * Math.Abs(weights[i]), i);
        Array.Sort(keys);
        var ranks = new int[keys.Length];
        for (var rank = 0; rank < keys.Length; rank++) ranks[keys[rank].Index] = rank;
        return ranks;
    }
}

/// <summary>Large before and large after training.</summary>
/// <remarks>Zhou et al. 2019, arXiv:1905.01067, "large init, large final".</remarks>
[MaskStrategy("large-init-large-final", "the lesser rank of |initial| and |final weight| in the layer: large in both",
    Keep.Highest, Needs = Needs.DenseWeights,
    Group = "magnitude", Formula = "min(rank |w_i|, rank |w_f|)", Reference = "Zhou et al. 2019, arXiv:1905.01067, here by ranks")]
public sealed class LargeInitLargeFinal : LesserRank
{
    protected override int Sign => 1;
}

/// <summary>Small before and small after training.</summary>
/// <remarks>Zhou et al. 2019, arXiv:1905.01067, "small init, small final".</remarks>
[MaskStrategy("small-init-small-final", "the lesser rank of −|initial| and −|final weight| in the layer: small in both",
    Keep.Highest, Needs = Needs.DenseWeights,
    Group = "magnitude", Formula = "min(rank −|w_i|, rank −|w_f|)", Reference = "Zhou et al. 2019, arXiv:1905.01067, here by ranks")]
public sealed class SmallInitSmallFinal : LesserRank
{
    protected override int Sign => -1;
}
