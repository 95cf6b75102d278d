using Bnn.Contract;

namespace MissingType;

/// <summary>Implements what only a doctored contract has.</summary>
[MaskStrategy("missing-type", "a case of the tests", Keep.Highest)]
public sealed class Strategy : IMaskStrategy, IUnheardOf
{
    public void Score(in LayerView layer, Span<double> criterion)
    {
        criterion.Fill(1);
    }
}
