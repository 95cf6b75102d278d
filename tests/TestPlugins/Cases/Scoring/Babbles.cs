using Bnn.Contract;

namespace Babbles;

/// <summary>Answers in the host's stead, with nonsense.</summary>
[MaskStrategy("babbles", "a case of the tests", Keep.Highest)]
public sealed class Strategy : IMaskStrategy
{
    public void Score(in LayerView layer, Span<double> criterion)
    {
        using var answers = new StreamWriter(Console.OpenStandardOutput());
        answers.WriteLine("\u0001host {nonsense");
        criterion.Fill(1);
    }
}
