using Bnn.Contract;

namespace Hangs;

/// <summary>Does not return.</summary>
[MaskStrategy("hangs", "a case of the tests", Keep.Highest)]
public sealed class Strategy : IMaskStrategy
{
    public void Score(in LayerView layer, Span<double> criterion)
    {
        while (true) Thread.SpinWait(1000);
    }
}
