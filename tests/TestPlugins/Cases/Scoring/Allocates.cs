using Bnn.Contract;

namespace Allocates;

/// <summary>Takes memory until there is none.</summary>
[MaskStrategy("allocates", "a case of the tests", Keep.Highest)]
public sealed class Strategy : IMaskStrategy
{
    public void Score(in LayerView layer, Span<double> criterion)
    {
        var all = new List<byte[]>();
        while (true) all.Add(new byte[1 << 26]);
    }
}
