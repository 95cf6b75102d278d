using Bnn.Contract;

namespace Infinite;

/// <summary>Infinity for one weight of the last layer.</summary>
[MaskStrategy("infinite", "a case of the tests", Keep.Highest)]
public sealed class Strategy : IMaskStrategy
{
    public void Score(in LayerView layer, Span<double> criterion)
    {
        criterion.Fill(1);
        if (layer.Index == 2) criterion[4] = double.PositiveInfinity;
    }
}
