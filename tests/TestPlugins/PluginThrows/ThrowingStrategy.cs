using Bnn.Contract;
using Bnn.Core;

namespace PluginThrows;

/// <summary>Fails when it is asked for scores.</summary>
[MaskStrategy("throws", "nothing: it throws", Keep.Highest)]
public sealed class ThrowingStrategy : IMaskStrategy
{
    public void Score(in LayerView layer, Span<double> criterion) => throw new InvalidOperationException("the dice fell off the table");
}
