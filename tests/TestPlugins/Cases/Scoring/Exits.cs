using Bnn.Contract;

namespace Exits;

/// <summary>Ends the process as if all were well.</summary>
[MaskStrategy("exits", "a case of the tests", Keep.Highest)]
public sealed class Strategy : IMaskStrategy
{
    public void Score(in LayerView layer, Span<double> criterion)
    {
        Environment.Exit(0);
    }
}
