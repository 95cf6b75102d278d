using Bnn.Contract;

namespace Knobs;

/// <summary>A parameter of each type, each to be seen in the mask.</summary>
[MaskStrategy("knobs", "a weight's place, as its knobs turn it", Keep.Highest,
    Group = "tests", Formula = "±i, count first", Reference = "nobody")]
public sealed class Strategy : IMaskStrategy
{
    [StrategyParameter("alpha", "share of the weights that are lifted", Default = "0.5", Least = 0, Most = 1)]
    public double Alpha { get; set; } = -1;

    [StrategyParameter("count", "weight that comes first", Default = "2", Least = 1, Most = 9)]
    public int Count { get; set; } = -1;

    [StrategyParameter("flag", "whether the order is turned", Default = "false")]
    public bool Flag { get; set; } = true;

    [StrategyParameter("mode", "whether the lifted come first", Default = "a", Choices = "a,b,both ways")]
    public string Mode { get; set; } = "";

    public void Score(in LayerView layer, Span<double> criterion)
    {
        for (var i = 0; i < criterion.Length; i++)
        {
            criterion[i] = i == Count ? 1e9 : Flag ? i : -i;
            if (Mode == "b" && i < Alpha * criterion.Length) criterion[i] += 1e6;
        }
    }
}
