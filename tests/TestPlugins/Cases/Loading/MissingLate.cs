using Bnn.Contract;

namespace MissingLate;

/// <summary>Calls what only a doctored contract has, when it scores.</summary>
[MaskStrategy("missing-late", "a case of the tests", Keep.Highest)]
public sealed class Strategy : IMaskStrategy
{
    public void Score(in LayerView layer, Span<double> criterion)
    {
        criterion.Fill(layer.Random.Unheard());
    }
}
