using Bnn.Contract;

namespace BadDefault;

/// <summary>Its default is outside its own range.</summary>
[MaskStrategy("bad-default", "a case of the tests", Keep.Highest)]
public sealed class Strategy : IMaskStrategy
{
    [StrategyParameter("share", "from 0 to 1", Default = "seven", Least = 0, Most = 1)]
    public double Share { get; set; }

    public void Score(in LayerView layer, Span<double> criterion) => criterion.Fill(Share);
}
