using Bnn.Contract;
using Bnn.Core;

namespace PluginTwin;

/// <summary>Takes a name that a shipped strategy has.</summary>
[MaskStrategy("variance", "another variance", Keep.Lowest)]
public sealed class TwinStrategy : IMaskStrategy
{
    public void Score(in LayerView layer, Span<double> criterion) => criterion.Clear();
}
