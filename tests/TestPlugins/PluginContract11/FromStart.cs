using Bnn.Contract;
using Bnn.Core;

namespace PluginContract11;

/// <summary>|w₀|: the masks of large-init, for every net starts from the same weights.</summary>
[MaskStrategy("eleven-start", "|weight| at the start", Keep.Highest, Needs = Needs.Start)]
public sealed class FromStart : IMaskStrategy
{
    public void Score(in LayerView layer, Span<double> criterion)
    {
        for (var i = 0; i < criterion.Length; i++) criterion[i] = Math.Abs((double)layer.Start[i]);
    }
}

/// <summary>|g·w₀|: the masks of snip.</summary>
[MaskStrategy("eleven-gradients", "|gradient · weight| at the start", Keep.Highest, Needs = Needs.Gradients)]
public sealed class FromGradients : IMaskStrategy
{
    public void Score(in LayerView layer, Span<double> criterion)
    {
        for (var i = 0; i < criterion.Length; i++) criterion[i] = Math.Abs((double)layer.Gradient[i] * layer.Start[i]);
    }
}

/// <summary>−w₀·(Hg): the masks of grasp.</summary>
[MaskStrategy("eleven-curvature", "−weight · (Hessian · gradient) at the start", Keep.Lowest, Needs = Needs.Curvature)]
public sealed class FromCurvature : IMaskStrategy
{
    public void Score(in LayerView layer, Span<double> criterion)
    {
        for (var i = 0; i < criterion.Length; i++) criterion[i] = -((double)layer.Start[i] * layer.HessianGradient[i]);
    }
}

/// <summary>|w₀|·√(mean of x²): the masks of wanda.</summary>
[MaskStrategy("eleven-activity", "|weight| · root mean square of its input at the start", Keep.Highest, Needs = Needs.InputActivity)]
public sealed class FromInputActivity : IMaskStrategy
{
    public void Score(in LayerView layer, Span<double> criterion)
    {
        for (var i = 0; i < criterion.Length; i++)
            criterion[i] = Math.Abs((double)layer.Start[i]) * layer.InputActivity[i / layer.Outputs];
    }
}
