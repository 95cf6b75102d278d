using Bnn.Contract;

namespace BadParameter;

/// <summary>No flag can give it a date.</summary>
[MaskStrategy("bad-parameter", "a case of the tests", Keep.Highest)]
public sealed class Strategy : IMaskStrategy
{
    [StrategyParameter("day", "when", Default = "1970-01-01")]
    public DateTime Day { get; set; }

    public void Score(in LayerView layer, Span<double> criterion) => criterion.Fill(Day.Ticks);
}
