using Bnn.Contract;

namespace Mumbles;

/// <summary>Writes on the process's own output as native code does, no whole lines.</summary>
[MaskStrategy("mumbles", "a case of the tests", Keep.Highest)]
public sealed class Strategy : IMaskStrategy
{
    public void Score(in LayerView layer, Span<double> criterion)
    {
        using var output = Console.OpenStandardOutput();
        output.Write("mumble\nmumble"u8);
        for (var i = 0; i < criterion.Length; i++) criterion[i] = i;
    }
}
