using System.Collections.Immutable;

namespace Bnn.Core;

/// <param name="Gradient">Of the mean cross entropy.</param>
/// <param name="InputActivity">√(mean of x²) of each input of each layer, [inputs].</param>
public sealed record NetworkProbe(PointWeights Gradient, ImmutableArray<float[]> InputActivity);
