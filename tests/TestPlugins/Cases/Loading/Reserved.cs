using Bnn.Contract;

namespace Reserved;

/// <summary>Has a name that means something else on the command line.</summary>
[MaskStrategy("all", "a case of the tests", Keep.Highest)]
public sealed class Strategy : IMaskStrategy
{
    public void Score(in LayerView layer, Span<double> criterion) => criterion.Fill(1);
}
