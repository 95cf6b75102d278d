using Bnn.Contract;
using Bnn.Core;

namespace PluginNaN;

/// <summary>Scores that are no numbers, in the second layer only.</summary>
[MaskStrategy("nan", "0/0 for weight 7 of layer 2", Keep.Highest)]
public sealed class NaNStrategy : IMaskStrategy
{
    public void Score(in LayerView layer, Span<double> criterion)
    {
        criterion.Fill(1);
        if (layer.Index == 1) criterion[7] = double.NaN;
    }
}
