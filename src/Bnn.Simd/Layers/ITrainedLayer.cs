using Bnn.Core;

namespace Bnn.Simd;

/// <summary>A layer in training, whatever its layout.</summary>
internal interface ITrainedLayer : IDisposable
{
    LayerShape Shape { get; }

    /// <summary>Sets tiny weights and moments to +0.</summary>
    void Flush();

    /// <summary>Copies weights (means) and biases out; +0 at pruned weights that aren't frozen.</summary>
    void CopyTo(LayerWeights destination);

    /// <summary>Copies all that training changes out into a state or in from one, in the order of <see cref="StateLayout"/>.</summary>
    void Transfer(StateTransfer state);
}

/// <summary>A layer whose weights have a distribution.</summary>
internal interface IFlipoutLayer : ITrainedLayer
{
    /// <summary>
    /// KL of the current weights, nats: the lanes' sums of (σ²+μ²)/(2s₀²) − ln σ, and n·(ln s₀ − ½) for the n kept weights.
    /// </summary>
    double Kl { get; }

    LayerPosterior Snapshot();
}
