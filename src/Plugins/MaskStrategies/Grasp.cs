using Bnn.Contract;
using Bnn.Core;

namespace MaskStrategies;

/// <summary>S(−w) = −w ⊙ Hg at the start: half of the change of ‖g‖², the gradient flow, when the weight goes. The lowest stay.</summary>
/// <remarks>
/// Wang et al. 2020, arXiv:2002.07376: a high score means that removal adds to the gradient flow or takes least from it, so the highest are
/// pruned. They scale the logits by a temperature and use a few images a class; here the loss is the training's own, over all images.
/// </remarks>
[MaskStrategy("grasp", "−weight · (Hessian · gradient) at the start: what the gradient flow would lose without it stays",
    Keep.Lowest, Needs = Needs.Curvature,
    Group = "gradient", Formula = "−w₀·(Hg)", Reference = "GraSP, Wang et al. 2020, arXiv:2002.07376")]
public sealed class Grasp : IMaskStrategy
{
    public void Score(in LayerView layer, Span<double> criterion)
    {
        for (var i = 0; i < criterion.Length; i++) criterion[i] = -((double)layer.Start[i] * layer.HessianGradient[i]);
    }
}
