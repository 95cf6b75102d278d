using Bnn.Contract;

namespace MissingMember;

/// <summary>Calls what only a doctored contract has.</summary>
[MaskStrategy("missing-member", "a case of the tests", Keep.Highest)]
public sealed class Strategy : IMaskStrategy
{
    public Strategy()
    {
        _ = new StrategyRandom(default, "", 0).Unheard();
    }

    public void Score(in LayerView layer, Span<double> criterion) => criterion.Fill(layer.Index);
}
