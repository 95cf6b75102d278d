using System.Collections.Immutable;

namespace Bnn.Core;

/// <summary>What the loss looks like around some weights, over some images.</summary>
/// <param name="Gradient">∂/∂weights of the mean cross entropy, nats; shapes as the weights'.</param>
/// <param name="InputActivity">√(mean of x²) of each input of each layer, [inputs].</param>
public sealed record NetworkProbe(PointWeights Gradient, ImmutableArray<float[]> InputActivity);
