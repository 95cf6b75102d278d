using Bnn.Contract;
using Bnn.Core;

namespace Samples;

/// <summary>|μ − μ₀|/σ: how many of its standard deviations training has moved a weight's mean.</summary>
[MaskStrategy("mean-shift", "how far training moved the mean, in units of its uncertainty", Keep.Highest, Needs = Needs.Posterior,
    Group = "samples", Formula = "|μ − μ₀|/σ", Reference = "samples/MeanShift")]
public sealed class MeanShift : IMaskStrategy
{
    [StrategyParameter("unit", "what the shift is divided by", Default = "final", Choices = "final,initial,none")]
    public string Unit { get; set; } = "final";

    public void Score(in LayerView layer, Span<double> criterion)
    {
        for (var i = 0; i < criterion.Length; i++)
        {
            var shift = Math.Abs((double)layer.Mu[i] - layer.InitialMu[i]);
            criterion[i] = shift / (Unit switch { "final" => layer.Sigma[i], "initial" => layer.InitialSigma[i], _ => 1 });
        }
    }
}
