using Bnn.Contract;

namespace NoConstructor;

/// <summary>Nobody can know what to make it with.</summary>
[MaskStrategy("no-constructor", "a case of the tests", Keep.Highest)]
public sealed class Strategy(int size) : IMaskStrategy
{
    public void Score(in LayerView layer, Span<double> criterion) => criterion.Fill(size);
}
