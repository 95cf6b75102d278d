using Bnn.Contract;

namespace Divides;

/// <summary>The share of the way from the least mean to the largest: 0/0 when all are equal.</summary>
[MaskStrategy("divides", "a case of the tests", Keep.Highest, Needs = Needs.Posterior)]
public sealed class Strategy : IMaskStrategy
{
    public void Score(in LayerView layer, Span<double> criterion)
    {
        var (least, most) = (double.PositiveInfinity, double.NegativeInfinity);
        foreach (var mu in layer.Mu) (least, most) = (Math.Min(least, mu), Math.Max(most, mu));
        for (var i = 0; i < criterion.Length; i++) criterion[i] = (layer.Mu[i] - least) / (most - least);
    }
}
