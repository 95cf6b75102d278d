using Bnn.Contract;
using Bnn.Core;

namespace MaskStrategies;

/// <summary>
/// S(−w) = −w ⊙ Hg at the start: half of the change of the gradient flow ‖g‖², to first order, when the weight is removed. The lowest are
/// kept.
/// </summary>
/// <remarks>
/// Wang et al. 2020, arXiv:2002.07376: a high score means that removing the weight increases the gradient flow or reduces it least, so the
/// highest are pruned. They scale the logits by a temperature and use a few images per class; here the loss is that of training, over all
/// images.
/// </remarks>
[MaskStrategy("grasp", "−weight · (Hessian · gradient) at the start: keeps the weights whose removal reduces the gradient flow most",
    Keep.Lowest, Needs = Needs.Curvature,
    Group = "gradient", Formula = "−w₀·(Hg)", Reference = "GraSP, Wang et al. 2020, arXiv:2002.07376")]
public sealed class Grasp : IMaskStrategy
{
    public void Score(in LayerView layer, Span<double> criterion)
    {
        for (var i = 0; i < criterion.Length; i++) criterion[i] = -((double)layer.Start[i] * layer.HessianGradient[i]);
    }
}
