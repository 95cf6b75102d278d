using Bnn.Contract;

namespace BadName;

/// <summary>Its name could not be typed.</summary>
[MaskStrategy("Bad Name", "a case of the tests", Keep.Highest)]
public sealed class Strategy : IMaskStrategy
{
    public void Score(in LayerView layer, Span<double> criterion)
    {
        criterion.Fill(1);
    }
}
