using Bnn.Core;

namespace Host.Plugins;

/// <summary>Names the tensors in which a strategy's input is sent to its child process, and makes them.</summary>
internal static class ScoringTensors
{
    public const string InitialMu = "initial_mu", InitialSigma = "initial_sigma", Mu = "mu", Sigma = "sigma";

    public const string DenseInitial = "dense_initial", DenseFinal = "dense_final", Start = "start";

    public const string Gradient = "gradient", HessianGradient = "hessian_gradient", InputActivity = "input_activity";

    /// <summary>The previous round's mask, as bytes.</summary>
    public const string Kept = "kept";

    /// <summary>Needs that include the weights at the start.</summary>
    public const Needs AtStart = Needs.Start | Needs.Gradients | Needs.Curvature | Needs.InputActivity;

    public static string SnapshotMu(int step) => $"snapshot{step}.mu";

    public static string SnapshotSigma(int step) => $"snapshot{step}.sigma";

    public static string Name(int layer, string what) => $"layer{layer + 1}.{what}";

    /// <summary>The tensors that a strategy asked for, and no others.</summary>
    public static List<NamedTensor> Of(ScoringInput input, Needs needs)
    {
        var tensors = new List<NamedTensor>();
        for (var l = 0; l < input.Net.Layers.Length; l++)
        {
            var (layer, shape) = (l, input.Net.Layers[l]);
            void Add(string what, float[]? values) => tensors.Add(NamedTensor.Of(Name(layer, what), [values!.Length], values));
            if (input.Kept is { } kept) tensors.Add(NamedTensor.Of(Name(layer, Kept), [shape.Weights], kept.Layers[l].Kept));
            if (needs.HasFlag(Needs.Posterior))
            {
                Add(InitialMu, input.Initial!.Layers[l].Mu);
                Add(InitialSigma, Sigmas(input.Initial!, input.Kept, l));
                Add(Mu, input.Final!.Layers[l].Mu);
                Add(Sigma, Sigmas(input.Final!, input.Kept, l));
            }
            if (needs.HasFlag(Needs.DenseWeights))
            {
                Add(DenseInitial, input.DenseInitial!.Layers[l].Weight);
                Add(DenseFinal, input.DenseFinal!.Layers[l].Weight);
            }
            if ((needs & AtStart) != Needs.Nothing) Add(Start, input.Start!.Layers[l].Weight);
            if (needs.HasFlag(Needs.Gradients)) Add(Gradient, input.Probe!.Gradient.Layers[l].Weight);
            if (needs.HasFlag(Needs.Curvature)) Add(HessianGradient, input.HessianGradient!.Layers[l].Weight);
            if (needs.HasFlag(Needs.InputActivity)) Add(InputActivity, input.Probe!.InputActivity[l]);
            if (!needs.HasFlag(Needs.Snapshots)) continue;
            foreach (var (step, posterior) in input.Snapshots)
            {
                Add(SnapshotMu(step), posterior.Layers[l].Mu);
                Add(SnapshotSigma(step), Sigmas(posterior, input.Kept, l));
            }
        }
        return tensors;
    }

    /// <summary>σ of a layer; 0 where a mask prunes, by definition.</summary>
    private static float[] Sigmas(PosteriorSnapshot posterior, Mask? mask, int layer)
    {
        var sigma = posterior.Layers[layer].Sigma();
        if (mask is null) return sigma;
        for (var i = 0; i < sigma.Length; i++)
            if (mask.Layers[layer].Kept[i] == 0) sigma[i] = 0;
        return sigma;
    }
}
