using Bnn.Contract;

namespace Crashes;

/// <summary>Takes the runtime down.</summary>
[MaskStrategy("crashes", "a case of the tests", Keep.Highest)]
public sealed class Strategy : IMaskStrategy
{
    public void Score(in LayerView layer, Span<double> criterion)
    {
        Environment.FailFast("the floor gave way");
    }
}
