using Bnn.Contract;

namespace LaterContract;

/// <summary>Built against a contract of the future.</summary>
[MaskStrategy("later", "a case of the tests", Keep.Highest)]
public sealed class Strategy : IMaskStrategy
{
    public void Score(in LayerView layer, Span<double> criterion)
    {
        criterion.Fill(1);
    }
}
