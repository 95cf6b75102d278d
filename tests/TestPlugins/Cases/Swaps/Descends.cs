using Bnn.Contract;

namespace Sways;

/// <summary>Keeps the first weights; <c>Ascends</c> has the same name and keeps the last.</summary>
[MaskStrategy("sways", "a case of the tests", Keep.Highest)]
public sealed class Strategy : IMaskStrategy
{
    public void Score(in LayerView layer, Span<double> criterion)
    {
        for (var i = 0; i < criterion.Length; i++) criterion[i] = -i;
    }
}
