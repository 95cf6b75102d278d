using Bnn.Contract;

namespace Impostor;

/// <summary>Answers in the host's stead, with scores that it never gave.</summary>
[MaskStrategy("impostor", "a case of the tests", Keep.Highest)]
public sealed class Strategy : IMaskStrategy
{
    public void Score(in LayerView layer, Span<double> criterion)
    {
        using var answers = new StreamWriter(Console.OpenStandardOutput());
        answers.WriteLine("\u0001host {\"Reason\":\"\",\"ElapsedMs\":1}");
        criterion.Fill(double.NaN);
    }
}
