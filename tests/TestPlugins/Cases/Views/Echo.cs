using Bnn.Contract;

namespace Echo;

/// <summary>Another strategy's criterion as it is given.</summary>
[MaskStrategy("echo", "what another says", Keep.Highest)]
public sealed class Strategy : IMaskStrategy
{
    [StrategyParameter("of", "whom to repeat", Default = "variance", IsStrategy = true)]
    public string Of { get; set; } = "";

    public void Score(in LayerView layer, Span<double> criterion) => layer.Other.CopyTo(criterion);
}
