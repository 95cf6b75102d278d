using Bnn.Contract;

namespace Fickle;

/// <summary>Other scores in another process.</summary>
[MaskStrategy("fickle", "a case of the tests", Keep.Highest)]
public sealed class Strategy : IMaskStrategy
{
    public void Score(in LayerView layer, Span<double> criterion)
    {
        for (var i = 0; i < criterion.Length; i++) criterion[i] = i % (Environment.ProcessId + 2);
    }
}
