using Bnn.Contract;

namespace Floods;

/// <summary>Prints more than the host could hold, on both streams, without ending a line.</summary>
[MaskStrategy("floods", "a case of the tests", Keep.Highest)]
public sealed class Strategy : IMaskStrategy
{
    public void Score(in LayerView layer, Span<double> criterion)
    {
        var text = new byte[1 << 20];
        text.AsSpan().Fill((byte)'x');
        using var output = Console.OpenStandardOutput();
        using var errors = Console.OpenStandardError();
        for (var i = 0; layer.Index == 0 && i < 200; i++)
        {
            output.Write(text);
            errors.Write(text);
        }
        for (var i = 0; i < criterion.Length; i++) criterion[i] = i;
    }
}
