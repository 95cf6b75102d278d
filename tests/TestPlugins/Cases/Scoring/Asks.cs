using Bnn.Contract;

namespace Asks;

/// <summary>Reads its input, where the host's requests once came.</summary>
[MaskStrategy("asks", "a case of the tests", Keep.Highest)]
public sealed class Strategy : IMaskStrategy
{
    public void Score(in LayerView layer, Span<double> criterion) => criterion.Fill(Console.In.ReadLine() is null ? 1 : double.NaN);
}
