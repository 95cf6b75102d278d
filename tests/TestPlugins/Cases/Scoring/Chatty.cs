using Bnn.Contract;

namespace Chatty;

/// <summary>Talks on both streams, more than a pipe holds.</summary>
[MaskStrategy("chatty", "a case of the tests", Keep.Highest)]
public sealed class Strategy : IMaskStrategy
{
    public void Score(in LayerView layer, Span<double> criterion)
    {
        for (var i = 0; i < 3000; i++)
        {
            Console.Out.WriteLine($"chat {i}: {new string('o', 80)}");
            Console.Error.WriteLine($"mutter {i}: {new string('e', 80)}");
        }
        for (var i = 0; i < criterion.Length; i++) criterion[i] = i;
    }
}
