using Bnn.Core;

namespace Bnn.Contract;

/// <summary>
/// What a strategy sees of one layer. Tensors are [inputs, outputs], row-major, unless noted; those that were not requested by
/// <see cref="MaskStrategyAttribute.Needs"/> are empty. "At the start" means with the weights of <see cref="Start"/>, pruned ones set to 0.
/// </summary>
public readonly ref struct LayerView
{
    /// <summary>The layer's number, from 0; the last is the output layer.</summary>
    public int Index { get; init; }

    public int Inputs { get; init; }

    public int Outputs { get; init; }

    /// <summary>
    /// 1 where the previous round's mask keeps the weight, 0 where it was pruned; all 1 in the first round. A pruned weight stays pruned,
    /// and whatever is scored there, finite or not, is ignored. A criterion that compares weights with one another, for instance by rank,
    /// must compare the kept ones only. Always there.
    /// </summary>
    /// <remarks>Since contract 1.2.</remarks>
    public ReadOnlySpan<byte> Kept { get; init; }

    /// <summary>
    /// μ₀, the Bayesian net's means before training; the dense net and every ticket start from them too. Needs.Posterior.
    /// </summary>
    public ReadOnlySpan<float> InitialMu { get; init; }

    /// <summary>σ₀ = 2⁻²³ + softplus(ρ₀). Needs.Posterior.</summary>
    public ReadOnlySpan<float> InitialSigma { get; init; }

    /// <summary>μ after training. Needs.Posterior.</summary>
    public ReadOnlySpan<float> Mu { get; init; }

    /// <summary>σ = 2⁻²³ + softplus(ρ) after training. Needs.Posterior.</summary>
    public ReadOnlySpan<float> Sigma { get; init; }

    /// <summary>The dense net's weights before training. Needs.DenseWeights.</summary>
    public ReadOnlySpan<float> DenseInitial { get; init; }

    /// <summary>The dense net's weights after training. Needs.DenseWeights.</summary>
    public ReadOnlySpan<float> DenseFinal { get; init; }

    /// <summary>
    /// The weights that every net starts from, μ₀ before any mask. Needs.Start, Gradients, Curvature or InputActivity.
    /// </summary>
    public ReadOnlySpan<float> Start { get; init; }

    /// <summary>The gradient g = ∂L/∂w of the mean cross entropy L over the training images, at the start. Needs.Gradients.</summary>
    public ReadOnlySpan<float> Gradient { get; init; }

    /// <summary>
    /// The weights' part of H·g at the start, where H is the Hessian of L and g its gradient with respect to weights and biases; computed
    /// as a central difference of gradients. Needs.Curvature.
    /// </summary>
    public ReadOnlySpan<float> HessianGradient { get; init; }

    /// <summary>√(mean of x²) of each input x of the layer over the training images, at the start, [inputs]. Needs.InputActivity.</summary>
    public ReadOnlySpan<float> InputActivity { get; init; }

    /// <summary>The posterior during training, earliest first. Needs.Snapshots.</summary>
    public ReadOnlySpan<PosteriorMoment> Snapshots { get; init; }

    /// <summary>
    /// The criterion of the strategy that a parameter names, with its sign changed if its lowest are kept, so that here the highest are.
    /// Empty without such a parameter.
    /// </summary>
    public ReadOnlySpan<double> Other { get; init; }

    /// <summary>Random numbers of this strategy, seed and layer.</summary>
    public StrategyRandom Random { get; init; }
}

/// <summary>A layer's posterior during training.</summary>
/// <param name="Step">The number of updates done.</param>
/// <param name="Mu">[inputs, outputs].</param>
/// <param name="Sigma">[inputs, outputs].</param>
public readonly record struct PosteriorMoment(int Step, ReadOnlyMemory<float> Mu, ReadOnlyMemory<float> Sigma);

/// <summary>
/// Random numbers that depend only on the experiment's seed, the strategy's name and the layer, so they are the same in every run.
/// </summary>
public readonly struct StrategyRandom
{
    private readonly RandomStream _stream;
    private readonly int _strategy;

    public StrategyRandom(Seed seed, string strategy, int layer)
    {
        _stream = seed.Stream(StreamName.StrategyRandom, layer);
        _strategy = NameNumber(strategy);
    }

    /// <summary>Number <paramref name="index"/> of the stream, uniform in [0, 1), with 53 random bits.</summary>
    public double Uniform(int index)
    {
        var block = _stream.Block(_strategy, (uint)index);
        return (((ulong)block.W0 << 32 | block.W1) >> 11) * (1.0 / (1L << 53));
    }

    /// <summary>FNV-1a hash of the name's characters, so that different strategies draw different numbers.</summary>
    private static int NameNumber(string name)
    {
        var hash = 2166136261u;
        foreach (var letter in name) hash = (hash ^ letter) * 16777619u;
        return (int)hash;
    }
}
