namespace Bnn.Core;

/// <summary>
/// The names of a network's tensors, wherever they are stored; layers are numbered from 0 in code and from 1 in names.
/// </summary>
public static class TensorNames
{
    /// <summary>Means of a Flipout layer's weights, [inputs, outputs].</summary>
    public static string Mu(int layer) => $"layer{layer + 1}.mu";

    /// <summary>ρ of a Flipout layer, [inputs, outputs]; σ = scale_eps + softplus(ρ).</summary>
    public static string Rho(int layer) => $"layer{layer + 1}.rho";

    /// <summary>Weights of an ordinary layer, [inputs, outputs].</summary>
    public static string Weight(int layer) => $"layer{layer + 1}.weight";

    /// <summary>Bias of a layer, [outputs].</summary>
    public static string Bias(int layer) => $"layer{layer + 1}.bias";

    /// <summary>Adam's m of a parameter, in the parameter's shape.</summary>
    public static string FirstMoment(string parameter) => $"{parameter}.m";

    /// <summary>Adam's v of a parameter, in the parameter's shape.</summary>
    public static string SecondMoment(string parameter) => $"{parameter}.v";
}
