using Bnn.Contract;

namespace MaskStrategies;

/// <summary>A criterion computed from one weight of the dense net at a time, from its values before and after training.</summary>
public abstract class DenseCriterion : IMaskStrategy
{
    /// <param name="initial">w_i, before training.</param>
    /// <param name="final">w_f, after training.</param>
    protected abstract double Of(double initial, double final);

    public void Score(in LayerView layer, Span<double> criterion)
    {
        for (var i = 0; i < criterion.Length; i++) criterion[i] = Of(layer.DenseInitial[i], layer.DenseFinal[i]);
    }
}
