using Bnn.Core;

namespace Bnn.Contract;

/// <summary>What a strategy sees of one layer. Tensors are [inputs, outputs], row-major; those not asked for in <see cref="Needs"/> are empty.</summary>
public readonly ref struct LayerView
{
    /// <summary>From 0; the last is the output layer.</summary>
    public int Index { get; init; }

    public int Inputs { get; init; }

    public int Outputs { get; init; }

    /// <summary>μ₀, the Bayesian net's means before training; the start of the dense net and of every ticket too. Needs the posterior.</summary>
    public ReadOnlySpan<float> InitialMu { get; init; }

    /// <summary>σ₀ = 2⁻²³ + softplus(ρ₀). Needs the posterior.</summary>
    public ReadOnlySpan<float> InitialSigma { get; init; }

    /// <summary>μ after training. Needs the posterior.</summary>
    public ReadOnlySpan<float> Mu { get; init; }

    /// <summary>σ = 2⁻²³ + softplus(ρ) after training. Needs the posterior.</summary>
    public ReadOnlySpan<float> Sigma { get; init; }

    /// <summary>The dense net's weights before training. Needs the dense weights.</summary>
    public ReadOnlySpan<float> DenseInitial { get; init; }

    /// <summary>The dense net's weights after training. Needs the dense weights.</summary>
    public ReadOnlySpan<float> DenseFinal { get; init; }

    /// <summary>The weights every net starts from: μ₀, whole. Needs the start, gradients, curvature or input activity.</summary>
    public ReadOnlySpan<float> Start { get; init; }

    /// <summary>∂/∂w of the mean cross entropy over the training images, at the start. Needs gradients.</summary>
    public ReadOnlySpan<float> Gradient { get; init; }

    /// <summary>H·g at the start: the weights' part of the Hessian's product with the gradient by weights and biases. Needs curvature.</summary>
    public ReadOnlySpan<float> HessianGradient { get; init; }

    /// <summary>√(mean of x²) of each input of the layer over the training images, with the weights of the start, [inputs]. Needs input activity.</summary>
    public ReadOnlySpan<float> InputActivity { get; init; }

    /// <summary>The posterior on the way, earliest first. Needs snapshots.</summary>
    public ReadOnlySpan<PosteriorMoment> Snapshots { get; init; }

    /// <summary>The criterion of the strategy that a parameter names, turned so that its highest stay. Empty without such a parameter.</summary>
    public ReadOnlySpan<double> Other { get; init; }

    /// <summary>Random numbers of this strategy, seed and layer.</summary>
    public StrategyRandom Random { get; init; }
}

/// <summary>A layer's posterior after some steps.</summary>
/// <param name="Step">Updates done.</param>
/// <param name="Mu">[inputs, outputs].</param>
/// <param name="Sigma">[inputs, outputs].</param>
public readonly record struct PosteriorMoment(int Step, ReadOnlyMemory<float> Mu, ReadOnlyMemory<float> Sigma);

/// <summary>Random numbers that depend on the experiment's seed, the strategy's name and the layer alone: the same in every run.</summary>
public readonly struct StrategyRandom
{
    private readonly RandomStream _stream;
    private readonly int _strategy;

    public StrategyRandom(Seed seed, string strategy, int layer)
    {
        _stream = seed.Stream(StreamName.StrategyRandom, layer);
        _strategy = NameNumber(strategy);
    }

    /// <summary>The <paramref name="index"/>-th number of the stream, uniform in [0, 1), 53 bits.</summary>
    public double Uniform(int index)
    {
        var block = _stream.Block(_strategy, (uint)index);
        return (((ulong)block.W0 << 32 | block.W1) >> 11) * (1.0 / (1L << 53));
    }

    /// <summary>FNV-1a of the name's characters: strategies draw from different places of the generator.</summary>
    private static int NameNumber(string name)
    {
        var hash = 2166136261u;
        foreach (var letter in name) hash = (hash ^ letter) * 16777619u;
        return (int)hash;
    }
}
