using Bnn.Contract;
using Bnn.Core;

namespace MaskStrategies;

/// <summary>A criterion of the dense net, c, under which every weight that changed its sign in training ranks below all that kept theirs.</summary>
/// <remarks>
/// A weight whose w_i and w_f have opposite signs gets c − 4m, m the largest |w_i| or |w_f| of the network: as |c| ≤ m, that lies below every
/// unchanged weight of any layer, and keeps the order of the changed ones (differences of less than 2⁻⁵⁰·m become ties). The paper gives
/// them all 0, which leaves their order to chance once none but they are left to prune. 0 has no sign to change.
/// </remarks>
public abstract class SameSign : INetworkMaskStrategy
{
    /// <inheritdoc cref="DenseCriterion.Of"/>
    protected abstract double Of(double initial, double final);

    public void Score(INetworkView network)
    {
        var largest = 0.0;
        for (var l = 0; l < network.Layers; l++)
        {
            foreach (var weight in network.Layer(l).DenseInitial) largest = Math.Max(largest, Math.Abs(weight));
            foreach (var weight in network.Layer(l).DenseFinal) largest = Math.Max(largest, Math.Abs(weight));
        }
        for (var l = 0; l < network.Layers; l++)
        {
            var layer = network.Layer(l);
            var criterion = network.Criterion(l);
            for (var i = 0; i < criterion.Length; i++)
            {
                double initial = layer.DenseInitial[i], final = layer.DenseFinal[i];
                criterion[i] = Of(initial, final) - (initial * final < 0 ? 4 * largest : 0);
            }
        }
    }
}

/// <summary>|w_f| of the weights that kept their sign; the others rank below them.</summary>
/// <remarks>Zhou et al. 2019, arXiv:1905.01067, "large final, same sign": the criterion of their supermasks.</remarks>
[MaskStrategy("large-final-same-sign", "|final weight|, those that changed sign in training last", Keep.Highest, Needs = Needs.DenseWeights,
    Group = "magnitude", Formula = "|w_f|, less 4·max|w| if w_i·w_f < 0", Reference = "Zhou et al. 2019, arXiv:1905.01067")]
public sealed class LargeFinalSameSign : SameSign
{
    protected override double Of(double initial, double final) => Math.Abs(final);
}

/// <summary>|w_f| − |w_i| of the weights that kept their sign; the others rank below them.</summary>
/// <remarks>The rule of <see cref="LargeFinalSameSign"/> on <see cref="MagnitudeIncrease"/>; after Zhou et al. 2019, arXiv:1905.01067.</remarks>
[MaskStrategy("magnitude-increase-same-sign", "by how much training enlarged |weight|, those that changed sign last",
    Keep.Highest, Needs = Needs.DenseWeights,
    Group = "magnitude", Formula = "|w_f| − |w_i|, less 4·max|w| if w_i·w_f < 0", Reference = "after Zhou et al. 2019, arXiv:1905.01067")]
public sealed class MagnitudeIncreaseSameSign : SameSign
{
    protected override double Of(double initial, double final) => Math.Abs(final) - Math.Abs(initial);
}
