using Bnn.Contract;

namespace MaskStrategies;

/// <summary>A criterion c of the dense net, with every weight that changed sign in training ranked below all that kept theirs.</summary>
/// <remarks>
/// A weight whose w_i and w_f have opposite signs gets c − 4m, where m is the largest |w_i| or |w_f| among the network's kept weights.
/// Since |c| ≤ m, that is below every unchanged weight of any layer, and the changed weights keep their order, except that differences of
/// less than 2⁻⁵⁰·m become ties. The paper gives all of them 0, which leaves their order to chance once only they are left to prune. A
/// weight that is 0 before or after training counts as unchanged.
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
            var layer = network.Layer(l);
            for (var i = 0; i < layer.Kept.Length; i++)
            {
                if (layer.Kept[i] == 0) continue;
                largest = Math.Max(largest, Math.Max(Math.Abs(layer.DenseInitial[i]), Math.Abs(layer.DenseFinal[i])));
            }
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
