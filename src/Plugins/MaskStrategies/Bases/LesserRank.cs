using Bnn.Contract;

namespace MaskStrategies;

/// <summary>
/// The smaller of a weight's two ranks in its layer, by |w_i| and by |w_f|: a weight is kept if it ranks high in both.
/// </summary>
/// <remarks>
/// The paper scales one of the magnitudes so that both cut the same share, and takes the smaller; ranks need no scale and make the count
/// exact. Ranks start at 0 and cover the layer's kept weights, with ties broken by index. Larger layers have larger ranks, so they win
/// under the global scope.
/// </remarks>
public abstract class LesserRank : IMaskStrategy
{
    /// <summary>1 if large weights rank high, −1 if small ones do.</summary>
    protected abstract int Sign { get; }

    public void Score(in LayerView layer, Span<double> criterion)
    {
        var (initial, final) = (Ranks(layer.DenseInitial, layer.Kept), Ranks(layer.DenseFinal, layer.Kept));
        for (var i = 0; i < criterion.Length; i++) criterion[i] = Math.Min(initial[i], final[i]);
    }

    /// <summary>Each kept weight's rank among the kept ones; 0 for the others.</summary>
    private int[] Ranks(ReadOnlySpan<float> weights, ReadOnlySpan<byte> kept)
    {
        var keys = new List<(float Value, int Index)>(weights.Length);
        for (var i = 0; i < weights.Length; i++) if (kept[i] != 0) keys.Add((Sign * Math.Abs(weights[i]), i));
        keys.Sort();
        var ranks = new int[weights.Length];
        for (var rank = 0; rank < keys.Count; rank++) ranks[keys[rank].Index] = rank;
        return ranks;
    }
}
